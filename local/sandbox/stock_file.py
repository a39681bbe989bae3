"""A stock file as an airline's suppliers send them: 10,000 rows for real airports, some of them bad."""

import csv
import io
import random
from dataclasses import dataclass

# IATA codes of large airports.
AIRPORTS = (  # noqa: SIM905 - as a list it would take 70 lines
    "AMS ATL AUH BCN BKK BOM BOS BRU CAI CDG CGK CLT CPH CPT DEL DEN DFW DOH DUB DXB EWR FCO FRA GIG GRU "
    "HEL HKG HND IAD IAH ICN IST JFK JNB KUL LAS LAX LGW LHR LIM LIS MAD MAN MEL MEX MIA MSP MUC NRT ORD "
    "OSL OTP PEK PHX PRG SEA SFO SIN SYD TLV VIE WAW YUL YVR YYZ ZRH"
).split()
PRODUCTS = ("WATER-500", "COFFEE-BEANS", "HEADSET-NC", "BLANKET-WOOL")
_BAD = (
    ("{product}", "{place}", "minus one", "2026-11-20"),
    ("{product}", "{place}", "-3", "2026-11-20"),
    ("", "{place}", "5", "2026-11-20"),
    ("{product}", "", "5", "2026-11-20"),
    ("{product}", "{place}", "5", "20 November"),
)


@dataclass(frozen=True)
class StockFile:
    """`content` is CSV in UTF-8; `rows` counts all without the header, `bad_rows` those to be refused."""

    content: bytes
    rows: int
    bad_rows: int


def make(rows: int = 10_000, bad_rows: int = 100, *, day: str = "2026-11-20", seed: int = 7) -> StockFile:
    """The same arguments make the same file. No product and airport come twice."""
    chance = random.Random(seed)  # noqa: S311 - a stock file is no secret
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow(("product_id", "location", "quantity", "update_date"))
    bad_lines = set(chance.sample(range(rows), bad_rows))
    for number in range(rows):
        product, place = _what(number), AIRPORTS[number % len(AIRPORTS)]
        if number in bad_lines:
            pattern = _BAD[number % len(_BAD)]
            lines.writerow(field.format(product=product, place=place) for field in pattern)
        else:
            lines.writerow((product, place, chance.randint(5, 80), day))
    return StockFile(out.getvalue().encode(), rows, bad_rows)


def _what(number: int) -> str:
    """The first round over the airports is for the known products, the rest for numbered ones."""
    round_ = number // len(AIRPORTS)
    return PRODUCTS[round_] if round_ < len(PRODUCTS) else f"SKU-{round_:05d}"
