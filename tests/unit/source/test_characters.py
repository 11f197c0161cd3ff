from __future__ import annotations

import sys
import unicodedata

import pytest

from bpc.source import parse
from bpc.source.characters import decode, describe, forbidden_in

# Letters without a shape: a name may look empty, or the same as another.
BLANK_LETTERS = {0x115F, 0x1160, 0x3164, 0xFFA0}
# Signs that begin Arabic and Syriac numbers, and joints of hieroglyphs: they are seen, or shape what is.
SEEN_FORMATS = {
    *(*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD),
    *range(0x13430, 0x13440),
}


def test_every_control_format_and_surrogate_is_forbidden_and_every_visible_character_allowed() -> (
    None
):
    for point in range(sys.maxunicode + 1):
        char = chr(point)
        category = unicodedata.category(char)
        refused = forbidden_in(char) is not None
        if char in "\t\n":
            assert not refused
        elif category in {"Cc", "Cs"} or (category == "Cf" and point not in SEEN_FORMATS):
            assert refused, describe(char)
        elif category[0] in "LNPS" or category == "Zs":
            assert refused == (point in BLANK_LETTERS), describe(char)


def test_noncharacters_are_forbidden() -> None:
    points = [
        *range(0xFDD0, 0xFDF0),
        *(plane << 16 | end for plane in range(17) for end in (0xFFFE, 0xFFFF)),
    ]
    assert [point for point in points if forbidden_in(chr(point)) is None] == []


@pytest.mark.parametrize(
    "text",
    [
        "备份策略 ，。",
        "Grüße, café",
        "😀 ⚠️ 🇨🇳",
        "العربية",
        "עברית",
        "हिन्दी",
        "日本語　全角",
        "100 % – “done”",
        "tab\there",
    ],
)
def test_ordinary_text_of_any_language_is_read(text: str) -> None:
    parsed = parse(f"# {text}\nnote: x{text}\n".encode(), "p.yaml")
    assert parsed.findings == ()
    assert parsed.documents[0].data == {"note": f"x{text}"}


def test_text_is_mended_character_by_character() -> None:
    text = decode("a: \0\u202e\rb: c\n%x\n".encode())
    assert text.content == "a: \0\u202e\rb: c\n%x\n"
    assert text.mended == "a: \ufffd\ufffd\nb: c\n#x\n"
    assert len(text.flaws) == 2


def test_characters_without_a_name_are_described() -> None:
    assert describe("\0") == "U+0000 NULL"
    assert describe("\x9b") == "U+009B CONTROL CHARACTER"
    assert describe("\uffff") == "U+FFFF NONCHARACTER"
    assert describe("\u202e") == "U+202E RIGHT-TO-LEFT OVERRIDE"
