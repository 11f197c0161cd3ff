"""What a failed schema says, in words for people."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping

import jsonschema_rs

from bpc.validate.fault import Fault, Manifest, shorten
from bpc.validate.formats import FORMATS


def explain(validator: jsonschema_rs.Validator, manifest: object) -> list[Fault]:
    """Return every way in which an object fails a schema, in a fixed order."""
    faults = [fault for error in validator.iter_errors(manifest) for fault in _faults(error)]
    return sorted(faults, key=lambda fault: ([str(step) for step in fault.pointer], fault.message))


def _faults(error: jsonschema_rs.ValidationError) -> Iterator[Fault]:
    at = tuple(error.instance_path)
    found = error.kind.as_dict()
    if error.kind.name == "additionalProperties":
        for name in found["unexpected"]:
            yield Fault((*at, name), f"unknown field `{shorten(name)}`")
    elif error.kind.name == "propertyNames":
        for nested in _faults(found["error"]):
            yield Fault(at, nested.message)
    else:
        say = _SENTENCES.get(error.kind.name)
        yield Fault(at, say(found, _quote(error.instance)) if say else shorten(error.message))


def _quote(value: object) -> str:
    return shorten(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _either(values: Iterable[object]) -> str:
    return " or ".join(f"`{value}`" for value in values)


def _types(names: Iterable[str]) -> str:
    """Name the types without null, which Kubernetes' schemas allow and no object should hold."""
    return _either([name for name in names if name != "null"] or ["null"])


_Sentence = Callable[[Manifest, str], str]

_SENTENCES: Mapping[str, _Sentence] = {
    "required": lambda found, _: f"missing field `{found['property']}`",
    "type": lambda found, value: f"`{value}` is not of type {_types(found['types'])}",
    "enum": lambda found, value: f"`{value}` is not {_either(found['options'])}",
    "const": lambda found, value: f"`{value}` must be `{json.dumps(found['expected_value'])}`",
    "format": lambda found, value: f"`{value}` is not {FORMATS[str(found['format'])].meaning}",
    "minLength": lambda _, __: "must not be empty",
    "minItems": lambda _, __: "must not be empty",
    "minProperties": lambda _, __: "must not be empty",
    "oneOf": lambda _, value: f"`{value}` has none of the types allowed here",
}
