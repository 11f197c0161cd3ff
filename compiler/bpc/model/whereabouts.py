"""Where a key belongs that was written in the wrong place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from pydantic import BaseModel

from bpc.model.shape import Listing, Record, Shape, Table, Variants, keys
from bpc.model.words import listed

ANY = "*"
"""Stands in a place for the keys that are the author's own."""
_MOST = 2


@dataclass(frozen=True, slots=True)
class _Home:
    place: tuple[str, ...]
    by: str = ""
    word: str = ""

    @property
    def depth(self) -> int:
        return len(self.place) - self.place.count(ANY)


def elsewhere(model: type[BaseModel], name: str, place: Sequence[str]) -> str:
    """Return advice on where a key is at home in a document of this model, or nothing if that is unclear.

    `place` is where it was written. Of all homes only those nearest to the root count.
    """
    homes = _homes(model).get(name, [])
    least = min((home.depth for home in homes), default=0)
    nearest = [home for home in homes if home.depth == least]
    here = [home.word for home in nearest if home.place == tuple(place)]
    if here:
        return f"remove it, or write `{nearest[0].by}`: {listed(here)}" if all(here) else ""
    places = list(dict.fromkeys(".".join(home.place) for home in nearest))
    if not 1 <= len(places) <= _MOST:
        return ""
    return (
        f"it belongs under {listed(places)}" if least else "it belongs at the top of the document"
    )


@cache
def _homes(model: type[BaseModel]) -> Mapping[str, list[_Home]]:
    found: dict[str, list[_Home]] = {}
    for name, home in _walk(Record(model), _Home(())):
        found.setdefault(name, []).append(home)
    return found


def _walk(shape: Shape, home: _Home) -> Iterator[tuple[str, _Home]]:
    match shape:
        case Record(model=model):
            for key in keys(model).values():
                yield key.name, home
                yield from _walk(key.shape, _Home((*home.place, key.name)))
        case Listing(item=inner):
            yield from _walk(inner, home)
        case Table(value=inner):
            yield from _walk(inner, _Home((*home.place, ANY)))
        case Variants(by=by, branches=branches):
            for word, branch in branches.items():
                yield from _walk(branch, _Home(home.place, by, word) if by else home)
        case _:
            return
