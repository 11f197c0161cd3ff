"""What people are told about a mistake: what is wrong, and one thing to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydantic import BaseModel

from bpc.diagnostics import Edit, Finding, Pointer, Where
from bpc.model import codes
from bpc.model.conversion import accepted, advise, type_of
from bpc.model.format import Format
from bpc.model.locating import Mistake
from bpc.model.shape import Choice, Key, Scalar, Variants, keys
from bpc.model.suggest import closest
from bpc.model.whereabouts import elsewhere
from bpc.model.words import listed, word_for
from bpc.source.secrets import sensitive, suspicious

_ALMOST_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]*\Z")
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
_WORDY_DURATION = re.compile(
    r"([0-9]+) ?(?:(s)ec(?:ond)?|(m)in(?:ute)?|(h)(?:ou)?r|(d)ay|(w)eek)s?\Z", re.IGNORECASE
)


def misspelt(place: Where, meant: str) -> Finding:
    """Say that the key at `place` should be another."""
    return Finding(
        codes.UNKNOWN_KEY,
        f"{_key(str(place.pointer[-1]))} means nothing here",
        place.as_key(),
        help=f"did you mean `{meant}`?",
        edit=Edit(place.as_key(), rename=meant),
    )


def say(model: type[BaseModel], mistake: Mistake, place: Where) -> Finding:
    """Say what is wrong at `place` in a document of this model, and what to do about it."""
    if mistake.at_key:
        place = place.as_key()
    if mistake.kind == "extra_forbidden":
        return _unknown_key(model, mistake, place.as_key())
    return _SAYINGS.get(mistake.kind, _invalid)(mistake, place)


def _unknown_key(model: type[BaseModel], mistake: Mistake, place: Where) -> Finding:
    name = str(mistake.pointer[-1])
    found = elsewhere(model, name, mistake.place)
    here = ".".join(mistake.names)
    return Finding(
        codes.UNKNOWN_KEY,
        f"{_key(name)} means nothing here",
        place,
        help=found or f"remove it; `bpc explain {here}` lists what can be said here",
    )


def _key(name: str) -> str:
    return "this key" if suspicious("", name) else word_for(name)


def _missing(mistake: Mistake, place: Where) -> Finding:
    key = keys(mistake.owner)[str(mistake.pointer[-1])]
    above = Where(place.path, place.document, place.pointer[:-1])
    return Finding(
        codes.MISSING_KEY,
        f"`{key.name}` is missing",
        above,
        help=f"add `{key.name}`: {_aside(key)}",
    )


def _aside(key: Key) -> str:
    """Return a description as it reads after a colon."""
    if isinstance(key.shape, Choice):
        return listed(key.shape.values)
    text = key.summary.rstrip(".")
    return text[0].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def _missing_choice(mistake: Mistake, place: Where) -> Finding:
    by, words = _variants(mistake)
    return Finding(
        codes.MISSING_KEY, f"`{by}` is missing", place, help=f"add `{by}`: {listed(words)}"
    )


def _wrong_choice(mistake: Mistake, place: Where) -> Finding:
    by, words = _variants(mistake)
    written = mistake.value.get(by) if isinstance(mistake.value, dict) else None
    return _not_among(words, by, written, _visible(place.pointer, written), place)


def _variants(mistake: Mistake) -> tuple[str, tuple[str, ...]]:
    shape = mistake.shape
    return (shape.by, tuple(shape.branches)) if isinstance(shape, Variants) else ("", ())


def _wrong_word(mistake: Mistake, place: Where) -> Finding:
    words = mistake.shape.values if isinstance(mistake.shape, Choice) else ()
    return _not_among(words, _name(mistake), mistake.value, _shown(mistake), place)


def _not_among(
    words: tuple[str, ...], key: str, value: object, shown: str, place: Where
) -> Finding:
    near = closest(value, words) if isinstance(value, str) else None
    return Finding(
        codes.NOT_ONE_OF,
        f"{shown or 'this'} is not one of the values of `{key}`",
        place,
        help=f"did you mean `{near}`?" if near else f"use {listed(words)}",
        edit=Edit(place, value=near) if near else None,
    )


def _wrong_type(mistake: Mistake, place: Where) -> Finding:
    shown = _shown(mistake)
    found = (
        f"{shown} is {type_of(mistake.value)} here"
        if shown
        else f"this is {type_of(mistake.value)}"
    )
    cure, new = advise(mistake.shape, mistake.value)
    return Finding(
        codes.WRONG_TYPE,
        f"{_subject(mistake)} takes {accepted(mistake.shape)}, and {found}",
        place,
        help=cure,
        edit=Edit(place, value=new) if new is not None else None,
    )


def _bad_format(mistake: Mistake, place: Where) -> Finding:
    form = _format(mistake)
    better = _tidied(mistake)
    return Finding(
        codes.BAD_FORMAT,
        f"{_shown(mistake) or 'this'} is not {form.name}",
        place,
        help=f"write `{better}`: {form.use}" if better else f"use {form.use}",
    )


def _format(mistake: Mistake) -> Format:
    shape = mistake.shape
    if isinstance(shape, Scalar) and shape.format is not None:
        return shape.format
    return Format("in the form that is needed", f"`{mistake.context.get('pattern')}`")


def _tidied(mistake: Mistake) -> str:
    """Return what may be meant, written as it has to be, or nothing."""
    value = mistake.value
    if not isinstance(value, str) or not _shown(mistake):
        return ""
    if mistake.kind == "duration":
        found = _WORDY_DURATION.match(value)
        return (
            found[1] + "".join(unit or "" for unit in found.groups()[1:]).lower() if found else ""
        )
    simple = _NOT_IN_NAMES.sub("-", value.lower()).strip("-") if _ALMOST_NAME.match(value) else ""
    fits = re.fullmatch(str(mistake.context.get("pattern", "")), simple)
    return simple if fits and simple != value else ""


_BOUNDS: Mapping[str, tuple[str, str, str]] = {
    "greater_than_equal": ("at least", "ge", ""),
    "less_than_equal": ("at most", "le", ""),
    "too_short": ("at least", "min_length", " entries"),
    "too_long": ("at most", "max_length", " entries"),
    "string_too_short": ("at least", "min_length", " characters"),
    "string_too_long": ("at most", "max_length", " characters"),
}


def _out_of_range(mistake: Mistake, place: Where) -> Finding:
    words, bound, unit = _BOUNDS[mistake.kind]
    number = mistake.context.get(bound)
    if number == 1:
        unit = {" entries": " entry", " characters": " character"}.get(unit, "")
    verb = "have" if unit else "be"
    limit = f"{words} {number}{unit}"
    return Finding(
        codes.OUT_OF_RANGE,
        f"{_subject(mistake)} must {verb} {limit}",
        place,
        help=f"write {limit}",
    )


def _invalid(mistake: Mistake, place: Where) -> Finding:
    message = mistake.message[:1].lower() + mistake.message[1:]
    here = ".".join(mistake.names)
    cure = str(mistake.context.get("help", f"see `bpc explain {here}`"))
    return Finding(codes.INVALID, message, place, help=cure)


def _name(mistake: Mistake) -> str:
    return next((step for step in reversed(mistake.pointer) if isinstance(step, str)), "document")


def _subject(mistake: Mistake) -> str:
    if mistake.pointer and isinstance(mistake.pointer[-1], int):
        return f"an entry of `{_name(mistake)}`"
    return f"`{_name(mistake)}`"


def _shown(mistake: Mistake) -> str:
    return _visible(mistake.pointer, mistake.value)


def _visible(pointer: Pointer, value: object) -> str:
    """Return the value in backquotes, unless it looks like a secret or lies below a key that says so."""
    named = [step for step in pointer if isinstance(step, str)]
    if any(map(sensitive, named)):
        return ""
    secret = isinstance(value, str) and suspicious(named[-1] if named else "", value)
    return "" if secret else word_for(value)


_SAYINGS: Mapping[str, Callable[[Mistake, Where], Finding]] = {
    "missing": _missing,
    "union_tag_not_found": _missing_choice,
    "union_tag_invalid": _wrong_choice,
    "literal_error": _wrong_word,
    "string_pattern_mismatch": _bad_format,
    **dict.fromkeys(("duration", "size", "rate", "day"), _bad_format),
    **dict.fromkeys(_BOUNDS, _out_of_range),
    **dict.fromkeys(
        (
            "string_type",
            "bool_type",
            "int_type",
            "int_from_float",
            "dict_type",
            "model_type",
            "model_attributes_type",
            "tuple_type",
        ),
        _wrong_type,
    ),
}
