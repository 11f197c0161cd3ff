"""Strings that Flux or the kubelet would rewrite on the way to the process that reads them.

Flux replaces `${NAME}` in every string of an object and turns `$$` into `$` unless the object says
no; a name that it does not know becomes nothing, or stops the whole tree. The kubelet replaces
`$(NAME)` and `$$` in the command, the arguments and the variables of a container.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

import jsonschema_rs

from bpc.diagnostics import Pointer
from bpc.validate.fault import Fault, Manifest

SUBSTITUTE = "kustomize.toolkit.fluxcd.io/substitute"

_EXPANDED = "the kubelet rewrites `$(` and `$$`: put it into a mounted file"
_REWRITTEN = r"\$[{$]"
_PLAIN = {
    "type": ["object", "array", "string", "number", "boolean"],
    "if": {"type": "string"},
    "then": {"not": {"pattern": _REWRITTEN}},
    "else": {
        "patternProperties": {_REWRITTEN: False},
        "additionalProperties": {"$ref": "#"},
        "items": {"$ref": "#"},
    },
}


@cache
def _scanner() -> jsonschema_rs.Validator:
    """Compile the search: as a schema it visits every value far faster than Python does."""
    return jsonschema_rs.Draft202012Validator(_PLAIN)


def is_plain(manifest: Manifest) -> bool:
    """Tell whether an object holds no null and no string that Flux would rewrite."""
    return _scanner().is_valid(manifest)


def null_faults(node: object, at: Pointer = ()) -> Iterator[Fault]:
    """Yield the nulls of an object: what they mean depends on who reads them, so none is written."""
    if node is None:
        yield Fault(at, "is null: leave the field out")
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from null_faults(value, (*at, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from null_faults(value, (*at, index))


def flux_faults(manifest: Manifest) -> Iterator[Fault]:
    """Yield the strings of an object that Flux would rewrite."""
    annotations = (manifest.get("metadata") or {}).get("annotations") or {}
    if annotations.get(SUBSTITUTE) == "disabled":
        return
    for error in _scanner().iter_errors(manifest):
        if error.kind.name != "type":
            yield Fault(
                tuple(error.instance_path),
                f"Flux rewrites `${{` and `$$`: annotate the object with `{SUBSTITUTE}: disabled`",
            )


def kubelet_faults(container: Manifest, at: Pointer) -> Iterator[Fault]:
    """Yield the strings of a container that the kubelet would rewrite."""
    for name in ("command", "args"):
        for index, word in enumerate(container.get(name) or ()):
            if _expands(word):
                yield Fault((*at, name, index), _EXPANDED)
    for index, variable in enumerate(container.get("env") or ()):
        if _expands(variable.get("value") or ""):
            yield Fault((*at, "env", index, "value"), _EXPANDED)


def _expands(text: str) -> bool:
    return "$(" in text or "$$" in text
