"""The schemas of Kubernetes' own kinds, as the distribution `kubernetes-validate` packages them.

The distribution's own function parses 1.3 MB of definitions for every object that it checks, and
importing it costs more than a small build. Its files alone are used, strict variant, each compiled once.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import jsonschema_rs

from bpc.model.release import Release

_DIRECTORY = re.compile(r"(v[0-9]+\.[0-9]+\.[0-9]+)-local-strict")
_DEFINITIONS = "https://kubernetes.io/api/_definitions.json"


@cache
def _directories() -> dict[str, Path]:
    spec = find_spec("kubernetes_validate")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the distribution `kubernetes-validate` is not installed")
    root = Path(spec.submodule_search_locations[0]) / "kubernetes-json-schema"
    found = [
        (Release.parse(match[1]), entry)
        for entry in root.iterdir()
        if (match := _DIRECTORY.fullmatch(entry.name))
    ]
    return {release.series: entry for release, entry in sorted(found)}


def kubernetes_minors() -> tuple[str, ...]:
    """Return the minor releases of Kubernetes whose schemas are at hand, oldest first."""
    return tuple(_directories())


def check_minor(minor: str) -> None:
    """Raise a ValueError that lists the minors at hand where `minor` is none of them."""
    if minor not in _directories():
        raise ValueError(
            f"no schemas for Kubernetes `{minor}`; there are some for {', '.join(kubernetes_minors())}"
        )


@cache
def _registry(minor: str) -> jsonschema_rs.Registry:
    definitions = json.loads((_directories()[minor] / "_definitions.json").read_bytes())
    return jsonschema_rs.Registry([(_DEFINITIONS, definitions)])


@cache
def core_validator(minor: str, api_version: str, kind: str) -> jsonschema_rs.Validator | None:
    """Return the strict validator of a kind in a minor release, or None where that has no such kind."""
    group, _, version = api_version.rpartition("/")
    if not (kind.isalnum() and version.isalnum()):
        return None
    stem = f"{group.partition('.')[0]}-{version}" if group else version
    file = _directories()[minor] / f"{kind.lower()}-{stem}.json"
    if not file.is_file():
        return None
    schema = json.loads(file.read_bytes())
    return jsonschema_rs.Draft202012Validator(schema, registry=_registry(minor))
