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
_NOWHERE = {
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
    """Compile the search: as a schema it visits every string an order faster than Python does."""
    return jsonschema_rs.Draft202012Validator(_NOWHERE)


def flux_faults(manifest: Manifest) -> Iterator[Fault]:
    """Yield the strings of an object that Flux would rewrite."""
    scanner = _scanner()
    if scanner.is_valid(manifest):
        return
    annotations = (manifest.get("metadata") or {}).get("annotations") or {}
    if annotations.get(SUBSTITUTE) == "disabled":
        return
    for error in scanner.iter_errors(manifest):
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
