from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import kubernetes_validate
import pytest
import referencing
from referencing.jsonschema import DRAFT202012

from bpc.validate import Target, Validator, kubernetes_minors
from bpc.validate.kubernetes import check_minor, core_validator

ROOT = Path(kubernetes_validate.__file__).parent


def test_every_packaged_minor_from_1_25_on_is_offered_in_numeric_order() -> None:
    minors = kubernetes_minors()
    numbers = [tuple(map(int, minor.split("."))) for minor in minors]
    packaged = {entry.name.split("-")[0][1:].rpartition(".")[0] for entry in _directories()}
    assert minors[0] == "1.25"
    assert numbers == sorted(numbers)
    assert set(minors) == packaged


def test_an_unknown_minor_is_refused_with_the_list_of_those_at_hand() -> None:
    with pytest.raises(ValueError, match=r"`1\.9`.*1\.25, 1\.26"):
        check_minor("1.9")
    with pytest.raises(ValueError, match=r"`1\.99`"):
        Validator(Target("1.99"))


def test_a_patch_release_of_kubernetes_uses_the_schemas_of_its_minor(sample: Any) -> None:
    assert Validator(Target("1.31.4")).check(sample("ConfigMap")) == []


def test_a_kind_is_compiled_once_per_minor() -> None:
    first = core_validator("1.29", "batch/v1", "CronJob")
    assert first is core_validator("1.29", "batch/v1", "CronJob")
    assert first is not core_validator("1.30", "batch/v1", "CronJob")


@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("batch/v2", "CronJob"), ("v1", "Cron"), ("v1", "../configmap"), ("apps/../v1", "Deployment")],
)
def test_what_kubernetes_does_not_have_has_no_validator(api_version: str, kind: str) -> None:
    assert core_validator("1.31", api_version, kind) is None


def test_a_foreign_group_with_the_same_first_label_is_refused(check: Any, sample: Any) -> None:
    manifest = sample("CronJob") | {"apiVersion": "batch.example.org/v1"}
    assert check(manifest) == ["apiVersion: `batch.example.org/v1` is not `batch/v1`"]


def test_a_field_newer_than_the_minor_is_refused(sample: Any) -> None:
    manifest = sample("Job")
    manifest["spec"]["successPolicy"] = {"rules": [{"succeededIndexes": "0"}]}
    manifest["spec"]["completionMode"] = "Indexed"
    assert Validator(Target("1.30")).check(manifest) == []
    faults = Validator(Target("1.29")).check(manifest)
    assert [str(fault) for fault in faults] == ["spec/successPolicy: unknown field `successPolicy`"]


def test_the_build_path_imports_neither_the_distribution_nor_its_slow_validator() -> None:
    program = (
        "import sys\n"
        "from bpc.validate import Target, validator\n"
        "validator(Target('1.31')).check({'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {}})\n"
        "print(sorted({'kubernetes_validate', 'jsonschema', 'referencing'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("minor", ["1.25", "1.31", kubernetes_minors()[-1]])
def test_verdicts_and_error_paths_equal_those_of_the_distribution(
    minor: str, core_samples: list[dict[str, Any]]
) -> None:
    checked = rejected = 0
    for manifest in _variants(core_samples, seed=minor):
        ours = core_validator(minor, manifest["apiVersion"], manifest["kind"])
        assert ours is not None
        paths = sorted(error.instance_path for error in ours.iter_errors(manifest))
        assert paths == _reference_paths(minor, manifest)
        assert ours.is_valid(manifest) == _accepted(minor, manifest)
        checked += 1
        rejected += bool(paths)
    assert checked > 100
    assert 30 < rejected < checked - 30


def _accepted(minor: str, manifest: dict[str, Any]) -> bool:
    try:
        kubernetes_validate.validate(manifest, minor, strict=True)
    except kubernetes_validate.ValidationError:
        return False
    return True


def _directories() -> Iterator[Path]:
    return (ROOT / "kubernetes-json-schema").glob("v*-local-strict")


_REGISTRIES: dict[str, referencing.Registry[Any]] = {}


def _reference_paths(minor: str, manifest: dict[str, Any]) -> list[list[str | int]]:
    directory = next(entry for entry in _directories() if entry.name.startswith(f"v{minor}."))
    if minor not in _REGISTRIES:
        definitions = json.loads((directory / "_definitions.json").read_bytes())
        resource = referencing.Resource.from_contents(definitions, DRAFT202012)
        _REGISTRIES[minor] = resource @ referencing.Registry()
    group, _, version = manifest["apiVersion"].rpartition("/")
    stem = "-".join(
        part for part in (manifest["kind"].lower(), group.partition(".")[0], version) if part
    )
    schema = json.loads((directory / f"{stem}.json").read_bytes())
    validator = jsonschema.Draft202012Validator(schema, registry=_REGISTRIES[minor])
    return sorted(list(error.absolute_path) for error in validator.iter_errors(manifest))


def _variants(originals: list[dict[str, Any]], seed: str) -> Iterator[dict[str, Any]]:
    """Give each object as it is, and eight times with one or two of its values spoilt."""
    rng = random.Random(seed)  # noqa: S311 not for security: the same variants in every run
    for original in originals:
        yield original
        for number in range(8):
            manifest = copy.deepcopy(original)
            for _ in range(1 + number % 2):
                _spoil(manifest, rng)
            yield manifest


def _spoil(manifest: dict[str, Any], rng: random.Random) -> None:
    places = [place for place in _places(manifest) if place[1] not in ("apiVersion", "kind")]
    holder, key = rng.choice(places)
    change = rng.choice(["drop", "null", "list", "huge", "float", "flag", "unknown", "object"])
    if change == "drop":
        del holder[key]
    elif change == "unknown":
        holder[key] = {**holder[key], "zzz": 1} if isinstance(holder[key], dict) else {"zzz": 1}
    else:
        values = {"null": None, "list": [holder[key]], "huge": 10**30, "float": 1.0, "flag": True}
        holder[key] = values.get(change, {})


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    steps = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, value in steps:
        yield node, key
        yield from _places(value)
