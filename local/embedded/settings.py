"""What the command line says, and the clean environment that ministack reads when it is imported."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ADMINISTRATOR_KEY = "test"
ADMINISTRATOR_SECRET = "test"  # noqa: S105 - the emulator's published root credential

KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class Settings:
    port: int = 4566
    region: str = "eu-west-1"
    interpreters: Mapping[str, str] = field(default_factory=dict)
    idle_worker_seconds: float = 30.0
    sample_seconds: float = 2.0
    scratch: Path = Path()
    """Unpacked code and layers; made at start, removed at stop."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def clean_environment(settings: Settings, outer: Mapping[str, str]) -> dict[str, str]:
    """The whole environment of the emulator: nothing of the caller's account, profile or Python leaks in."""
    return {
        **{name: outer[name] for name in KEPT if name in outer},
        "AUTH": "true",
        "AWS_ACCESS_KEY_ID": ADMINISTRATOR_KEY,
        "AWS_SECRET_ACCESS_KEY": ADMINISTRATOR_SECRET,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ENDPOINT_URL": settings.url,
        "GATEWAY_PORT": str(settings.port),
        "MINISTACK_REGION": settings.region,
        "LOG_LEVEL": "INFO",
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": "unix:///nonexistent",
    }
