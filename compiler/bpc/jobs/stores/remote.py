"""What one kind of location tells rclone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Remote:
    """Settings of an rclone remote.

    `root` is the path that folders begin at, such as the bucket. `settings` are rclone's own, in capitals.
    `credentials` is the setting that names the credentials file; None where a script reads that file itself.
    `ports` are what a job connects to. `claim` is the PersistentVolumeClaim of a store that is a volume.
    """

    root: str
    settings: Mapping[str, str]
    credentials: str | None
    ports: tuple[int, ...] = (443,)
    claim: str | None = None


def port_of(address: str) -> int:
    """Return the port that an address leads to."""
    parts = urlsplit(address)
    return parts.port or (80 if parts.scheme == "http" else 443)
