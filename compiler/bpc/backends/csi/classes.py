"""Snapshot classes: one for each CSI driver that Velero finds, and those that datasets ask for besides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.backends.csi.objects import COMPONENT, cluster_writer
from bpc.jobs.writer import Writer
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
    version = group_version(plan)
    for storage in plan.storage:
        kept = names.snapshot_class(storage.driver)
        yield _class(writer, storage, kept, "Retain", _FOR_VELERO)
        if plan.uses.deletes:
            yield _class(writer, storage, names.deleting_class(storage.driver), "Delete", {})
        known = driver(storage.driver)
        if plan.uses.groups and version is not None and (known is None or known.groups):
            labels = _GROUPS_FOR_VELERO if _velero_groups(plan) else {}
            yield _group_class(writer, version, storage, kept, "Retain", labels)
            if plan.uses.deletes:
                deleting = names.deleting_class(storage.driver)
                yield _group_class(writer, version, storage, deleting, "Delete", {})


def _velero_groups(plan: ClusterPlan) -> bool:
    return plan.velero is not None and FEATURES["volume-group-snapshots"].available(plan.velero)


def _class(
    writer: Writer, storage: StorageClass, name: str, deletion: str, labels: Mapping[str, str]
) -> Artifact:
    secret = {
        SECRET_NAME: storage.snapshot_secret,
        SECRET_NAMESPACE: storage.snapshot_secret_namespace,
    }
    context = _context(storage, name, deletion, labels) | {
        "parameters": _parameters(storage.parameters, secret)
    }
    return writer.write(
        _KIND, names.path(names.STORAGE, _KIND, name), context, annotations=names.keep()
    )


def _group_class(
    writer: Writer,
    version: str,
    storage: StorageClass,
    name: str,
    deletion: str,
    labels: Mapping[str, str],
) -> Artifact:
    known = driver(storage.driver)
    allowed = known.group_parameters if known is not None else frozenset(storage.parameters)
    chosen = {key: value for key, value in storage.parameters.items() if key in allowed}
    secret = {
        GROUP_SECRET_NAME: storage.snapshot_secret,
        GROUP_SECRET_NAMESPACE: storage.snapshot_secret_namespace,
    }
    context = _context(storage, name, deletion, labels) | {
        "api_version": version,
        "parameters": _parameters(chosen, secret),
    }
    return writer.write(
        _GROUP_KIND, names.path(names.STORAGE, _GROUP_KIND, name), context, annotations=names.keep()
    )


def _context(
    storage: StorageClass, name: str, deletion: str, labels: Mapping[str, str]
) -> dict[str, object]:
    return {
        "name": name,
        "labels": names.labels(None, component=COMPONENT) | dict(labels),
        "driver": storage.driver,
        "deletion": deletion,
    }


def group_version(plan: ClusterPlan) -> str | None:
    """Return the newest version of the group kinds that the cluster serves; None if it serves none."""
    versions = group_snapshot_versions(plan.snapshotter) if plan.snapshotter is not None else ()
    return f"groupsnapshot.storage.k8s.io/{versions[-1]}" if versions else None


def _parameters(
    given: Mapping[str, str], secret: Mapping[str, str | None]
) -> dict[str, str] | None:
    found = dict(sorted(given.items())) | {k: v for k, v in secret.items() if v is not None}
    return found or None
