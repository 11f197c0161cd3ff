"""One Schedule for each rung of each copy, and the policy for volumes that they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bpc.backends.velero.objects import (
    Writer,
    copies,
    dataset_writer,
    go_duration,
    has,
    saved,
    schedule_name,
    serves,
)
from bpc.backends.velero.volumes import volume_policies
from bpc.cron import HORIZON_START, to_utc
from bpc.model.datasets.namespaces import Hook, HookCommand, Namespaces
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, CopyPlan, DatasetPlan, PolicyPlan, Rung
from bpc.plan.schedule import YEARS
from bpc.render import Renderer, yaml_text

_UTC = "UTC"
_VELERO_TIMEOUT = 4 * 3_600
_SNAPSHOT_TIMEOUT = 600
_PARALLEL_FILES = 8
_LONGEST_KEY = 63
_CLASS_OF_DRIVER = "csi-volumesnapshot-class_"
_ON_ERROR = {"fail": "Fail", "continue": "Continue"}
# Velero copies a Schedule's annotations to its Backups: Argo CD must take neither for its own.
_ARGO = {
    "argocd.argoproj.io/compare-options": "IgnoreExtraneous",
    "argocd.argoproj.io/sync-options": "Prune=false",
}


def schedules(plan: PolicyPlan, dataset: DatasetPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the Schedules of a dataset and, before them, its resource policy if it has one."""
    spec = saved(dataset)
    if spec is None:
        return
    policies = volume_policies(spec, plan.cluster)
    name = names.dataset_object(plan.name, dataset.name, "volumes") if policies else None
    if name is not None:
        yield _resource_policy(plan, dataset, name, policies, render)
    for copy in copies(dataset):
        for rung in copy.rungs:
            yield _schedule(plan.cluster, dataset, spec, copy, rung, name, render)


def _resource_policy(
    plan: PolicyPlan,
    dataset: DatasetPlan,
    name: str,
    policies: list[dict[str, object]],
    render: Renderer,
) -> Artifact:
    writer = dataset_writer(dataset, render, dataset.where)
    return writer.write(
        "ConfigMap",
        names.path(names.SCHEDULES, "ConfigMap", name, policy=plan.name),
        {
            "name": name,
            "namespace": plan.cluster.velero_namespace,
            "labels": names.labels(plan.name, dataset.name),
            "annotations": writer.annotations(),
            "key": "policy.yaml",
            "text": yaml_text({"version": "v1", "volumePolicies": policies}),
        },
    )


def _schedule(
    cluster: ClusterPlan,
    dataset: DatasetPlan,
    spec: Namespaces,
    copy: CopyPlan,
    rung: Rung,
    resource_policy: str | None,
    render: Renderer,
) -> Artifact:
    writer = dataset_writer(dataset, render, copy.where)
    name = schedule_name(dataset, copy, rung)
    labels = names.labels(dataset.policy, dataset.name)
    context: dict[str, object] = {
        "name": name,
        "namespace": cluster.velero_namespace,
        "labels": labels | {names.COPY: copy.location.name, names.RUNG: rung.name},
        "annotations": _annotations(writer, cluster, spec),
        "schedule": cron_text(rung, cluster),
        "paused": spec.paused or None,
        "location": copy.location.name,
        "ttl": go_duration(rung.keep),
        "resource_policy": resource_policy and {"kind": "configmap", "name": resource_policy},
        **_what(dataset, spec),
        **_volumes(cluster, dataset, spec),
    }
    path = names.path(names.SCHEDULES, "Schedule", name, policy=dataset.policy)
    return writer.write("Schedule", path, context)


def cron_text(rung: Rung, cluster: ClusterPlan) -> str:
    """Return when a rung runs, as the cluster's Velero reads it: its own clock is UTC."""
    if rung.zone == _UTC:
        return rung.cron
    if has(cluster, "cron-time-zone"):
        return f"CRON_TZ={rung.zone} {rung.cron}"
    # The build has stopped before this where the times cannot be converted.
    return to_utc(rung.cron, rung.zone, HORIZON_START, YEARS) or rung.cron


def _annotations(writer: Writer, cluster: ClusterPlan, spec: Namespaces) -> dict[str, str]:
    classes = {
        f"velero.io/{key}": names.snapshot_class(storage.driver)
        for storage in cluster.storage
        if len(key := f"{_CLASS_OF_DRIVER}{storage.driver}") <= _LONGEST_KEY
    }
    return writer.annotations(
        classes if _snapshots(spec) else {}, _ARGO if cluster.spec.gitops.engine == "argocd" else {}
    )


def _what(dataset: DatasetPlan, spec: Namespaces) -> dict[str, object]:
    return {
        "included": dataset.namespaces,
        "excluded": dataset.excluded or None,
        "excluded_resources": spec.exclude_resources or None,
        "objects": spec.objects or None,
        "hooks": [_hook(hook) for hook in spec.hooks] or None,
    }


def _volumes(cluster: ClusterPlan, dataset: DatasetPlan, spec: Namespaces) -> dict[str, object]:
    snapshots = _snapshots(spec)
    copied = spec.volumes == "move" or _filesystem(spec)
    timeout = go_duration(min(_SNAPSHOT_TIMEOUT, dataset.run_limit))
    return {
        "snapshot": snapshots,
        "move": spec.volumes == "move" if _takes(cluster, "snapshotMoveData") else None,
        "filesystem": spec.volumes == "filesystem",
        "parallel_files": _PARALLEL_FILES if copied and _takes(cluster, "uploaderConfig") else None,
        "snapshot_timeout": timeout if snapshots else None,
        "operation_timeout": go_duration(_longest_operation(dataset))
        if _takes(cluster, "itemOperationTimeout")
        else None,
    }


def _takes(cluster: ClusterPlan, field: str) -> bool:
    return serves(cluster, "Schedule", "spec", "template", field)


def _snapshots(spec: Namespaces) -> bool:
    return spec.volumes in ("move", "snapshot") or any(
        policy.action == "snapshot" for policy in spec.volume_policies
    )


def _filesystem(spec: Namespaces) -> bool:
    return spec.volumes == "filesystem" or any(
        policy.action == "filesystem" for policy in spec.volume_policies
    )


def _hook(hook: Hook) -> Mapping[str, object]:
    found: dict[str, object] = {
        "name": hook.name,
        "includedResources": ["pods"],
        "labelSelector": {"matchLabels": hook.pods},
    }
    for moment, command in (("pre", hook.pre), ("post", hook.post)):
        if command is not None:
            found[moment] = [{"exec": _exec(hook.container, command)}]
    return found


def _exec(container: str | None, command: HookCommand) -> dict[str, object]:
    return {
        "container": container,
        "command": command.command,
        "onError": _ON_ERROR[command.on_error],
        "timeout": go_duration(command.timeout),
    }


def _longest_operation(dataset: DatasetPlan) -> int:
    """Return how long data may be moved, in seconds.

    A limit that nobody set must not end the first copy of a large volume: Velero's own four hours stay
    the least then.
    """
    set_by_somebody = dataset.origins["limits.run"][0].where is not None
    return dataset.run_limit if set_by_somebody else max(_VELERO_TIMEOUT, dataset.run_limit)
