"""Colour on a terminal."""

from __future__ import annotations

_STYLES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;36",
    "frame": "1;34",
    "strong": "1",
}


def paint(text: str, style: str, on: bool) -> str:
    """Return `text` in a style, or as it is where colour is off."""
    return f"\x1b[{_STYLES[style]}m{text}\x1b[0m" if on and text else text
