"""The namespace of the jobs that may delete, apart from those that make backups."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.jobs.writer import cluster_writer
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import Renderer

NAME = "maintenance"
DATASETS: tuple[str, ...] = ()


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the namespace, which takes only pods without privileges, if anything has to run in it."""
    if not any(location.spec.pruning is not None for location in plan.stores):
        return
    namespace = plan.spec.jobs.maintenance_namespace
    level = f"v{plan.kubernetes.series}"
    security = {
        f"pod-security.kubernetes.io/{mode}{suffix}": value
        for mode in ("enforce", "audit", "warn")
        for suffix, value in (("", "restricted"), ("-version", level))
    }
    yield cluster_writer(plan, render).write(
        "Namespace",
        names.path(names.PREREQUISITES, "Namespace", namespace),
        {"name": namespace, "labels": names.labels(None, component=NAME) | security},
        annotations=names.keep(),
    )


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: the jobs come with the dataset that they look after."""
    yield from ()


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing."""
    return ()


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing."""
    return ()


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing."""
    return ()
