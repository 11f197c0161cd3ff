"""What libyaml says about a text, one event at a time, with the types that PyYAML's own stubs leave open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, cast

from yaml import events
from yaml._yaml import CParser

SCALAR: type[object] = events.ScalarEvent
ALIAS: type[object] = events.AliasEvent
MAPPING: type[object] = events.MappingStartEvent
MAPPING_END: type[object] = events.MappingEndEvent
SEQUENCE: type[object] = events.SequenceStartEvent
SEQUENCE_END: type[object] = events.SequenceEndEvent
DOCUMENT: type[object] = events.DocumentStartEvent
STREAM_END: type[object] = events.StreamEndEvent


class Mark(Protocol):
    """A place; `index` counts code points from 0."""

    index: int


class Event(Protocol):
    """What was read next. Only the marks are there for every class of event.

    `style` is empty for a plain scalar, else its quote, `|` or `>`. `flow_style` is true for brackets.
    """

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str
    flow_style: bool


def reader(content: bytes) -> Callable[[], Event]:
    """Return what reads the next event of a UTF-8 text; it raises YAMLError where the text is no YAML."""
    return cast("Callable[[], Event]", CParser(content).get_event)
