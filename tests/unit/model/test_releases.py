from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpc.model.release import Release
from bpc.model.releases import FEATURES, VELERO, first_release, group_snapshot_versions

SCHEMAS = Path(__file__).parents[3].parent / "shared" / "schemas"


@pytest.mark.parametrize(
    ("kind", "path", "first"),
    [
        ("Schedule", ("spec", "schedule"), "1.9"),
        ("Schedule", ("spec", "paused"), "1.10"),
        ("Schedule", ("spec", "skipImmediately"), "1.13"),
        ("Schedule", ("spec", "template", "ttl"), "1.9"),
        ("Schedule", ("spec", "template", "metadata", "labels"), "1.9"),
        ("Schedule", ("spec", "template", "defaultVolumesToFsBackup"), "1.10"),
        ("Schedule", ("spec", "template", "resourcePolicy", "name"), "1.11"),
        ("Schedule", ("spec", "template", "snapshotMoveData"), "1.12"),
        ("Schedule", ("spec", "template", "uploaderConfig", "parallelFilesUpload"), "1.13"),
        ("Schedule", ("spec", "template", "volumeGroupSnapshotLabelKey"), "1.17"),
        ("Schedule", ("spec", "template", "hooks", "resources", 0, "pre", 1, "exec"), "1.9"),
        ("Backup", ("spec", "itemOperationTimeout"), "1.11"),
        ("Restore", ("spec", "resourceModifier", "kind"), "1.12"),
        ("Restore", ("spec", "uploaderConfig", "parallelFilesDownload"), "1.14"),
        ("BackupStorageLocation", ("spec", "objectStorage", "caCertRef", "key"), "1.18"),
        ("VolumeSnapshotLocation", ("spec", "credential"), "1.10"),
        ("ResourcePolicies", ("volumePolicies", 0, "conditions", "volumeTypes"), "1.13"),
        ("NodeAgentConfig", ("privilegedFsBackup",), "1.17.1"),
    ],
)
def test_since_when_a_field_exists(kind: str, path: tuple[str | int, ...], first: str) -> None:
    assert first_release(kind, path) == first


@pytest.mark.parametrize(
    "path", [("spec", "skipImediately"), ("spec", "ttl"), ("spec", "template", "labels"), ()]
)
def test_a_field_that_no_release_has_has_no_first_release(path: tuple[str, ...]) -> None:
    assert first_release("Schedule", path) is None


def test_a_kind_without_a_history_is_an_error() -> None:
    with pytest.raises(KeyError):
        first_release("Pod", ("spec",))


def test_the_series_are_those_supported_with_charts_that_install_them() -> None:
    assert list(VELERO) == [f"1.{minor}" for minor in range(10, 19)]
    for series, velero in VELERO.items():
        assert Release.parse(velero.chart_app).series == series
        oldest, newest = map(Release.parse, velero.kubernetes)
        assert oldest < newest
    charts = [Release.parse(velero.chart) for velero in VELERO.values()]
    assert charts == sorted(charts)


def test_the_separate_csi_plugin_ends_where_velero_contains_it() -> None:
    feature = FEATURES["csi-plugin-image"]
    for series, velero in VELERO.items():
        assert (velero.csi_plugin is not None) == feature.available(Release.parse(series))


@pytest.mark.parametrize(
    ("name", "release", "available"),
    [
        ("cron-time-zone", "1.14.9", False),
        ("cron-time-zone", "1.15", True),
        ("restic-backup", "1.16.2", True),
        ("restic-backup", "1.17", False),
        ("policy-action-custom", "1.18.0", False),
        ("policy-action-custom", "1.18.1", True),
        ("read-only-restore-defect", "1.18.0", True),
        ("read-only-restore-defect", "1.18.1", False),
        ("data-mover", "1.12", True),
    ],
)
def test_since_and_until_when_a_feature_exists(name: str, release: str, available: bool) -> None:
    assert FEATURES[name].available(Release.parse(release)) is available


def test_features_go_only_after_they_came() -> None:
    for feature in FEATURES.values():
        moments = [feature.first, feature.deprecated, feature.removed]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)


def test_a_series_named_without_a_patch_has_only_what_its_first_patch_has() -> None:
    assert not FEATURES["group-snapshot-v1beta2"].available(Release.parse("1.18"))
    assert FEATURES["group-snapshot-v1beta1"].available(Release.parse("1.18"))


@pytest.mark.parametrize(
    ("snapshotter", "served"),
    [
        ("6.2", ()),
        ("6.3", ("v1alpha1",)),
        ("8.1", ("v1alpha1",)),
        ("8.2", ("v1beta1",)),
        ("8.4", ("v1beta1", "v1beta2")),
        ("8.6", ("v1beta1", "v1beta2", "v1")),
    ],
)
def test_versions_of_group_snapshots(snapshotter: str, served: tuple[str, ...]) -> None:
    assert group_snapshot_versions(Release.parse(snapshotter)) == served


@pytest.mark.parametrize("tag", ["v6.3.4", "v7.0.2", "v8.0.2", "v8.2.1", "v8.6.0"])
def test_served_versions_are_those_of_the_published_definitions(tag: str) -> None:
    directory = SCHEMAS / "external-snapshotter" / tag
    if not directory.is_dir():
        pytest.skip(f"needs ../shared/schemas/external-snapshotter/{tag}: the definitions")
    stem = "groupsnapshot.storage.k8s.io_volumegroupsnapshotclass_"
    published = {file.stem.removeprefix(stem) for file in directory.glob(f"{stem}*.json")}
    assert set(group_snapshot_versions(Release.parse(tag))) == published


@pytest.mark.parametrize(
    "kind", ["Schedule", "Backup", "Restore", "BackupStorageLocation", "VolumeSnapshotLocation"]
)
def test_the_history_is_that_of_the_published_definitions(kind: str) -> None:
    if not (SCHEMAS / "velero").is_dir():
        pytest.skip("needs ../shared/schemas/velero: the definitions of all releases")
    first: dict[tuple[str, ...], str] = {}
    for release in sorted(Release.parse(entry.name) for entry in (SCHEMAS / "velero").iterdir()):
        file = SCHEMAS / "velero" / f"v{release}" / f"velero.io_{kind.lower()}_v1.json"
        for path in _fields(json.loads(file.read_bytes())["openAPIV3Schema"]):
            first.setdefault(path, release.series)
    relevant = {path for path in first if path[0] == "spec" and "initContainers" not in path[:-1]}
    assert len(relevant) > 5
    assert {path: first_release(kind, path) for path in relevant} == {
        path: first[path] for path in relevant
    }


def _fields(schema: dict[str, object], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    properties = schema.get("properties")
    if isinstance(properties, dict):
        for name, below in properties.items():
            found += [(*path, name), *_fields(below, (*path, name))]
    items = schema.get("items")
    return found + (_fields(items, path) if isinstance(items, dict) else [])
