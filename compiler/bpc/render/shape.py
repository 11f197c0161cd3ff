"""Compile rendered text, which holds tokens and no values, into a program that fills the holes.

A template that takes the same branches renders the same text whatever its values, so the text is the
key under which its program is kept: parsing and laying out happen once per shape, not per manifest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

import yaml
from yaml import events

from bpc.render.holes import HOLE, OPEN
from bpc.render.program import (
    OMITTED,
    Constant,
    Items,
    Key,
    KeyedMapping,
    Mapping,
    Node,
    Slot,
    Text,
    Whole,
)
from bpc.render.spelling import ambiguous
from bpc.render.values import Data, RefusedValueError, plain

_WORDS: dict[str, Data] = {"true": True, "false": False, "null": None}
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")


@lru_cache(maxsize=256)
def shape(template: str, text: str) -> Node | None:
    """Compile the only document of a rendered template; None if everything in it is left out.

    Refused is whatever readers could take differently or a person could misread: anchors, aliases,
    tags, directives, merge keys, duplicate keys, keys that are not text, floats, and plain scalars
    that are not the same to YAML 1.1, YAML 1.2 and Go.
    """
    return _Compiler(template, text).document()


class _Compiler:
    def __init__(self, template: str, text: str) -> None:
        self._root = Slot(template)
        self._events: Iterator[events.Event] = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._holes = len(HOLE.findall(text))
        self._used: set[int] = set()

    def document(self) -> Node | None:
        try:
            node = self._document()
        except yaml.YAMLError as error:
            raise self._root.refusal(" ".join(str(error).split())) from error
        if unused := self._holes - len(self._used):
            message = f"{unused} expression(s) stand outside any value, in a comment for instance"
            raise self._root.refusal(message)
        return node

    def _document(self) -> Node | None:
        next(self._events)
        start = next(self._events)
        if isinstance(start, events.StreamEndEvent):
            raise self._root.refusal("the template has no document")
        if isinstance(start, events.DocumentStartEvent) and (start.version or start.tags):
            raise self._root.refusal("directives are not allowed in templates")
        node = self._node(next(self._events), self._root)
        next(self._events)
        if not isinstance(next(self._events), events.StreamEndEvent):
            raise self._root.refusal("a template makes exactly one document")
        return node

    def _node(self, event: events.Event, slot: Slot) -> Node | None:
        _refuse_properties(event, slot)
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(slot)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(slot)
        if isinstance(event, events.ScalarEvent):
            return self._scalar(event, slot)
        raise slot.refusal("unexpected content")

    def _mapping(self, slot: Slot) -> Node | None:
        entries: list[tuple[str, Node]] = []
        keys: dict[int, Key] = {}
        seen: set[str | Key] = set()
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            key = self._key(event, slot)
            if isinstance(key, str) and key in seen:
                raise slot.refusal("duplicate key", (key,))
            seen.add(key)
            node = self._node(next(self._events), slot.entry(key))
            if node is None:
                continue
            if isinstance(key, Key):
                keys[len(entries)] = key
            entries.append((key if isinstance(key, str) else "", node))
        if not seen:
            return _constant({}, slot)
        if keys:
            return KeyedMapping(slot, tuple(entries), keys)
        return _folded(Mapping(slot, tuple(entries)), [node for _, node in entries])

    def _sequence(self, slot: Slot) -> Node | None:
        items: list[Node] = []
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            node = self._node(event, slot.member(len(items)))
            if node is not None:
                items.append(node)
        return _folded(Items(slot, tuple(items)), items)

    def _key(self, event: events.Event, slot: Slot) -> str | Key:
        _refuse_properties(event, slot)
        if not isinstance(event, events.ScalarEvent):
            raise slot.refusal("a key is not a scalar")
        if OPEN in event.value:
            whole = HOLE.fullmatch(event.value) if event.implicit[0] else None
            text = Text(slot, self._parts(event.value, slot))
            return Key(text, int(whole[1]) if whole else None)
        key = _checked(_literal(event, slot), slot)
        if not isinstance(key, str):
            raise slot.refusal(f"key `{event.value}` is not text: quote it")
        return key

    def _scalar(self, event: events.ScalarEvent, slot: Slot) -> Node | None:
        if OPEN in event.value:
            parts = self._parts(event.value, slot)
            whole = HOLE.fullmatch(event.value) if event.implicit[0] else None
            return Whole(slot, int(whole[1])) if whole else Text(slot, parts)
        if event.implicit[0] and not event.value:
            return None
        return _constant(_literal(event, slot), slot)

    def _parts(self, text: str, slot: Slot) -> tuple[str | int, ...]:
        pieces = HOLE.split(text)
        _checked("".join(pieces[::2]), slot)
        indices = [int(piece) for piece in pieces[1::2]]
        self._used.update(indices)
        parts: list[str | int] = [pieces[0]]
        for index, piece in zip(indices, pieces[2::2], strict=True):
            parts += (index, piece)
        return tuple(part for part in parts if part != "")


def _refuse_properties(event: events.Event, slot: Slot) -> None:
    if isinstance(event, events.NodeEvent) and event.anchor:
        raise slot.refusal("anchors and aliases are not allowed in templates")
    if isinstance(event, events.ScalarEvent | events.CollectionStartEvent) and event.tag:
        raise slot.refusal(f"tag `{event.tag}` is not allowed in templates")


def _literal(event: events.ScalarEvent, slot: Slot) -> Data:
    text = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if ambiguous(text):
        raise slot.refusal(f"`{text}` is not the same to every YAML reader: quote it")
    return text


def _checked(value: Data, slot: Slot) -> Data:
    try:
        return plain(value)
    except RefusedValueError as error:
        raise slot.refusal(error.message) from None


def _constant(value: Data, slot: Slot) -> Constant:
    out: list[str] = []
    slot.write(_checked(value, slot), out)
    return Constant("".join(out), value)


def _folded(node: Mapping | Items, members: list[Node]) -> Node | None:
    if not all(isinstance(member, Constant) for member in members):
        return node
    out: list[str] = []
    data = node.fill((), out)
    return None if data is OMITTED else Constant("".join(out), data)
