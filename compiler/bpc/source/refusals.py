"""What YAML allows at a node and a policy must not have there."""

from __future__ import annotations

import json
import re

from bpc.diagnostics import Code
from bpc.source.characters import describe, forbidden_in, is_normalized
from bpc.source.codes import ANCHOR, CHARACTER, KEY_NOT_TEXT, NOT_NORMALIZED, TAG
from bpc.source.events import ALIAS, SEQUENCE, Event
from bpc.source.faults import Faults, quoted
from bpc.source.positions import Lines
from bpc.source.scalars import Scalar

WRITE_OUT = "write the value out, or put what policies share into a Tier"
_WORD = re.compile(r"[^\s,\[\]{}]*")


def properties(event: Event, lines: Lines, faults: Faults) -> None:
    """Refuse the anchor and the tag of a node."""
    start = event.start_mark.index
    if event.anchor is not None:
        _word(
            ANCHOR,
            "the anchor {} is not allowed",
            lines.text.index("&", start),
            WRITE_OUT,
            lines,
            faults,
        )
    if event.tag is not None:
        advice = "delete it; quote the value if it is text"
        _word(TAG, "the tag {} is not allowed", lines.text.index("!", start), advice, lines, faults)


def alias(event: Event, lines: Lines, faults: Faults) -> None:
    """Refuse an alias."""
    _word(ANCHOR, "the alias {} is not allowed", event.start_mark.index, WRITE_OUT, lines, faults)


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
    faults.error(KEY_NOT_TEXT, f"this key is a {what}, not text", start, start + 1, advice)


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


def _word(code: Code, message: str, start: int, advice: str, lines: Lines, faults: Faults) -> None:
    word = _WORD.match(lines.text, start)
    end = word.end() if word else start
    faults.error(code, message.format(quoted(lines.text[start:end])), start, end, advice)
