"""What is wrong with a schedule that is legal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bpc.cron.syntax import Parts

FaultKind = Literal[
    "clock-change",
    "day-or-weekday",
    "empty-item",
    "every-drifts",
    "never-fires",
    "plus-sign",
    "question-mark",
    "star-range",
    "step-too-large",
    "uneven-step",
    "zone-prefix",
]


@dataclass(frozen=True, slots=True)
class Fault:
    """A form that is accepted and rarely means what its author meant.

    `kind` is stable; `message` has the real numbers; `fix` is one concrete edit.
    """

    kind: FaultKind
    message: str
    fix: str


def rewritten(parts: Parts, index: int, text: str) -> str:
    """Return the edit that replaces one field of a schedule."""
    words = (parts.prefix, *parts.fields[:index], text, *parts.fields[index + 1 :])
    return f"write `{' '.join(words).strip()}`"
