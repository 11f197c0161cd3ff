"""What Pydantic finds wrong, in words for people and with paths that lead into what they wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bpc.diagnostics import Edit, Finding, Pointer, Where
from bpc.model import codes
from bpc.model.suggest import closest
from bpc.model.words import word_for
from bpc.source.secrets import sensitive

_NO_FIT = {
    "dict_type",
    "enum",
    "list_type",
    "literal_error",
    "model_type",
    "string_type",
    "tuple_type",
}
_TAG_KEY = "type"


def explain(
    model: type[BaseModel], data: dict[str, object], error: ValidationError, where: Where
) -> list[Finding]:
    """Return a finding for each mistake, at the place in the document where it was made.

    Where a value may be of several kinds, only the mistakes of the kind that fits best are told. A key
    that is missing is not told beside a misspelt one that was meant for it.
    """
    mistakes = [_Mistake(data, details) for details in error.errors(include_url=False)]
    kept = _best_branches(mistakes)
    misspelt = _misspelt(model, kept)
    findings = []
    for mistake in kept:
        meant = misspelt.get(mistake.pointer)
        if mistake.kind == "missing" and mistake.pointer in misspelt.values():
            continue
        findings.append(_finding(mistake, meant, where))
    return findings


class _Mistake:
    """One error, with the path that it has in the data rather than in the models."""

    def __init__(self, data: dict[str, object], details: ErrorDetails) -> None:
        self.kind = details["type"]
        self.message = details["msg"]
        self.value = details["input"]
        self.context: Mapping[str, object] = details.get("ctx", {})
        self.branches: list[tuple[Pointer, str]] = []
        self.pointer = self._walk(data, details["loc"])

    def _walk(self, data: object, location: Sequence[str | int]) -> Pointer:
        found: list[str | int] = []
        for index, step in enumerate(location):
            if isinstance(data, dict) and data.get(_TAG_KEY) == step:
                continue
            below = _below(data, step)
            if below is not None:
                found.append(step)
                data = below[0]
            elif index == len(location) - 1 and self.kind == "missing":
                found.append(step)
            elif isinstance(step, str):
                self.branches.append((tuple(found), step))
        return tuple(found)


def _below(data: object, step: str | int) -> tuple[object] | None:
    if isinstance(data, dict) and step in data:
        return (data[step],)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return (data[step],)
    return None


def _best_branches(mistakes: Sequence[_Mistake]) -> list[_Mistake]:
    unions: dict[Pointer, dict[str, list[_Mistake]]] = defaultdict(lambda: defaultdict(list))
    for mistake in mistakes:
        for place, branch in mistake.branches:
            unions[place][branch].append(mistake)
    dropped: set[int] = set()
    for place, branches in unions.items():
        if len(branches) > 1:
            best = min(branches, key=lambda name: _misfit(place, branches[name]))
            dropped |= {id(m) for name in branches if name != best for m in branches[name]}
    kept = [mistake for mistake in mistakes if id(mistake) not in dropped]
    return [mistake for mistake in kept if not _only_follows(mistake, kept)]


def _only_follows(mistake: _Mistake, others: Sequence[_Mistake]) -> bool:
    """Whether a list is too short only because entries of it are wrong."""
    place = mistake.pointer
    return mistake.kind == "too_short" and any(
        len(other.pointer) > len(place) and other.pointer[: len(place)] == place for other in others
    )


def _misfit(place: Pointer, mistakes: Sequence[_Mistake]) -> tuple[int, int]:
    """Rank a branch: one that takes this kind of value first, then a choice of words for a text."""
    refused = [m for m in mistakes if m.pointer == place and m.kind in _NO_FIT]
    if not refused:
        return (0, 0)
    words = refused[0].kind == "literal_error" and isinstance(refused[0].value, str)
    return (1, 0 if words else 1)


def _misspelt(model: type[BaseModel], mistakes: Sequence[_Mistake]) -> dict[Pointer, Pointer]:
    """Return for each unknown key the one that was probably meant, both as paths."""
    found: dict[Pointer, Pointer] = {}
    for mistake in mistakes:
        if mistake.kind != "extra_forbidden" or not mistake.pointer:
            continue
        *above, key = mistake.pointer
        missing = [
            str(other.pointer[-1])
            for other in mistakes
            if other.kind == "missing" and other.pointer[:-1] == tuple(above)
        ]
        near = closest(str(key), missing) or closest(str(key), _keys(model, tuple(above)))
        if near is not None:
            found[mistake.pointer] = (*above, near)
    return found


def _keys(model: type[BaseModel], pointer: Pointer) -> list[str]:
    """Return the keys that any model at this place of the document could have."""
    models: set[type[BaseModel]] = {model}
    for step in pointer:
        following: set[type[BaseModel]] = set()
        for each in models:
            for name, field in each.model_fields.items():
                if step in (field.alias or name, name) or isinstance(step, int):
                    following |= _models(field.annotation)
        models = following or models
    return sorted({f.alias or name for m in models for name, f in m.model_fields.items()})


def _models(annotation: object) -> set[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return {annotation}
    found: set[type[BaseModel]] = set()
    for argument in get_args(annotation):
        found |= _models(argument)
    return found


def _finding(mistake: _Mistake, meant: Pointer | None, where: Where) -> Finding:
    place = where.at(*mistake.pointer)
    named = [step for step in mistake.pointer if isinstance(step, str)]
    key = named[-1] if named else "the document"
    if mistake.kind == "missing":
        return Finding(
            codes.MISSING_KEY,
            f"`{key}` is missing",
            where.at(*mistake.pointer[:-1]),
            help=f"add `{key}`",
        )
    if mistake.kind == "extra_forbidden":
        return _unknown_key(key, meant, place.as_key())
    shown = "" if sensitive(key) else word_for(mistake.value)
    if mistake.kind in ("literal_error", "union_tag_invalid", "enum"):
        return _not_one_of(mistake, place, key, shown)
    return _other(mistake, place, key, shown)


def _unknown_key(key: str, meant: Pointer | None, place: Where) -> Finding:
    name = str(meant[-1]) if meant else None
    return Finding(
        codes.UNKNOWN_KEY,
        f"`{key[:60]}` means nothing here",
        place,
        help=f"did you mean `{name}`?" if name else "remove it",
        edit=Edit(place, rename=name) if name else None,
    )


def _not_one_of(mistake: _Mistake, place: Where, key: str, shown: str) -> Finding:
    choices = _choices(mistake)
    value = mistake.value
    if mistake.kind == "union_tag_invalid":
        place = place / _TAG_KEY
        value = mistake.context.get("tag")
        shown, key = word_for(value), _TAG_KEY
    near = closest(value, choices) if isinstance(value, str) else None
    return Finding(
        codes.NOT_ONE_OF,
        f"{shown or 'this'} is not one of the values of `{key}`",
        place,
        help=f"did you mean `{near}`?" if near else f"use {_listed(choices)}",
        edit=Edit(place, value=near) if near else None,
    )


def _choices(mistake: _Mistake) -> list[str]:
    text = str(mistake.context.get("expected_tags") or mistake.context.get("expected") or "")
    return [
        part.strip().strip("'") for part in text.replace(" or ", ", ").split(",") if part.strip()
    ]


def _listed(choices: Iterable[str]) -> str:
    names = [f"`{choice}`" for choice in choices]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


_TYPES = {
    "string_type": "text",
    "bool_type": "`true` or `false`",
    "bool_parsing": "`true` or `false`",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "list_type": "a list",
    "tuple_type": "a list",
}
_RANGES = {
    "greater_than_equal": ("at least", "ge"),
    "less_than_equal": ("at most", "le"),
    "too_short": ("at least", "min_length"),
    "too_long": ("at most", "max_length"),
    "string_too_short": ("at least", "min_length"),
    "string_too_long": ("at most", "max_length"),
}
_OWN_FORMATS = {"duration", "size", "rate", "day"}


def _other(mistake: _Mistake, place: Where, key: str, shown: str) -> Finding:
    value = shown or "this"
    if mistake.kind in _TYPES:
        wanted = _TYPES[mistake.kind]
        number = isinstance(mistake.value, int | float) and wanted == "text"
        return Finding(
            codes.WRONG_TYPE,
            f"`{key}` takes {wanted}, and {value} is {_type_of(mistake.value)}",
            place,
            help="write it in quotes" if number else f"write {wanted}",
        )
    if mistake.kind in _RANGES:
        words, bound = _RANGES[mistake.kind]
        limit = f"{words} {mistake.context.get(bound)}{_unit(mistake)}"
        return Finding(codes.OUT_OF_RANGE, f"`{key}` must be {limit}", place, help=f"use {limit}")
    if mistake.kind in _OWN_FORMATS:
        return Finding(
            codes.BAD_FORMAT, f"{value}: {mistake.message}", place, help=_example(mistake)
        )
    if mistake.kind == "string_pattern_mismatch":
        return Finding(
            codes.BAD_FORMAT,
            f"{value} is not in the form that `{key}` has",
            place,
            help=f"match `{mistake.context.get('pattern')}`; see `bpc explain` for the field",
        )
    if mistake.kind == "union_tag_not_found":
        return Finding(
            codes.MISSING_KEY, f"`{_TAG_KEY}` is missing", place, help=f"add `{_TAG_KEY}`"
        )
    message = mistake.message[:1].lower() + mistake.message[1:]
    return Finding(codes.INVALID, message, place, help="see `bpc explain` for the field")


def _unit(mistake: _Mistake) -> str:
    if isinstance(mistake.value, str):
        return " characters"
    return " in number" if isinstance(mistake.value, list | dict) else ""


_EXAMPLES = {"duration": "30m", "size": "120Gi", "rate": "200MiB/s", "day": '"2027-03-31"'}


def _example(mistake: _Mistake) -> str:
    return f"write it like `{_EXAMPLES[mistake.kind]}`"


def _type_of(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case bool():
            return "a yes or no"
        case int() | float():
            return "a number"
        case str():
            return "text"
        case list():
            return "a list"
        case _:
            return "a mapping"
