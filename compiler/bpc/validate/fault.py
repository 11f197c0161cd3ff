"""What is wrong with a generated object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from bpc.diagnostics import Pointer

# Rules run on objects whose types a schema has checked, which no annotation can express.
Manifest: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """A flaw at `pointer` inside a generated object."""

    pointer: Pointer
    message: str

    def __str__(self) -> str:
        place = "/".join(str(step) for step in self.pointer)
        return f"{place}: {self.message}" if place else self.message


def shorten(text: str) -> str:
    """Return `text` at a length that fits into a message."""
    return text if len(text) <= 60 else f"{text[:57]}..."  # noqa: PLR2004 a line of a terminal
