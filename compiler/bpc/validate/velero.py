"""Velero's custom resources, 1.10 to 1.18.

Beyond the schemas of the project, this refuses what Velero accepts and then fails on or silently
ignores: durations that Go cannot read, references that it does not follow, filters that it rejects
when the backup starts, and the two fields that GitOps must not set. There is no model of a Backup:
one in Git returns after each deletion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from bpc.cron import Schedule as Cron
from bpc.cron import parse, parse_v1
from bpc.model.release import Release
from bpc.model.releases import FEATURES, VELERO, first_release
from bpc.validate.fault import Fault, Manifest
from bpc.validate.resource import Resource, Rule, Target, installed
from bpc.validate.schedules import never_runs
from bpc.validate.shapes import FLAG, TEXT, Leaf, Path, Shape, text
from bpc.validate.velero_fields import (
    BACKUP,
    BACKUP_STORAGE_LOCATION,
    RESTORE,
    TEMPLATE_METADATA,
    VOLUME_SNAPSHOT_LOCATION,
)

GROUP = "velero.io"

_LONGEST_NAME = 63  # the name becomes the value of a label on every backup
_NEVER = Leaf({"type": "boolean", "const": False})
_OLD_FILTERS = ("includedResources", "excludedResources", "includeClusterResources")
_SCOPED_FILTERS = (
    "includedClusterScopedResources",
    "excludedClusterScopedResources",
    "includedNamespaceScopedResources",
    "excludedNamespaceScopedResources",
)


def resource(api_version: str, kind: str, target: Target) -> Resource:
    """Return the model of a kind at the cluster's release of Velero; ValueError where there is none."""
    release = installed(target.velero, "Velero")
    if release.series not in VELERO:
        raise ValueError(
            f"no model for Velero {release.series}; there are some for {', '.join(VELERO)}"
        )
    if api_version != f"{GROUP}/v1" or kind not in _KINDS:
        raise ValueError(f"no model for kind `{kind}` of `{api_version}`")
    return _KINDS[kind](release)


def _serves(kind: str, release: Release) -> Callable[[Path], bool]:
    def serves(path: Path) -> bool:
        if path[0] != "spec":
            return True
        first = first_release(kind, path)
        return first is not None and Release.parse(first) <= release

    return serves


def _namespaces(release: Release) -> Mapping[str, Shape]:
    globs = FEATURES["namespace-globs"].available(release)
    names: Shape = [text("namespace-glob" if globs else "namespace")]
    return {"includedNamespaces": names, "excludedNamespaces": names}


def _schedule(release: Release) -> Resource:
    zoned = FEATURES["cron-time-zone"].available(release)
    spec: Shape = {
        "schedule!": text("cron" if zoned else "cron-v1"),
        "paused": FLAG,
        "skipImmediately": _NEVER,
        "useOwnerReferencesInBackup": _NEVER,
        "template!": {"metadata!": TEMPLATE_METADATA, **BACKUP, **_namespaces(release)},
    }
    rules = (_always_due(parse if zoned else parse_v1), _filter_rules)
    return Resource(
        {"spec!": spec}, _serves("Schedule", release), rules, longest_name=_LONGEST_NAME
    )


def _restore(release: Release) -> Resource:
    # Up to 1.13 the definition requires the name of a backup even where a schedule is named.
    name = "backupName" if release >= Release(1, 14) else "backupName!"
    spec: Shape = {name: TEXT, **RESTORE, **_namespaces(release)}
    return Resource({"spec!": spec}, _serves("Restore", release), (_restore_rules,))


def _backup_storage_location(release: Release) -> Resource:
    return Resource(
        {"spec!": BACKUP_STORAGE_LOCATION},
        _serves("BackupStorageLocation", release),
        (_certificate_rules,),
        longest_name=_LONGEST_NAME,
    )


def _volume_snapshot_location(release: Release) -> Resource:
    return Resource(
        {"spec!": VOLUME_SNAPSHOT_LOCATION},
        _serves("VolumeSnapshotLocation", release),
        longest_name=_LONGEST_NAME,
    )


_KINDS: Mapping[str, Callable[[Release], Resource]] = {
    "Schedule": _schedule,
    "Restore": _restore,
    "BackupStorageLocation": _backup_storage_location,
    "VolumeSnapshotLocation": _volume_snapshot_location,
}


def _always_due(read: Callable[[str], Cron]) -> Rule:
    def rule(manifest: Manifest) -> Iterator[Fault]:
        spec = manifest["spec"]
        if never_runs(spec["schedule"], read) and not spec.get("paused"):
            yield Fault(
                ("spec", "schedule"),
                f"`{spec['schedule']}` names no day, which Velero takes for due every minute",
            )

    return rule


def _filter_rules(manifest: Manifest) -> Iterator[Fault]:
    spec, at = manifest["spec"]["template"], ("spec", "template")
    old = [name for name in _OLD_FILTERS if name in spec]
    scoped = [name for name in _SCOPED_FILTERS if name in spec]
    if old and scoped:
        yield Fault((*at, scoped[0]), f"`{scoped[0]}` and `{old[0]}` cannot be used together")
    if spec.get("labelSelector") and spec.get("orLabelSelectors"):
        yield Fault((*at, "orLabelSelectors"), "cannot be used together with `labelSelector`")
    for name, entries in spec.items():
        if name.startswith(("included", "excluded")) and "*" in entries and len(entries) > 1:
            yield Fault((*at, name), "`*` cannot stand beside other entries")
    for name in ("excludedNamespaces", "excludedResources"):
        if "*" in spec.get(name, ()):
            yield Fault((*at, name), "`*` would exclude everything")


def _restore_rules(manifest: Manifest) -> Iterator[Fault]:
    spec = manifest["spec"]
    if bool(spec.get("backupName")) == bool(spec.get("scheduleName")):
        yield Fault(("spec",), "needs exactly one of `backupName` and `scheduleName`")
    if spec.get("labelSelector") and spec.get("orLabelSelectors"):
        yield Fault(("spec", "orLabelSelectors"), "cannot be used together with `labelSelector`")


def _certificate_rules(manifest: Manifest) -> Iterator[Fault]:
    storage = manifest["spec"]["objectStorage"]
    if "caCert" in storage and "caCertRef" in storage:
        yield Fault(("spec", "objectStorage"), "`caCert` and `caCertRef` cannot be used together")
