"""Which web origins may read an answer."""

_READABLE = "Idempotency-Replayed, Location, Retry-After, X-Correlation-Id"  # by scripts in browsers


def cors_headers(allowed: str, origin: str | None) -> dict[str, list[str]]:
    """Headers for an answer to `origin`. `allowed` is `*`, or origins separated by commas.

    An origin that is not listed is told the first one that is, so its browser keeps the answer from it.
    """
    listed = allowed.split(",")
    named = origin if origin in listed else listed[0]
    return {
        "Access-Control-Allow-Origin": [named],
        "Access-Control-Expose-Headers": [_READABLE],
        **({"Vary": ["Origin"]} if len(listed) > 1 else {}),
    }
