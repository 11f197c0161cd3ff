"""What the models accept, as a small tree: for walking through a document along with its model."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import (
    Annotated,
    TypeAlias,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from pydantic import BaseModel, BeforeValidator, Discriminator, Tag
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from bpc.model.descriptions import descriptions
from bpc.model.format import Format
from bpc.model.scalars import DURATION, format_duration

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value; `bounds` are the least and the greatest number, or None for no bound."""

    type: type
    format: Format | None = None
    bounds: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of like entries."""

    item: Shape


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping whose keys are the author's own."""

    key: Shape
    value: Shape


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known keys; `short` is what may stand for it."""

    model: type[BaseModel]
    short: Shape | None = None


@dataclass(frozen=True, slots=True)
class Variants:
    """One of several shapes: by the value of the key `by`, or by what is written if that is empty."""

    by: str
    branches: Mapping[str, Shape] = field(hash=False)


Shape: TypeAlias = Scalar | Choice | Listing | Table | Record | Variants


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record; `default` is meaningless where `required`."""

    name: str
    shape: Shape
    required: bool
    default: object
    description: str

    @property
    def written(self) -> str | int | bool | list[str] | None:
        """The default as a person would write it; None where that is nothing."""
        match self.default:
            case int() as seconds if (
                isinstance(self.shape, Scalar) and self.shape.format is DURATION
            ):
                return format_duration(seconds)
            case str() | int() as value:
                return value
            case (_, *_) as values:
                return [str(value) for value in values]
            case _:
                return None

    @property
    def summary(self) -> str:
        """The first paragraph of the description, on one line."""
        return " ".join(self.description.partition("\n\n")[0].split())


@cache
def keys(model: type[BaseModel]) -> Mapping[str, Key]:
    """Return the keys of a model by the name that they have in YAML."""
    hints = get_type_hints(model, include_extras=True)
    told = descriptions(model)
    found = {}
    for attribute, info in model.model_fields.items():
        name = info.alias or attribute
        shape = _shape(hints[attribute], tuple(info.metadata))
        default = info.get_default(call_default_factory=False)
        found[name] = Key(name, shape, info.is_required(), default, told.get(attribute, ""))
    return found


def records(shape: Shape) -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield the models that a value of this shape may be read as, each with the word that chooses it."""
    match shape:
        case Record(model=model):
            yield "", model
        case Listing(item=inner) | Table(value=inner):
            yield from records(inner)
        case Variants(by=by, branches=branches):
            for name, branch in branches.items():
                yield from ((name if by else word, model) for word, model in records(branch))
        case _:
            return


def _shape(annotation: object, metadata: tuple[object, ...] = ()) -> Shape:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _shape(arguments[0], (*_flat(arguments[1:]), *metadata))
    if origin in (Union, types.UnionType):
        return _union([each for each in arguments if each is not type(None)], metadata)
    if origin is not None:
        return _composed(origin, arguments)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return Record(annotation, _short(annotation, metadata))
    if isinstance(annotation, type):
        bounds = (_bound(metadata, "ge"), _bound(metadata, "le"))
        return Scalar(annotation, _first(metadata, Format), bounds)
    raise TypeError(f"a field of a model has the type {annotation}, which no shape stands for")


def _composed(origin: object, arguments: tuple[object, ...]) -> Shape:
    if origin is tuple:
        return Listing(_shape(arguments[0]))
    if origin is dict:
        return Table(_shape(arguments[0]), _shape(arguments[1]))
    return Choice(tuple(str(value) for value in arguments))


def _flat(metadata: tuple[object, ...]) -> Iterator[object]:
    for each in metadata:
        if isinstance(each, FieldInfo):
            yield from each.metadata
            if each.discriminator is not None:
                yield each.discriminator
        else:
            yield each


def _union(members: list[object], metadata: tuple[object, ...]) -> Shape:
    if len(members) == 1:
        return _shape(members[0], metadata)
    by = _first(metadata, str)
    if by is not None:
        return Variants(by, dict(_tagged(members, by)))
    if _first(metadata, Discriminator) is None:
        raise TypeError(f"nothing tells the members of the union {members} apart")
    return Variants("", {_tag(member): _shape(member) for member in members})


def _tagged(members: list[object], by: str) -> Iterator[tuple[str, Shape]]:
    for member in members:
        shape = _shape(member)
        if isinstance(shape, Record):
            for word in get_args(shape.model.model_fields[by].annotation):
                yield word, shape


def _tag(member: object) -> str:
    return next(each.tag for each in get_args(member)[1:] if isinstance(each, Tag))


def _short(model: type[BaseModel], metadata: tuple[object, ...]) -> Shape | None:
    """Return what else a validator takes for the model, as it says for the JSON Schema."""
    validator = _first(metadata, BeforeValidator)
    accepted = getattr(validator, "json_schema_input_type", PydanticUndefined)
    others = [each for each in get_args(accepted) if each is not model]
    return _shape(others[0]) if others else None


def _first(metadata: tuple[object, ...], wanted: type[T]) -> T | None:
    return next((each for each in metadata if isinstance(each, wanted)), None)


def _bound(metadata: tuple[object, ...], name: str) -> int | None:
    return next(
        (value for each in metadata if (value := getattr(each, name, None)) is not None), None
    )
