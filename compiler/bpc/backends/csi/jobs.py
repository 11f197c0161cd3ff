"""Jobs that cut the volumes of a dataset on a schedule, and what they need to be allowed to do it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from bpc.backends.csi.classes import group_version
from bpc.backends.csi.objects import (
    COMPONENT,
    class_of,
    cluster_writer,
    cut,
    dataset_writer,
    rule,
    selector_of,
    variables,
)
from bpc.jobs.pod import API_SERVER
from bpc.jobs.writer import Writer
from bpc.model.datasets.volumes import Volumes
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan, Rung
from bpc.plan.images import image
from bpc.plan.points import most_points
from bpc.render import Renderer

_SNAPSHOT = "csi/scripts/snapshot.sh"
_GROUP = "csi/scripts/snapshot-group.sh"
_RETENTION = "csi/scripts/retention.sh"
# Of the time that a run may take, so much is kept for what comes before and after waiting for the storage.
_OVERHEAD = 120
_RETRIES = 1


def shared_objects(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the role that all jobs of the cluster share: it lets the storage delete old snapshots."""
    if plan.uses.volumes:
        name = names.SNAPSHOT_RELEASER
        yield cluster_writer(plan, render).write(
            "ClusterRole",
            names.path(names.PREREQUISITES, "ClusterRole", name),
            {
                "name": name,
                "labels": names.labels(None, component=COMPONENT),
                "groups": plan.uses.groups,
            },
        )


def jobs(plan: PolicyPlan, dataset: DatasetPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the objects of one dataset: a CronJob for each rung, its scripts and its permissions."""
    spec = cut(dataset)
    if spec is None or not dataset.rungs:
        return
    writer = dataset_writer(dataset, render)
    for kind, more in _needs(plan, dataset, spec):
        name = names.dataset_object(plan.name, dataset.name)
        context = {
            "name": name,
            "namespace": spec.claims.namespace,
            "labels": names.labels(plan.name, dataset.name, component=COMPONENT),
        }
        yield writer.write(
            kind,
            names.path(names.PREREQUISITES, kind, name, policy=plan.name),
            context | more,
            annotations=names.FLUX_NO_SUBSTITUTION if kind == "ConfigMap" else None,
        )
    for rung in dataset.rungs:
        yield _cron_job(writer, plan, dataset, spec, rung)


def _needs(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Volumes
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the kinds that come before the jobs, each with what its template asks for besides."""
    yield "ServiceAccount", {}
    yield "Role", {"rules": _rules(spec)}
    yield "RoleBinding", {"holder": spec.claims.namespace}
    if spec.deletion == "retain":
        yield "ClusterRoleBinding", {"role": names.SNAPSHOT_RELEASER}
    selector = {names.POLICY: plan.name, names.DATASET: dataset.name}
    yield "NetworkPolicy", {"selector": selector, "ports": API_SERVER}
    yield "ConfigMap", {"path": _GROUP if spec.together else _SNAPSHOT, "library": _RETENTION}


def _rules(spec: Volumes) -> list[dict[str, list[str]]]:
    cut = ["get", "list", "watch", "create", "delete"]
    rules = [rule("", "persistentvolumeclaims", "get", "list")]
    if not spec.together:
        return [rule("snapshot.storage.k8s.io", "volumesnapshots", *cut), *rules]
    group = rule("groupsnapshot.storage.k8s.io", "volumegroupsnapshots", *cut)
    return [group, rule("snapshot.storage.k8s.io", "volumesnapshots", "get", "list"), *rules]


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
) -> list[dict[str, object]]:
    run = dataset.run_limit
    values = {
        "NAMESPACE": spec.claims.namespace,
        "CLAIMS": "\n".join(spec.claims.names),
        "SELECTOR": selector_of(spec),
        "SNAPSHOT_CLASS": class_of(dataset, spec),
        "POLICY": plan.name,
        "DATASET": dataset.name,
        "RUNG": rung.name,
        "KEEP_SECONDS": str(rung.keep),
        "KEEP_AT_MOST": str(most_points(rung)),
        "READY_SECONDS": str(max(run - _OVERHEAD, run // 2)),
        "RETAIN": "true" if spec.deletion == "retain" else "false",
    }
    if spec.together:
        values["GROUP_VERSION"] = group_version(plan.cluster) or ""
        values["LABELS"] = json.dumps(dict(sorted(spec.claims.match_labels.items())))
    # A second attempt goes on with what the first one cut: both carry the name of their Job.
    job = {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}
    return [*variables(values), {"name": "RUN", "valueFrom": job}]
