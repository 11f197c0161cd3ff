"""What YAML allows at a node and a policy must not have there."""

from __future__ import annotations

import json
import re

from bpc.source.characters import describe, forbidden_in, is_normalized
from bpc.source.codes import ANCHOR, CHARACTER, KEY_NOT_TEXT, NOT_NORMALIZED, TAG
from bpc.source.events import ALIAS, SEQUENCE, Event
from bpc.source.faults import Faults, quoted
from bpc.source.positions import Lines
from bpc.source.scalars import Scalar

# What follows `*`, `&` or `!` is never quoted in a message: it may be a password without quotes.
UNTAG = "delete it; quote the value if it is text"
WRITE_OUT = "write the value out, or put what policies share into a Tier"
_WORD = re.compile(r"[^\s,\[\]{}]*")


def properties(event: Event, lines: Lines, faults: Faults) -> None:
    """Refuse the anchor and the tag of a node."""
    start = event.start_mark.index
    if event.anchor is not None:
        place = _word(lines.text, lines.text.index("&", start))
        faults.error(ANCHOR, "anchors are not allowed", *place, WRITE_OUT)
    if event.tag is not None:
        place = _word(lines.text, lines.text.index("!", start))
        faults.error(TAG, "tags are not allowed", *place, UNTAG)


def alias(event: Event, lines: Lines, faults: Faults) -> None:
    """Refuse an alias."""
    place = _word(lines.text, event.start_mark.index)
    faults.error(ANCHOR, "aliases are not allowed", *place, WRITE_OUT)


def complex_key(event: Event, lines: Lines, faults: Faults) -> None:
    """Refuse a key that is a collection; an alias is refused as what it is."""
    if type(event) is ALIAS:
        return
    start = event.start_mark.index
    template = lines.text.startswith("{{", start - 1)
    advice = (
        "quote the value: to YAML, `{{` begins a mapping" if template else "use text as the key"
    )
    what = "list" if type(event) is SEQUENCE else "mapping"
    begin = start - 1 if template else start
    faults.error(KEY_NOT_TEXT, f"this key is a {what}, not text", begin, start + 1, advice)


def scalar_key(event: Event, key: Scalar, faults: Faults) -> None:
    """Refuse a key that is no text."""
    what = "null" if key is None else "a boolean" if isinstance(key, bool) else "a number"
    start, end = event.start_mark.index, event.end_mark.index
    advice = f"write {quoted(json.dumps(event.value))}"
    faults.error(KEY_NOT_TEXT, f"this key is {what}, not text", start, end, advice)


def escapes(event: Event, lines: Lines, faults: Faults) -> None:
    """Refuse escapes for what may not be written unescaped either."""
    start, end = event.start_mark.index, event.end_mark.index
    if "\\" not in lines.text[start:end]:
        return
    char = forbidden_in(event.value)
    if char is not None:
        message = f"an escape stands for {describe(char)}, which is not allowed"
        faults.error(CHARACTER, message, start, end, "double the backslash if it is meant")
    elif not is_normalized(event.value):
        message = "once its escapes are read, the text is not in Unicode normalization form C"
        faults.error(NOT_NORMALIZED, message, start, end, "write the characters themselves")


def _word(text: str, start: int) -> tuple[int, int]:
    match = _WORD.match(text, start)
    return start, match.end() if match else start
