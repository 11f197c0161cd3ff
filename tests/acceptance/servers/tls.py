"""An authority of our own, and certificates from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.servers.process import LOCALHOST, Words, call

NAMES = ("localhost", LOCALHOST, "::1")
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc"]


@dataclass(frozen=True)
class KeyPair:
    """A certificate and its key."""

    certificate: Path
    key: Path

    @property
    def files(self) -> tuple[Path, Path]:
        """Return both files."""
        return self.certificate, self.key


def alternative(name: str) -> str:
    """Return how a certificate lists a name or an address."""
    number = name.replace(".", "").isdigit() or ":" in name
    return f"{'IP' if number else 'DNS'}:{name}"


class Authority:
    """A certificate authority in a directory, with its own certificate in `ca.crt`."""

    def __init__(self, directory: Path, name: str = "acceptance-ca") -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.certificate = directory / "ca.crt"
        self.key = directory / "ca.key"
        usage = ["-addext", "keyUsage=critical,keyCertSign,cRLSign"]
        self.request(self.certificate, self.key, f"/CN={name}", usage)

    def request(
        self, certificate: Path, key: Path, subject: str, more: Sequence[str | Path]
    ) -> None:
        """Make a key and a certificate for it."""
        output: Words = ["-days", "30", "-subj", subject, "-keyout", key, "-out", certificate]
        call(["openssl", "req", "-x509", *KEY, *output, *more])

    def issue(
        self,
        stem: str,
        *,
        subject: str = "/CN=localhost",
        hosts: Sequence[str] = (),
        usages: str = "serverAuth",
    ) -> KeyPair:
        """Make `stem.crt` and `stem.key`, valid for loopback and for the hosts named."""
        pair = KeyPair(self.directory / f"{stem}.crt", self.directory / f"{stem}.key")
        names = ",".join(alternative(name) for name in (*NAMES, *hosts))
        extensions = [
            "basicConstraints=critical,CA:FALSE",
            f"subjectAltName={names}",
            f"extendedKeyUsage={usages}",
        ]
        more: list[str | Path] = ["-CA", self.certificate, "-CAkey", self.key]
        for extension in extensions:
            more += ["-addext", extension]
        self.request(*pair.files, subject, more)
        return pair
