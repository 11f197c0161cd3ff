"""Values in messages: short, on one line, and only those that are worth showing."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST = 60


def word_for(value: object) -> str:
    """Return a value in backquotes, or nothing if it is a whole mapping or list."""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str | int | float):
        text = str(value)
        shown = "".join(c if c.isprintable() else "�" for c in text[:_LONGEST])
        return f"`{shown}{'…' if len(text) > _LONGEST else ''}`"
    return ""


def listed(words: Sequence[str]) -> str:
    """Return words in backquotes as a choice: `a`, `b` or `c`."""
    quoted = [f"`{word}`" for word in words]
    return " or ".join(filter(None, (", ".join(quoted[:-1]), *quoted[-1:])))
