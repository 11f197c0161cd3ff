"""What is known of one field of the language, by its path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from inspect import cleandoc

from pydantic import BaseModel

from bpc.model.documents import KINDS
from bpc.model.phrases import default_of, phrase
from bpc.model.project import Project
from bpc.model.shape import Key, Listing, Record, Shape, Table, Variants, keys
from bpc.model.suggest import closest

_KINDS: Mapping[str, type[BaseModel]] = {**KINDS, "Project": Project}
_MAPPING = "a mapping"


@dataclass(frozen=True, slots=True)
class _Place:
    """What a path leads to; `key` is the last key, None where the path ends at a kind or a type."""

    shape: Shape
    key: Key | None = None


def explain_field(path: str) -> str | None:
    """Return what is known of a field such as `Cluster.spec.addons`; None if there is none.

    The kind may be written in any case, or as its last word. A step may name the type of a dataset, and a
    key that is the author's own may be left out.
    """
    kind, *steps = path.split(".")
    name = _kind(kind)
    if name is None:
        return None
    places = [_Place(Record(_KINDS[name]))]
    for step in steps:
        places = _follow(places, step)
    return "\n".join(_lines(".".join((name, *steps)), places)) if places else None


def nearest_field(path: str) -> str | None:
    """Return the path that was probably meant by one that leads nowhere."""
    kind, *steps = path.split(".")
    name = _kind(kind) or closest(kind, _KINDS)
    if name is None:
        return None
    places, found = [_Place(Record(_KINDS[name]))], [name]
    for step in steps:
        meant = step if _follow(places, step) else closest(step, set(_steps(places)))
        if meant is None:
            return None
        places = _follow(places, meant)
        found.append(meant)
    return ".".join(found)


def _kind(word: str) -> str | None:
    folded = word.casefold()
    exact = [kind for kind in _KINDS if kind.casefold() == folded]
    short = [
        kind
        for kind in _KINDS
        if word and kind.casefold().endswith(folded) and kind[-len(word)].isupper()
    ]
    return next(iter(exact + short), None)


def _follow(places: Iterable[_Place], step: str) -> list[_Place]:
    """Take one step from each place: first as the name of a type, then as a key."""
    places = list(places)
    typed = [p for place in places for p in _variants(place.shape) if p[0] == step]
    if typed:
        return [_Place(shape) for _, shape in typed]
    known = [
        _Place(key.shape, key)
        for place in places
        for model in _models(place.shape)
        if (key := keys(model).get(step)) is not None
    ]
    own = [place for place in places if isinstance(place.shape, Table)]
    return known or [_Place(place.shape.value) for place in own if isinstance(place.shape, Table)]


def _steps(places: Iterable[_Place]) -> Iterator[str]:
    for place in places:
        yield from (word for word, _ in _variants(place.shape))
        for model in _models(place.shape):
            yield from keys(model)


def _variants(shape: Shape) -> Iterator[tuple[str, Shape]]:
    match shape:
        case Listing(item=inner) | Table(value=inner):
            yield from _variants(inner)
        case Variants(by=by, branches=branches) if by:
            yield from branches.items()
        case _:
            return


def _models(shape: Shape) -> Iterator[type[BaseModel]]:
    match shape:
        case Record(model=model):
            yield model
        case Listing(item=inner) | Table(value=inner):
            yield from _models(inner)
        case Variants(branches=branches):
            for branch in branches.values():
                yield from _models(branch)
        case _:
            return


def _lines(path: str, places: list[_Place]) -> Iterator[str]:
    yield path
    first = places[0]
    if first.key is not None:
        yield f"  {_type(first.key)}"
        yield ""
        yield from _indented(first.key.description)
    variants = list(_variants(first.shape))
    if variants:
        yield from ("", "  One of:")
        for word, shape in variants:
            (model,) = _models(shape)
            yield f"    {word:<22} {_first(model)}"
        return
    for model in dict.fromkeys(model for place in places for model in _models(place.shape)):
        yield ""
        yield from _indented(cleandoc(model.__doc__ or ""))
        yield ""
        for key in keys(model).values():
            yield f"    {key.name:<22} {key.summary} ({_type(key)})"


def _type(key: Key) -> str:
    default = default_of(key)
    needed = ", required" if key.required else f", default {default}" if default else ""
    return f"{phrase(key.shape, lambda _, word: '' if word else _MAPPING)}{needed}"


def _first(model: type[BaseModel]) -> str:
    return " ".join(cleandoc(model.__doc__ or "").partition("\n\n")[0].split())


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}".rstrip() for line in text.splitlines())
