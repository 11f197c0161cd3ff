"""Restores that are ready but lie outside what is applied: one in Git would run at once, and only once."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.velero.objects import (
    copies,
    dataset_writer,
    go_duration,
    saved,
    schedule_name,
    serves,
    since,
)
from bpc.model.release import Release
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.render import Renderer

_LEAST_TIMEOUT = 4 * 3600
_BACKUP_OPTIONAL = Release(1, 14)
NOT_BESIDE = ("cronjobs.batch", "ingresses.networking.k8s.io")
"""What would act on the world twice if a second instance of it existed."""


def restores(plan: PolicyPlan, dataset: DatasetPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the Restores of a dataset that has a Schedule to restore from."""
    schedule = restorable(dataset)
    if schedule is None:
        return
    for namespace in plain_namespaces(dataset):
        yield _restore(
            plan,
            dataset,
            render,
            names.restore_path(plan.name, "operator-error", dataset.name, namespace),
            {
                "name": names.dataset_object(plan.name, dataset.name, "beside", namespace),
                "schedule": schedule,
                "included": [namespace],
                "excluded": None,
                "excluded_resources": NOT_BESIDE,
                "mapping": {namespace: names.restored_namespace(namespace)},
            },
        )
    yield _restore(
        plan,
        dataset,
        render,
        names.restore_path(plan.name, "cluster-loss", dataset.name),
        {
            "name": names.dataset_object(plan.name, dataset.name, "cluster-loss"),
            "schedule": schedule,
            "included": dataset.namespaces,
            "excluded": dataset.excluded or None,
            "excluded_resources": None,
            "mapping": None,
        },
    )


def restorable(dataset: DatasetPlan) -> str | None:
    """Return the Schedule that makes the most points of a dataset in the first of its copies."""
    made = [copy for copy in copies(dataset) if copy.rungs] if saved(dataset) else []
    return schedule_name(dataset, made[0], made[0].rungs[0]) if made else None


def plain_namespaces(dataset: DatasetPlan) -> tuple[str, ...]:
    """Return the namespaces of a dataset that are named, and not patterns for Velero to expand."""
    return tuple(name for name in dataset.namespaces if not set(name) & set("*?"))


def _restore(
    plan: PolicyPlan, dataset: DatasetPlan, render: Renderer, path: str, context: dict[str, object]
) -> Artifact:
    writer = dataset_writer(dataset, render, dataset.where)
    timed = serves(plan.cluster, "Restore", "spec", "itemOperationTimeout")
    timeout = go_duration(max(_LEAST_TIMEOUT, 2 * dataset.run_limit))
    shared = {
        "namespace": plan.cluster.velero_namespace,
        "labels": names.labels(plan.name, dataset.name),
        "annotations": writer.annotations(),
        # Up to 1.13 the definition asks for the name of a backup even beside that of a schedule.
        "backup": None if since(plan.cluster, _BACKUP_OPTIONAL) else "",
        "operation_timeout": timeout if timed else None,
    }
    return writer.write("Restore", path, shared | context, applied=False)
