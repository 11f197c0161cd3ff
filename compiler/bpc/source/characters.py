"""Bytes to text; what could make a person and a machine see different policies is refused."""

from __future__ import annotations

import codecs
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

from bpc.diagnostics import Code
from bpc.source.codes import CHARACTER, NOT_NORMALIZED, NOT_UTF8, TAG
from bpc.source.faults import MOST

_LONE_CR = r"\r(?!\n)"
_FORBIDDEN = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls; among them NEL, a line end for some programs only
    r"\u2028\u2029"  # line ends for some programs only
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # reorder the text around them
    r"\xad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200d\u2060-\u2065\u206a-\u206f"  # unseen
    r"\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"  # unseen
    r"\U000e0000-\U000e0fff"  # tags and variation selectors, which can hide whole texts
    r"\ud800-\udfff\ufdd0-\ufdef"  # surrogates, noncharacters
    + "".join(f"\\U{plane << 16 | 0xFFFE:08x}-\\U{plane << 16 | 0xFFFF:08x}" for plane in range(17))
)
_ONE = re.compile(f"[{_FORBIDDEN}]")
_RUN = re.compile(f"(?:{_LONE_CR}|[{_FORBIDDEN}])+")
# Bytes that make an ASCII file worth a closer look.
_NOTABLE = bytes({*range(32), ord("%"), 0x7F} - {ord("\t"), ord("\n")})
_ESCAPED = re.compile(f"[\r{_FORBIDDEN}]")
_DIRECTIVE = re.compile(r"^%[^\r\n]*", re.MULTILINE)
_UNDECODED = re.compile("[\udc80-\udcff]+")

# A mark, or the zeros that the first ASCII character of another encoding has beside it.
_OTHER_ENCODING = re.compile(
    rb"(?s:\x00\x00\xfe\xff|\xff\xfe\x00\x00|\x00\x00\x00.|.\x00\x00\x00)(?P<utf32>)"
    rb"|(?s:\xfe\xff|\xff\xfe|\x00.|.\x00)(?P<utf16>)"
)
_CONTROLS = {
    "\x7f": "DELETE",
    "\x85": "NEXT LINE",
    "\0": "NULL",
    "\a": "BELL",
    "\b": "BACKSPACE",
    "\r": "CARRIAGE RETURN",
    "\x1b": "ESCAPE",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with the text between two offsets."""

    code: Code
    message: str
    start: int
    end: int
    advice: str


@dataclass(frozen=True, slots=True)
class Text:
    """A file as text. Where there are flaws, `mended` has as many characters and none that is forbidden.

    `mended` is None where the bytes are too far from UTF-8 for further reading to make sense.
    """

    content: str
    mended: str | None
    flaws: tuple[Flaw, ...] = ()


def decode(content: bytes) -> Text:
    """Return the text of a file, with everything in it that no policy may contain."""
    if content.isascii() and len(content.translate(None, _NOTABLE)) == len(content):
        text = content.decode("ascii")
        return Text(text, text)
    if match := _OTHER_ENCODING.match(content):
        name = "UTF-32" if match.lastgroup == "utf32" else "UTF-16"
        flaw = Flaw(NOT_UTF8, f"the file is {name}", 0, 0, "save it as UTF-8")
        return Text("", None, (flaw,))
    marked = content.startswith(codecs.BOM_UTF8)
    text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape")
    undecoded = tuple(islice(_undecoded(text), MOST))
    if undecoded:
        return Text(text, None, undecoded)
    every = chain(_mark(marked), _characters(text), _unnormalized(text), _directives(text))
    flaws = tuple(islice(every, MOST))
    return Text(text, _mend(text) if flaws else text, flaws)


def describe(char: str) -> str:
    """Return the code point and name of a character, which may have no printable form."""
    unnamed = "CONTROL CHARACTER" if unicodedata.category(char) == "Cc" else "NONCHARACTER"
    name = unicodedata.name(char, _CONTROLS.get(char, unnamed))
    return f"U+{ord(char):04X} {name}"


def forbidden_in(value: str) -> str | None:
    """Return the first character that an escape in a quoted scalar may not stand for."""
    match = _ESCAPED.search(value)
    return match[0] if match else None


def is_normalized(text: str) -> bool:
    """Return whether a text is in Unicode normalization form C."""
    return unicodedata.is_normalized("NFC", text)


def _mark(marked: bool) -> Iterator[Flaw]:
    if marked:
        yield Flaw(
            NOT_UTF8, "the file begins with a byte order mark", 0, 0, "save it as UTF-8 without"
        )


def _undecoded(text: str) -> Iterator[Flaw]:
    for match in _UNDECODED.finditer(text):
        some = " ".join(f"{ord(char) - 0xDC00:02x}" for char in match[0][:4])
        message = f"the bytes `{some}` are not UTF-8"
        yield Flaw(NOT_UTF8, message, *match.span(), "save the file as UTF-8")


def _characters(text: str) -> Iterator[Flaw]:
    for match in _RUN.finditer(text):
        char, more = match[0][0], len(match[0]) - 1
        others = f" and the {more:,} after it are" if more else " is"
        advice = "end lines with a line feed" if char == "\r" else "delete it"
        yield Flaw(CHARACTER, f"{describe(char)}{others} not allowed", *match.span(), advice)


def _unnormalized(text: str) -> Iterator[Flaw]:
    if is_normalized(text):
        return
    offset = 0
    for line in text.split("\n"):
        if not is_normalized(line):
            place = offset + _first_unnormalized(line)
            message = f"{describe(text[place])} is not in Unicode normalization form C"
            yield Flaw(NOT_NORMALIZED, message, place, place + 1, "save the file in form C")
        offset += len(line) + 1


def _first_unnormalized(line: str) -> int:
    # Not by comparing with the normalized line: normalizing takes quadratic time on hostile text.
    return bisect_left(range(len(line)), x=True, key=lambda i: not is_normalized(line[: i + 1]))


def _directives(text: str) -> Iterator[Flaw]:
    for match in _DIRECTIVE.finditer(text):
        yield Flaw(TAG, "directives are not allowed", *match.span(), "delete the line")


def _mend(text: str) -> str:
    """Replace what is forbidden, one character by one, so that reading can go on and find more."""
    text = re.sub(_LONE_CR, "\n", text)
    return _DIRECTIVE.sub(
        lambda match: "#" + match[0][1:], _ONE.sub("\N{REPLACEMENT CHARACTER}", text)
    )
