"""Snapshot classes: one for each CSI driver that Velero finds, and those that datasets ask for besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.backends.csi.objects import COMPONENT, Writer, cluster_writer
from bpc.model.cluster import StorageClass
from bpc.model.releases import FEATURES, group_snapshot_versions
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.drivers import (
    GROUP_SECRET_NAME,
    GROUP_SECRET_NAMESPACE,
    SECRET_NAME,
    SECRET_NAMESPACE,
    driver,
)
from bpc.plan.estate import ClusterPlan
from bpc.render import Renderer

# Velero looks at the presence of this label only, and takes exactly one class for each driver.
_FOR_VELERO = {"velero.io/csi-volumesnapshot-class": "true"}
_GROUPS_FOR_VELERO = {"velero.io/csi-volumegroupsnapshot-class": "true"}
_KIND = "VolumeSnapshotClass"
_GROUP_KIND = "VolumeGroupSnapshotClass"


def classes(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the snapshot classes of a cluster."""
    writer = cluster_writer(plan, render)
    for storage in plan.storage:
        yield _class(writer, storage, names.snapshot_class(storage.driver), "Retain", _FOR_VELERO)
        if plan.uses.deletes:
            yield _class(writer, storage, names.deleting_class(storage.driver), "Delete", {})
        known = driver(storage.driver)
        if plan.uses.groups and (known is None or known.groups):
            yield from _group_class(plan, writer, storage)


def _class(
    writer: Writer, storage: StorageClass, name: str, deletion: str, labels: Mapping[str, str]
) -> Artifact:
    secret = {
        SECRET_NAME: storage.snapshot_secret,
        SECRET_NAMESPACE: storage.snapshot_secret_namespace,
    }
    return writer.write(
        _KIND,
        names.path(names.STORAGE, _KIND, name),
        {
            "name": name,
            "labels": names.labels(None, component=COMPONENT) | dict(labels),
            "driver": storage.driver,
            "deletion": deletion,
            "parameters": _parameters(storage.parameters, secret),
        },
        annotations=names.keep(),
    )


def _group_class(plan: ClusterPlan, writer: Writer, storage: StorageClass) -> Iterator[Artifact]:
    version = group_version(plan)
    if version is None:
        return
    known = driver(storage.driver)
    allowed = known.group_parameters if known is not None else frozenset(storage.parameters)
    chosen = {key: value for key, value in storage.parameters.items() if key in allowed}
    secret = {
        GROUP_SECRET_NAME: storage.snapshot_secret,
        GROUP_SECRET_NAMESPACE: storage.snapshot_secret_namespace,
    }
    velero = plan.velero is not None and FEATURES["volume-group-snapshots"].available(plan.velero)
    name = names.snapshot_class(storage.driver)
    yield writer.write(
        _GROUP_KIND,
        names.path(names.STORAGE, _GROUP_KIND, name),
        {
            "api_version": version,
            "name": name,
            "labels": names.labels(None, component=COMPONENT)
            | (_GROUPS_FOR_VELERO if velero else {}),
            "driver": storage.driver,
            "deletion": "Retain",
            "parameters": _parameters(chosen, secret),
        },
        annotations=names.keep(),
    )


def group_version(plan: ClusterPlan) -> str | None:
    """Return the newest version of the group kinds that the cluster serves; None if it serves none."""
    versions = group_snapshot_versions(plan.snapshotter) if plan.snapshotter is not None else ()
    return f"groupsnapshot.storage.k8s.io/{versions[-1]}" if versions else None


def _parameters(
    given: Mapping[str, str], secret: Mapping[str, str | None]
) -> dict[str, str] | None:
    found = dict(sorted(given.items())) | {k: v for k, v in secret.items() if v is not None}
    return found or None
