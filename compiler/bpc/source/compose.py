"""The events of libyaml to data. What YAML allows and a policy must not contain is reported, not obeyed."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import NoReturn

from bpc.diagnostics import Code
from bpc.source import ambiguity, refusals
from bpc.source.ambiguity import Ambiguity
from bpc.source.characters import is_normalized
from bpc.source.codes import (
    DUPLICATE_KEY,
    MERGE_KEY,
    NOT_A_MAPPING,
    NUMBER,
    TOO_DEEP,
    TOO_LARGE,
)
from bpc.source.documents import Document
from bpc.source.events import (
    DOCUMENT,
    MAPPING,
    MAPPING_END,
    SCALAR,
    SEQUENCE,
    SEQUENCE_END,
    STREAM_END,
    Event,
    reader,
)
from bpc.source.faults import Faults, Stopped, quoted
from bpc.source.positions import Lines, Marks
from bpc.source.scalars import NUMERIC, SPECIAL, Scalar, legacy_reading, resolve

MAX_DEPTH = 64
MAX_DOCUMENTS = 10_000
MAX_NODES = 20_000
MAX_NODES_IN_FILE = 200_000
MAX_SCALAR = 64 * 1024

_WHOLE = {True: (MAX_NODES, "document"), False: (MAX_NODES_IN_FILE, "file")}


class Composer:
    """Builds the documents of one file.

    libyaml reads on only as events are asked for, a kilobyte ahead at most. That is why counting depth
    and nodes here is enough to keep it from ever seeing the rest of a hostile file.
    """

    def __init__(self, content: bytes, lines: Lines, faults: Faults) -> None:
        self._next = reader(content)
        self._lines = lines
        self._faults = faults
        self._depth = 0
        self._in_key = False
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._ambiguous: list[Ambiguity] = []
        self._room = MAX_NODES_IN_FILE
        self._limit = MAX_NODES

    def documents(self) -> Iterator[Document]:
        """Yield the documents that are free of errors; raise YAMLError or Stopped where reading ends."""
        while type(event := self._next()) is not STREAM_END:
            if type(event) is not DOCUMENT:
                continue
            if self._faults.document == MAX_DOCUMENTS:
                message = f"the file has more than {MAX_DOCUMENTS:,} documents"
                self._stop(TOO_LARGE, message, event, "split the file")
            document = self._document(self._next())
            if document is not None:
                yield document
            self._faults.document += 1

    def _document(self, root: Event) -> Document | None:
        errors = self._faults.errors
        self._starts, self._ends, self._ambiguous = [], [], []
        self._limit = min(MAX_NODES, self._room)
        data = self._value(root)
        self._next()  # the end of the document, or the error that keeps it from having one
        self._room -= len(self._starts)
        sound = errors == self._faults.errors
        if isinstance(data, dict):
            marks = Marks(self._lines, data, self._starts, self._ends) if sound else None
            ambiguity.report(self._ambiguous, marks, self._lines.path, self._faults)
            return Document(self._lines.path, self._faults.document, data, marks) if marks else None
        if sound and self._ends[0] > self._starts[0]:
            start, message = self._starts[0], "a document must be a mapping"
            self._faults.error(NOT_A_MAPPING, message, start, start + 1, "begin with `kind:`")
        return None

    def _value(self, event: Event) -> object:
        kind = type(event)
        if kind is SCALAR:
            return self._scalar(event)
        if kind is MAPPING:
            return self._mapping(event)
        if kind is SEQUENCE:
            return self._sequence(event)
        refusals.alias(event, self._lines, self._faults)
        return None

    def _mapping(self, event: Event) -> dict[str, object]:
        node = self._open(event)
        data: dict[str, object] = {}
        alike: dict[str, str] = {}
        while type(entry := self._next()) is not MAPPING_END:
            key = self._key(entry, data, alike)
            value = self._value(self._next())
            if key is not None:
                data[key] = value
        self._close(node, event, entry)
        return data

    def _sequence(self, event: Event) -> list[object]:
        node = self._open(event)
        items: list[object] = []
        while type(item := self._next()) is not SEQUENCE_END:
            items.append(self._value(item))
        self._close(node, event, item)
        return items

    def _open(self, event: Event) -> int:
        """Begin a collection and return its number."""
        self._starts.append(event.start_mark.index)
        self._ends.append(0)
        self._check(event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} deep"
            self._stop(TOO_DEEP, message, event, "write it flatter")
        return len(self._starts) - 1

    def _close(self, node: int, start: Event, end: Event) -> None:
        self._depth -= 1
        # libyaml ends a block collection where the next token begins; a person, at its last value.
        self._ends[node] = end.end_mark.index if start.flow_style else self._ends[-1]

    def _key(self, event: Event, data: dict[str, object], alike: dict[str, str]) -> str | None:
        """Return a key, or None where what belongs to it must be dropped."""
        if type(event) is not SCALAR:
            if not self._in_key:
                refusals.complex_key(event, self._lines, self._faults)
            # Of keys within keys, the outermost is enough to report.
            outer, self._in_key = self._in_key, True
            self._value(event)
            self._in_key = outer
            return None
        key = self._scalar(event)
        if not isinstance(key, str):
            refusals.scalar_key(event, key, self._faults)
            return None
        if key in data or not key.isascii() or alike or key == "<<":
            return self._unusual(key, event, data, alike)
        return key

    def _unusual(
        self, key: str, event: Event, data: dict[str, object], alike: dict[str, str]
    ) -> str | None:
        """Return a key unless it merges, or looks the same as another."""
        look = unicodedata.normalize("NFKC", key) if is_normalized(key) else key
        twin = alike.get(look, look)
        place = event.start_mark.index, event.end_mark.index
        if key == "<<":
            self._faults.error(MERGE_KEY, "merge keys are not allowed", *place, refusals.WRITE_OUT)
        elif key in data:
            message = f"the key {quoted(key)} is here twice"
            self._faults.error(DUPLICATE_KEY, message, *place, "delete one of them")
        elif twin in data:
            message = f"the keys {quoted(twin)} and {quoted(key)} look the same"
            self._faults.error(DUPLICATE_KEY, message, *place, "rename one of them")
        else:
            alike[look] = key
            return key
        return None

    def _scalar(self, event: Event) -> Scalar:
        starts = self._starts
        starts.append(event.start_mark.index)
        self._ends.append(event.end_mark.index)
        text, style = event.value, event.style
        if len(starts) > self._limit or event.anchor is not None or event.tag is not None:
            self._check(event)
            return text
        if len(text) > MAX_SCALAR:
            message = f"the value has more than {MAX_SCALAR:,} characters"
            self._faults.error(TOO_LARGE, message, starts[-1], self._ends[-1], "shorten it")
        elif not style:
            # Most plain scalars are words that mean nothing else: they leave here.
            return self._plain(text) if text in SPECIAL or text[0] in NUMERIC else text
        elif style == '"' and not (text.isascii() and text.isprintable()):
            refusals.escapes(event, self._lines, self._faults)
        return text

    def _plain(self, text: str) -> Scalar:
        node, start = len(self._starts) - 1, self._starts[-1]
        try:
            value = resolve(text)
        except OverflowError:
            message, advice = "the number is no finite 64-bit number", "quote it if it is text"
            self._faults.error(NUMBER, message, start, self._ends[-1], advice)
            return text
        if legacy_reading(text) is not None:
            self._ambiguous.append(Ambiguity(text, value, node, start))
        return value

    def _check(self, event: Event) -> None:
        if len(self._starts) > self._limit:
            limit, whole = _WHOLE[self._limit == MAX_NODES]
            message = f"the {whole} has more than {limit:,} values"
            self._stop(TOO_LARGE, message, event, f"split the {whole}")
        refusals.properties(event, self._lines, self._faults)

    def _stop(self, code: Code, message: str, event: Event, advice: str) -> NoReturn:
        self._faults.error(code, message, event.start_mark.index, event.end_mark.index, advice)
        raise Stopped
