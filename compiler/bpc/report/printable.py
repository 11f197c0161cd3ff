"""Text from policies made safe to show: what a terminal would obey or hide is spelled out."""

from __future__ import annotations

import unicodedata

# Controls, invisible format characters, lone surrogates, and line and paragraph separators.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# XML has no way to write the last two code points of a plane.
_PLANE_END = 0xFFFE


def visible(char: str) -> str:
    """Return one character, or its escape where it cannot be seen or is not what it looks like."""
    if " " <= char <= "~":
        return char
    category = unicodedata.category(char)
    # To YAML only the ASCII space is one; the ideographic space is ordinary in Chinese text.
    disguised = category == "Zs" and char != "\N{IDEOGRAPHIC SPACE}"
    unwritable = ord(char) & _PLANE_END == _PLANE_END
    return repr(char)[1:-1] if category in _HIDDEN or disguised or unwritable else char


def printable(text: str) -> str:
    """Return `text` on one line, with nothing in it that acts on a terminal or reorders the text."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(visible, text))
