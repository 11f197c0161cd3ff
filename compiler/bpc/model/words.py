"""Values in messages: short, on one line, and only those that are worth showing."""

from __future__ import annotations

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
