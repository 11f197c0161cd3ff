"""Our closed models against the published definitions of every release at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bpc.validate import Target, Validator, argocd, flux, snapshot, velero
from bpc.validate.resource import Resource

Schema = dict[str, Any]


class Case(NamedTuple):
    target: Target
    api_version: str
    kind: str
    file: str

    def __str__(self) -> str:
        return f"{self.file.split('/')[1]}-{self.kind}-{self.api_version.rpartition('/')[2]}"


_VELERO = ("1.10.3", "1.11.1", "1.12.4", "1.13.2", "1.14.1", "1.15.2", "1.16.2", "1.17.2", "1.18.1")
_VELERO_KINDS = ("Schedule", "Restore", "BackupStorageLocation", "VolumeSnapshotLocation")
_SNAPSHOTTERS = {
    "6.3.4": ("v1alpha1",),
    "7.0.2": ("v1alpha1",),
    "8.0.2": ("v1alpha1",),
    "8.2.1": ("v1beta1",),
    "8.6.0": ("v1beta1", "v1beta2", "v1"),
}
# Flux release: source-controller, kustomize-controller, helm-controller.
_FLUX = {
    "2.0": ("v1.0.1", "v1.0.1", "v0.35.0"),
    "2.3": ("v1.3.0", "v1.3.0", "v1.0.1"),
    "2.6": ("v1.6.2", "v1.6.1", "v1.3.0"),
    "2.9": ("v1.9.1", "v1.9.4", "v1.6.3"),
}


def _snapshot_cases() -> Iterator[Case]:
    for release, versions in _SNAPSHOTTERS.items():
        target = Target("1.31", snapshotter=release)
        for kind in ("VolumeSnapshotClass", "VolumeSnapshot", "VolumeSnapshotContent"):
            file = f"external-snapshotter/v{release}/{snapshot.GROUP}_{kind.lower()}_v1.json"
            yield Case(target, f"{snapshot.GROUP}/v1", kind, file)
        group = snapshot.GROUP_OF_GROUPS
        for version in versions:
            for kind in ("VolumeGroupSnapshotClass", "VolumeGroupSnapshot"):
                file = f"external-snapshotter/v{release}/{group}_{kind.lower()}_{version}.json"
                yield Case(target, f"{group}/{version}", kind, file)


def _flux_cases() -> Iterator[Case]:
    served = {
        (flux.KUSTOMIZE, "v1", "Kustomization"): _FLUX,
        (flux.SOURCE, "v1", "GitRepository"): _FLUX,
        (flux.HELM, "v2", "HelmRelease"): ("2.3", "2.6", "2.9"),
        (flux.SOURCE, "v1", "HelmRepository"): ("2.3", "2.6", "2.9"),
        (flux.SOURCE, "v1beta2", "HelmRepository"): ("2.0", "2.3", "2.6"),
        (flux.SOURCE, "v1", "OCIRepository"): ("2.6", "2.9"),
        (flux.SOURCE, "v1beta2", "OCIRepository"): ("2.0", "2.3", "2.6"),
    }
    for (group, version, kind), releases in served.items():
        for release in releases:
            project = f"flux-{group.partition('.')[0]}-controller"
            tag = _FLUX[release][("source", "kustomize", "helm").index(group.partition(".")[0])]
            file = f"{project}/{tag}/{group}_{kind.lower()}_{version}.json"
            yield Case(Target("1.31", flux=release), f"{group}/{version}", kind, file)


CASES = (
    *(
        Case(
            Target("1.31", velero=release),
            "velero.io/v1",
            kind,
            f"velero/v{release}/velero.io_{kind.lower()}_v1.json",
        )
        for release in _VELERO
        for kind in _VELERO_KINDS
    ),
    *_snapshot_cases(),
    *_flux_cases(),
    *(
        Case(
            Target("1.31", argocd=release),
            "argoproj.io/v1alpha1",
            "Application",
            f"argo-cd/v{release}/argoproj.io_application_v1alpha1.json",
        )
        for release in ("2.8.21", "2.14.11", "3.1.0", "3.5.1")
    ),
)
_MODULES = (velero, snapshot, flux, argocd)
every_case = pytest.mark.parametrize("case", CASES, ids=str)


def model(case: Case) -> Resource:
    group = case.api_version.partition("/")[0]
    module = next(
        module
        for module in _MODULES
        if group in (getattr(module, name) for name in dir(module) if name.isupper())
    )
    return module.resource(case.api_version, case.kind, case.target)


def ours(case: Case) -> Schema:
    schema: Schema = model(case).schema(case.api_version, case.kind)
    return schema


@every_case
def test_the_definition_has_each_of_our_fields_with_its_type_and_requires_no_other(
    case: Case, real_schema: Callable[[str], Schema]
) -> None:
    assert list(_disagreements(ours(case), real_schema(case.file), ())) == []


@every_case
def test_what_we_accept_the_closed_definition_accepts(
    case: Case, real_schema: Callable[[str], Schema]
) -> None:
    real = jsonschema_rs.Draft202012Validator(_closed(real_schema(case.file)))
    checker = Validator(case.target)
    accepted = []

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(_objects(ours(case), case))
    def property_(manifest: Schema) -> None:
        assume(checker.check(manifest) == [])
        accepted.append(manifest)
        assert [error.message for error in real.iter_errors(manifest)] == []

    property_()
    assert accepted


@pytest.mark.parametrize("case", [case for case in CASES if "velero.io" in case.file], ids=str)
def test_no_field_of_velero_is_missing_from_our_models(
    case: Case, real_schema: Callable[[str], Schema]
) -> None:
    theirs = {
        path
        for path in _paths(real_schema(case.file))
        if path[0] == "spec" and "initContainers" not in path[:-1]
    }
    assert theirs == {path for path in _paths(ours(case)) if path[0] == "spec"}


@pytest.mark.parametrize(
    "case", [case for case in CASES if "flux" in case.file or "argo" in case.file], ids=str
)
def test_a_field_that_we_hold_back_is_not_in_that_release(
    case: Case, real_schema: Callable[[str], Schema]
) -> None:
    newest = case._replace(target=Target("1.31", flux="2.7", argocd="3.5"))
    held_back = set(_paths(ours(newest))) - set(_paths(ours(case)))
    assert held_back.isdisjoint(_paths(real_schema(case.file)))


@pytest.mark.parametrize(
    ("group", "version", "kind"),
    [
        (flux.HELM, "v2", "HelmRelease"),
        (flux.SOURCE, "v1", "HelmRepository"),
        (flux.SOURCE, "v1", "OCIRepository"),
        (flux.SOURCE, "v1beta2", "HelmRepository"),
        (flux.SOURCE, "v1beta2", "OCIRepository"),
    ],
)
def test_flux_serves_what_we_model_and_not_what_we_refuse(
    group: str, version: str, kind: str, published: Callable[[str], bool]
) -> None:
    project = f"flux-{group.partition('.')[0]}-controller"
    verdicts = set()
    for release, tags in _FLUX.items():
        tag = tags[2] if group == flux.HELM else tags[0]
        served = published(f"{project}/{tag}/{group}_{kind.lower()}_{version}.json")
        assert _is_modelled(f"{group}/{version}", kind, Target("1.31", flux=release)) == served
        verdicts.add(served)
    assert verdicts == {True, False}


def _is_modelled(api_version: str, kind: str, target: Target) -> bool:
    try:
        flux.resource(api_version, kind, target)
    except ValueError:
        return False
    return True


def _disagreements(mine: Schema, theirs: Schema, path: tuple[str, ...]) -> Iterator[str]:
    if theirs.get("x-kubernetes-preserve-unknown-fields") or path == ("metadata",):
        return
    place = ".".join(path)
    if mine["type"] != theirs.get("type"):
        yield f"{place}: {mine['type']} is {theirs.get('type')}"
    if "enum" in theirs and not set(mine["enum"]) <= set(theirs["enum"]):
        yield f"{place}: {mine['enum']} exceeds {theirs['enum']}"
    yield from _field_disagreements(mine, theirs, path)
    for key in ("items", "additionalProperties"):
        if isinstance(mine.get(key), dict):
            yield from _disagreements(mine[key], theirs[key], (*path, key))


def _field_disagreements(mine: Schema, theirs: Schema, path: tuple[str, ...]) -> Iterator[str]:
    if "properties" not in mine:
        return
    place, fields = ".".join(path), theirs.get("properties", {})
    for name in sorted(set(theirs.get("required", ())) - set(mine["required"])):
        yield f"{place}: {name} is optional"
    for name, below in mine["properties"].items():
        if name in fields:
            yield from _disagreements(below, fields[name], (*path, name))
        elif (*path, name) != ("metadata",):
            yield f"{place}: no field {name}"


def _paths(schema: Schema, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, below in schema.get("properties", {}).items():
        yield (*path, name)
        yield from _paths(below, (*path, name))
    if isinstance(schema.get("items"), dict):
        yield from _paths(schema["items"], path)


def _closed(schema: Schema) -> Schema:
    """Refuse what a definition does not name, as strict clients do and as pruning would drop."""
    closed = {
        key: {name: _closed(below) for name, below in value.items()}
        if key == "properties"
        else _closed(value)
        if isinstance(value, dict) and key in ("items", "additionalProperties")
        else value
        for key, value in schema.items()
    }
    if "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        closed["additionalProperties"] = False
        closed["properties"].setdefault("metadata", {"type": "object"})
    return closed


_EXAMPLES = {
    "": ["x", "two words", "é"],
    "base64": ["aGVsbG8="],
    "cron": ["15 * * * *", "CRON_TZ=Asia/Shanghai 0 2 * * *", "@daily"],
    "cron-v1": ["15 * * * *", "@daily"],
    "data-key": ["cloud", "values.yaml"],
    "dns-label": ["shop", "a-1"],
    "dns-subdomain": ["shop.example", "a-1"],
    "duration": ["0s", "1m0s"],
    "duration-positive": ["720h0m0s", "1.5h", "250ms"],
    "flux-interval": ["1h", "10m30s"],
    "flux-timeout": ["60s", "5m"],
    "git-url": ["https://git.example/backup", "ssh://git@git.example/backup"],
    "helm-url": ["https://charts.example", "oci://registry.example/charts"],
    "label-key": ["app", "example.org/name"],
    "label-value": ["", "x", "A.b_c-1"],
    "namespace": ["shop", "*"],
    "namespace-glob": ["shop-*", "*"],
    "oci-url": ["oci://registry.example/charts"],
    "relative-path": ["output/prod", "a..b"],
}


def _objects(schema: Schema, case: Case) -> st.SearchStrategy[Schema]:
    metadata = {"name": "shop", "labels": {"app": "x"}}
    if model(case).namespaced:
        metadata["namespace"] = "velero"
    return _values(schema).map(lambda value: {**value, "metadata": metadata})


def _values(schema: Schema) -> st.SearchStrategy[Any]:
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "array":
        return st.lists(_values(schema["items"]), min_size=schema.get("minItems", 0), max_size=2)
    if schema["type"] == "object":
        return _mappings(schema)
    return {
        "boolean": st.booleans(),
        "integer": st.integers(0, 100),
        "string": st.sampled_from(_EXAMPLES[schema.get("format", "")]),
    }[schema["type"]]


def _mappings(schema: Schema) -> st.SearchStrategy[Schema]:
    if "properties" not in schema:
        keys = st.sampled_from(
            _EXAMPLES[schema.get("propertyNames", {}).get("format", "dns-label")]
        )
        values = schema.get("additionalProperties", {"type": "boolean"})
        return st.dictionaries(
            keys, _values(values), min_size=schema.get("minProperties", 0), max_size=2
        )
    fields = {name: _values(below) for name, below in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema["required"]}
    return st.fixed_dictionaries(required, optional=fields)
