"""Where in a document an error of Pydantic is, and what would be accepted there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from bpc.diagnostics import Pointer
from bpc.model.shape import Listing, Record, Shape, Table, Variants, keys
from bpc.model.whereabouts import ANY

_KEY_STEP = "[key]"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error, by the path that it has in the document rather than in the models.

    `pointer` leads to the value, or to the key itself with `at_key`. `shape` is what is accepted there,
    None for a key that means nothing. `owner` is the model that holds the last key. `place` are the
    known keys on the way, and `names` the same as `bpc explain` takes them.
    """

    kind: str
    pointer: Pointer
    at_key: bool
    shape: Shape | None
    owner: type[BaseModel]
    place: tuple[str, ...]
    names: tuple[str, ...]
    value: object
    context: Mapping[str, object]
    message: str


def locate(model: type[BaseModel], data: object, details: ErrorDetails) -> Mistake:
    """Follow the path of an error through the document and the model at once.

    Pydantic's paths also name the members of unions, and may go on below a short form; only the shapes
    tell such steps from keys of the same name.
    """
    walk = _Walk(model, data)
    at_key = walk.follow(details["loc"], details["type"])
    return Mistake(
        details["type"],
        tuple(walk.pointer),
        at_key,
        walk.shape,
        walk.owner,
        tuple(walk.place),
        tuple(walk.names),
        details["input"],
        details.get("ctx", {}),
        details["msg"],
    )


class _Walk:
    def __init__(self, model: type[BaseModel], data: object) -> None:
        self.shape: Shape | None = Record(model)
        self.key_shape: Shape | None = None
        self.owner = model
        self.data = data
        self.pointer: list[str | int] = []
        self.place: list[str] = []
        self.names = [model.__name__]

    def follow(self, steps: Sequence[str | int], kind: str) -> bool:
        """Take the steps as far as they lead; return whether they end at a key."""
        for index, step in enumerate(steps):
            if step == _KEY_STEP and index == len(steps) - 1 and kind != "extra_forbidden":
                self.shape = self.key_shape
                return True
            if not self._step(step):
                break
        return False

    def _step(self, step: str | int) -> bool:
        match self.shape:
            case Variants(by=by, branches=branches):
                self.shape = branches[str(step)]
                if by:
                    self.names.append(str(step))
            case Record(model=model) if isinstance(self.data, dict):
                self._into_record(model, str(step))
            case Record(short=short) if short is not None:
                self.shape = short
                return False
            case Listing(item=inner):
                self._below(step, inner)
            case Table(key=key, value=inner):
                self.key_shape = key
                self.place.append(ANY)
                self._below(step, inner)
            case _:
                return False
        return True

    def _into_record(self, model: type[BaseModel], step: str) -> None:
        key = keys(model).get(step)
        self.owner = model
        self._below(step, key.shape if key else None)
        if key:
            self.place.append(step)
            self.names.append(step)

    def _below(self, step: str | int, shape: Shape | None) -> None:
        self.pointer.append(step)
        self.shape = shape
        if isinstance(self.data, dict):
            self.data = self.data.get(step)
        elif isinstance(self.data, list) and isinstance(step, int):
            self.data = self.data[step]
