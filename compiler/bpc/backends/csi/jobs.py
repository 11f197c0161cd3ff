"""Jobs that cut the volumes of a dataset on a schedule, and what they need to be allowed to do it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bpc.backends.csi.classes import group_version
from bpc.backends.csi.objects import (
    COMPONENT,
    Writer,
    class_of,
    cluster_writer,
    cut,
    dataset_writer,
    retains,
    selector_of,
)
from bpc.cron import HORIZON_START, parse, smallest_gap
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan, Rung
from bpc.plan.images import image
from bpc.plan.schedule import YEARS
from bpc.render import Renderer

_SNAPSHOT = "csi/scripts/snapshot.sh"
_GROUP = "csi/scripts/snapshot-group.sh"
# Some time must be left for the claims that come after one whose storage does not answer.
_READY_SHARE = 2
_RETRIES = 1


def shared_objects(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the role that all jobs of the cluster share: it lets the storage delete old snapshots."""
    if plan.uses.volumes:
        name = names.SNAPSHOT_RELEASER
        yield cluster_writer(plan, render).write(
            "ClusterRole",
            names.path(names.PREREQUISITES, "ClusterRole", name),
            {"name": name, "labels": names.labels(None, component=COMPONENT)},
        )


def jobs(plan: PolicyPlan, dataset: DatasetPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the objects of one dataset: a CronJob for each rung, its script and its permissions."""
    spec = cut(dataset)
    if spec is None or not dataset.rungs:
        return
    writer = dataset_writer(dataset, render)
    name = names.dataset_object(plan.name, dataset.name)
    common: dict[str, object] = {
        "name": name,
        "namespace": spec.claims.namespace,
        "labels": names.labels(plan.name, dataset.name, component=COMPONENT),
    }
    place = _Place(plan.name)
    yield writer.write("ServiceAccount", place.of("ServiceAccount", name), common)
    yield writer.write("Role", place.of("Role", name), common | {"rules": _rules(spec)})
    yield writer.write("RoleBinding", place.of("RoleBinding", name), common)
    if retains(spec):
        yield _release_binding(writer, place, common)
    yield writer.write(
        "NetworkPolicy",
        place.of("NetworkPolicy", name),
        common | {"selector": {names.POLICY: plan.name, names.DATASET: dataset.name}},
    )
    yield writer.write(
        "ConfigMap",
        place.of("ConfigMap", name),
        common | {"path": _GROUP if spec.together else _SNAPSHOT},
        annotations=names.FLUX_NO_SUBSTITUTION,
    )
    for rung in dataset.rungs:
        yield _cron_job(writer, plan, dataset, spec, rung)


class _Place:
    """Where the files of one policy lie: what jobs need comes before the jobs."""

    def __init__(self, policy: str) -> None:
        self._policy = policy

    def of(self, kind: str, name: str) -> str:
        """Return the path of an object that a job needs."""
        return names.path(names.PREREQUISITES, kind, name, policy=self._policy)


def _release_binding(writer: Writer, place: _Place, common: dict[str, object]) -> Artifact:
    name = f"{common['name']}"
    return writer.write(
        "ClusterRoleBinding",
        place.of("ClusterRoleBinding", name),
        {
            "name": name,
            "labels": common["labels"],
            "role": names.SNAPSHOT_RELEASER,
            "account": name,
            "namespace": common["namespace"],
        },
    )


def _rules(spec: Volumes) -> list[dict[str, list[str]]]:
    group, kind = (
        ("groupsnapshot.storage.k8s.io", "volumegroupsnapshots")
        if spec.together
        else ("snapshot.storage.k8s.io", "volumesnapshots")
    )
    return [
        {
            "apiGroups": [group],
            "resources": [kind],
            "verbs": ["get", "list", "watch", "create", "delete"],
        },
        {
            "apiGroups": [""],
            "resources": ["persistentvolumeclaims"],
            "verbs": ["get", "list"],
        },
    ]


def _cron_job(
    writer: Writer, plan: PolicyPlan, dataset: DatasetPlan, spec: Volumes, rung: Rung
) -> Artifact:
    name = names.snapshot_job(plan.name, dataset.name, rung.name)
    labels = names.labels(plan.name, dataset.name, component=COMPONENT) | {names.RUNG: rung.name}
    owner = names.dataset_object(plan.name, dataset.name)
    job = writer.render.manifest(
        "csi/job-spec.yaml.j2",
        backoff=_RETRIES,
        deadline=dataset.run_limit,
        labels=labels,
        account=owner,
        scripts=owner,
        container="snapshot",
        image=image(plan.cluster.spec, "kubectl"),
        env=_environment(plan, dataset, spec, rung),
    )
    return writer.write(
        "CronJob",
        names.path(names.SCHEDULES, "CronJob", name, policy=plan.name),
        {
            "name": name,
            "namespace": spec.claims.namespace,
            "labels": labels,
            "schedule": rung.cron,
            "zone": rung.zone,
            "start_limit": dataset.start_limit,
            "suspend": True if spec.paused else None,
            "job": job.data,
        },
    )


def _environment(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Volumes, rung: Rung
) -> list[dict[str, str]]:
    values = {
        "NAMESPACE": spec.claims.namespace,
        "CLAIMS": "\n".join(spec.claims.names),
        "SELECTOR": selector_of(spec),
        "SNAPSHOT_CLASS": class_of(dataset, spec),
        "POLICY": plan.name,
        "DATASET": dataset.name,
        "RUNG": rung.name,
        "KEEP_SECONDS": str(rung.keep),
        "KEEP_AT_MOST": str(at_most(rung)),
        "READY_SECONDS": str(dataset.run_limit // _READY_SHARE),
        "RETAIN": "true" if retains(spec) else "false",
    }
    if spec.together:
        values["GROUP_VERSION"] = group_version(plan.cluster) or ""
        values["LABELS"] = json.dumps(dict(sorted(spec.claims.match_labels.items())))
    return [{"name": key, "value": value} for key, value in values.items()]


def at_most(rung: Rung) -> int:
    """Return how many snapshots of a rung there can be when all is well, and one more."""
    least = smallest_gap(parse(rung.cron), rung.zone, HORIZON_START, YEARS).seconds
    return rung.keep // least + 1
