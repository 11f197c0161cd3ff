"""Tools that come from npm, with everything that they need, into a folder of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.acceptance.tools.model import cache, run


@dataclass(frozen=True)
class Package:
    """One version of a package; its programs are in `node_modules/.bin`."""

    name: str
    version: str

    @property
    def label(self) -> str:
        """Name the source in the record and in the names of logs."""
        return f"npm-{self.name}"

    def obtain(self) -> Path:
        """Install, unless that is done."""
        root = cache() / self.label
        complete = root / f".complete-{self.version}"
        if not complete.exists():
            root.mkdir(parents=True, exist_ok=True)
            run(
                self.label,
                [
                    *("npm", "install", "--no-audit", "--no-fund", "--ignore-scripts"),
                    *("--prefix", root, f"{self.name}@{self.version}"),
                ],
                seconds=600,
            )
            complete.touch()
        return root
