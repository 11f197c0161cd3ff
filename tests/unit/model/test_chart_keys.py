from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpc.model.chart_keys import outdated_values, owned_values, unknown_values
from bpc.model.releases import VELERO

_SHARED = Path(__file__).parents[3].parent / "shared" / "schemas" / "velero-chart"
_CHARTS = (
    *("3.2.0", "4.4.1", "5.4.1", "6.7.0", "7.2.2", "8.7.2", "9.2.0", "10.1.3", "11.4.0", "12.1.0"),
)


def _chart(version: str) -> tuple[set[tuple[str, ...]], dict[str, object]]:
    folder = _SHARED / version
    if not folder.is_dir():
        pytest.skip(f"needs ../shared/schemas/velero-chart: the values of chart {version}")
    used = json.loads((folder / "values.used.json").read_text())
    defaults = json.loads((folder / "values.defaults.json").read_text())
    return {tuple(path.split(".")) for path in used}, defaults


def _nested(path: tuple[str, ...]) -> dict[str, object]:
    """Return values that hold something at `path` and nothing else."""
    name, *below = path
    return {name: _nested(tuple(below)) if below else {"anything": 1}}


def _flat(values: dict[str, object], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in values.items():
        yield (*at, name)
        if isinstance(value, dict):
            yield from _flat(value, (*at, name))


@pytest.mark.parametrize("version", _CHARTS)
def test_what_the_chart_reads_or_sets_is_known(version: str) -> None:
    used, defaults = _chart(version)
    assert unknown_values(version, defaults) == []
    for path in used:
        if not any(other[: len(path)] == path for other in used - {path}):
            assert unknown_values(version, _nested(path)) == []


@pytest.mark.parametrize("version", _CHARTS)
def test_what_no_template_of_the_chart_reads_is_unknown(version: str) -> None:
    used, defaults = _chart(version)
    known = used | set(_flat(defaults))
    everything: set[tuple[str, ...]] = set()
    for other in _CHARTS:
        theirs, set_there = _chart(other)
        everything |= theirs | set(_flat(set_there))
    # A path below one that is read whole is read with it.
    whole = {p for p in used if not any(o[: len(p)] == p for o in used - {p})}
    foreign = {
        path
        for path in everything - known
        if not any(path[: len(above)] == above for above in whole)
        and not any(other[: len(path)] == path for other in known)
    }
    assert foreign
    for path in foreign:
        assert unknown_values(version, _nested(path)), path


@pytest.mark.parametrize("chart", sorted({series.chart for series in VELERO.values()}))
@pytest.mark.parametrize(
    ("values", "unknown"),
    [
        ({"resources": {"limits": {"memory": "1Gi"}}}, []),
        ({"metrics": {"podAnnotations": {"prometheus.io/scrape": "true"}}}, []),
        ({"credentials": {"secretName": "x", "useSecret": False}}, [("credentials", "secretName")]),
        ({"volumeSnapshotLocation": {"provider": "aws"}}, [("volumeSnapshotLocation",)]),
        ({"image.tag": "v1"}, [("image.tag",)]),
        ({"image": "velero:v1"}, [("image",)]),
        ({"image": None}, []),
        ({"deployNodeAgents": True, "nodeagent": {}}, [("deployNodeAgents",), ("nodeagent",)]),
    ],
)
def test_a_value_is_known_only_where_the_chart_reads_it(
    chart: str, values: dict[str, object], unknown: list[tuple[str, ...]]
) -> None:
    assert unknown_values(chart, values) == unknown


def test_the_values_of_a_tutorial_of_old_are_answered_with_their_successors() -> None:
    old = {
        "configuration": {
            "provider": "alibabacloud",
            "backupStorageLocation": {"bucket": "b", "config": {"region": "cn-hangzhou"}},
            "uploaderType": "restic",
            "extraEnvVars": {"A": "b"},
            "repositoryMaintenanceJob": {"latestJobsCount": 3},
        },
        "deployRestic": True,
        "restic": {"privileged": True},
        "nodeAgent": {"privileged": True},
        "initContainers": [
            {"name": "aws", "image": "velero/velero-plugin-for-aws:v1.10.0"},
            {"name": "csi", "image": "velero/velero-plugin-for-csi:v0.7.0"},
        ],
    }
    assert [(".".join(map(str, o.path)), o.modern, o.since) for o in outdated_values(old)] == [
        ("deployRestic", "deployNodeAgent", "3.0.0"),
        ("restic", "nodeAgent", "3.0.0"),
        ("configuration.provider", "configuration.backupStorageLocation[0].provider", "4.0.0"),
        (
            "configuration.backupStorageLocation",
            "configuration.backupStorageLocation[0]",
            "4.0.0",
        ),
        ("nodeAgent.privileged", "nodeAgent.containerSecurityContext.privileged", "6.0.0"),
        ("initContainers.1", "nothing: Velero 1.14 has the CSI plugin built in", "7.0.0"),
        ("configuration.extraEnvVars", "a list of `name` and `value`", "9.1.3"),
        (
            "configuration.repositoryMaintenanceJob.latestJobsCount",
            "configuration.repositoryMaintenanceJob.repositoryConfigData.global"
            ".keepLatestMaintenanceJobs",
            "11.0.0",
        ),
        ("configuration.uploaderType", "`kopia`", "11.0.0"),
    ]


def test_modern_values_are_not_called_outdated() -> None:
    modern = {
        "configuration": {
            "backupStorageLocation": [{"name": "a", "provider": "aws", "bucket": "b"}],
            "extraEnvVars": [{"name": "A", "value": "b"}],
            "uploaderType": "kopia",
        },
        "initContainers": [{"name": "aws", "image": "velero/velero-plugin-for-aws:v1.13.0"}],
        "deployNodeAgent": True,
    }
    assert outdated_values(modern) == []


def test_what_the_compiler_decides_is_its_own() -> None:
    values = {"schedules": {"a": {}}, "configuration": {"namespace": "x", "logLevel": "debug"}}
    assert owned_values(values) == [("configuration", "namespace"), ("schedules",)]
