"""A release number of something that runs on a cluster."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RELEASE = re.compile(r"v?(0|[1-9][0-9]{0,5})\.(0|[1-9][0-9]{0,5})(?:\.(0|[1-9][0-9]{0,5}))?")


@dataclass(frozen=True, slots=True, order=True)
class Release:
    """A release, ordered by number and not as text.

    Where no patch release is known, the first one is meant: what that one lacks must not be emitted.
    """

    major: int
    minor: int
    patch: int = 0

    @classmethod
    def parse(cls, text: str) -> Release:
        """Read `1.31`, `1.31.4` or `v1.31.4`; anything else is a ValueError."""
        match = _RELEASE.fullmatch(text)
        if match is None:
            raise ValueError(f"`{text}` is not a release such as `1.31` or `1.31.4`")
        major, minor, patch = match.groups(default="0")
        return cls(int(major), int(minor), int(patch))

    @property
    def series(self) -> str:
        """Major and minor number, such as `1.31`."""
        return f"{self.major}.{self.minor}"

    def __str__(self) -> str:
        return f"{self.series}.{self.patch}"
