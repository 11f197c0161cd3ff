"""The custom resources of the CSI snapshot controller."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.model.releases import group_snapshot_versions
from bpc.validate.fault import Fault, Manifest
from bpc.validate.resource import Resource, Rule, Target, installed
from bpc.validate.shapes import NON_EMPTY, SELECTOR, TEXT_MAP, Shape, one_of, text

GROUP = "snapshot.storage.k8s.io"
GROUP_OF_GROUPS = "groupsnapshot.storage.k8s.io"

_OBJECT = text("dns-subdomain")
_DELETION = one_of("Delete", "Retain")
_CLASS: Mapping[str, Shape] = {
    "driver!": _OBJECT,
    "deletionPolicy!": _DELETION,
    "parameters": TEXT_MAP,
}
_SNAPSHOT: Mapping[str, Shape] = {
    "spec!": {
        "volumeSnapshotClassName": _OBJECT,
        "source!": {
            "persistentVolumeClaimName": _OBJECT,
            "volumeSnapshotContentName": _OBJECT,
        },
    }
}
_CONTENT: Mapping[str, Shape] = {
    "spec!": {
        "driver!": _OBJECT,
        "deletionPolicy!": _DELETION,
        "source!": {"snapshotHandle": NON_EMPTY, "volumeHandle": NON_EMPTY},
        "sourceVolumeMode": one_of("Filesystem", "Block"),
        "volumeSnapshotClassName": _OBJECT,
        "volumeSnapshotRef!": {"name!": _OBJECT, "namespace!": text("dns-label")},
    }
}
_GROUP_SNAPSHOT: Mapping[str, Shape] = {
    "spec!": {
        "volumeGroupSnapshotClassName": _OBJECT,
        "source!": {"selector!": SELECTOR},
    }
}


def resource(api_version: str, kind: str, target: Target) -> Resource:
    """Return the model of a kind; ValueError where the cluster's snapshot controller serves none."""
    release = installed(target.snapshotter, "the snapshot controller")
    group, _, version = api_version.partition("/")
    served = ("v1",) if group == GROUP else group_snapshot_versions(release)
    if version not in served:
        raise ValueError(
            f"snapshot controller {release.series} does not serve `{api_version}`"
            f" but {', '.join(served) or 'no version of it'}"
        )
    if (group, kind) not in _KINDS:
        raise ValueError(f"no model for kind `{kind}` of `{api_version}`")
    return _KINDS[group, kind]


def _exactly_one(*names: str) -> Rule:
    def rule(manifest: Manifest) -> Iterator[Fault]:
        source = manifest["spec"]["source"]
        if sum(name in source for name in names) != 1:
            either = " and ".join(f"`{name}`" for name in names)
            yield Fault(("spec", "source"), f"needs exactly one of {either}")

    return rule


_KINDS: Mapping[tuple[str, str], Resource] = {
    (GROUP, "VolumeSnapshotClass"): Resource(_CLASS, namespaced=False),
    (GROUP, "VolumeSnapshot"): Resource(
        _SNAPSHOT, rules=(_exactly_one("persistentVolumeClaimName", "volumeSnapshotContentName"),)
    ),
    (GROUP, "VolumeSnapshotContent"): Resource(
        _CONTENT, rules=(_exactly_one("snapshotHandle", "volumeHandle"),), namespaced=False
    ),
    (GROUP_OF_GROUPS, "VolumeGroupSnapshotClass"): Resource(_CLASS, namespaced=False),
    (GROUP_OF_GROUPS, "VolumeGroupSnapshot"): Resource(_GROUP_SNAPSHOT),
}
