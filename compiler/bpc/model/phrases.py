"""Shapes and defaults in words, for the reference and for `bpc explain`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bpc.model.shape import Choice, Key, Listing, Record, Scalar, Shape, Table, Variants
from bpc.model.words import listed, word_for

Linker = Callable[[Record, str], str]

_TYPES: Mapping[type, str] = {str: "text", bool: "`true` or `false`", object: "anything"}


def phrase(shape: Shape, link: Linker) -> str:
    """Return what a shape takes.

    `link` names a mapping with known keys, and the word that chooses it, if one does; nothing leaves the
    words out.
    """
    match shape:
        case Scalar():
            return _scalar(shape)
        case Choice(values=values):
            return listed(values)
        case Listing(item=item):
            return f"a list, each entry {phrase(item, link)}"
        case Table(key=key, value=value):
            return f"a mapping from {phrase(key, link)} to {phrase(value, link)}"
        case Record(short=short):
            return f"{phrase(short, link)} or {link(shape, '')}" if short else link(shape, "")
        case Variants():
            return _variants(shape, link)


def _variants(shape: Variants, link: Linker) -> str:
    if not shape.by:
        return " or ".join(phrase(branch, link) for branch in shape.branches.values())
    linked = [link(each, word) for word, each in shape.branches.items() if isinstance(each, Record)]
    return f"a mapping, chosen by `{shape.by}`" + (f": {', '.join(linked)}" if any(linked) else "")


def _scalar(shape: Scalar) -> str:
    if shape.format is not None:
        return shape.format.name
    return _TYPES.get(shape.type) or _number(*shape.bounds)


def default_of(key: Key) -> str:
    """Return the default of a key as people write it, or nothing."""
    written = key.written
    if isinstance(written, list):
        return ", ".join(map(word_for, written))
    return word_for(written)


def _number(least: int | None, greatest: int | None) -> str:
    if least is None:
        return "a number"
    return (
        f"a number of at least {least}"
        if greatest is None
        else f"a number from {least} to {greatest}"
    )
