"""Velero: its namespace, its locations, a Schedule for each rung of each copy, and ready Restores.

The server itself comes from the Helm chart: see the back end `velero_values`.
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.velero.beside import beside_the_live_one
from bpc.backends.velero.recovery import after_cluster_loss, hand_over, prepare_cluster
from bpc.backends.velero.restores import restores
from bpc.backends.velero.schedules import schedules
from bpc.backends.velero.server import server_objects
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.plan.velero_server import series
from bpc.render import Renderer

NAME = "velero"
DATASETS: tuple[str, ...] = ("namespaces",)


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the namespace, what the server reads at its start, and the locations."""
    if _used(plan):
        yield from server_objects(plan, render)


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the Schedules of one policy, what they refer to, and the Restores that nothing applies."""
    if _used(plan.cluster):
        for dataset in plan.datasets:
            yield from schedules(plan, dataset, render)
            yield from restores(plan, dataset, render)


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that make Velero restore on a new cluster what the lost one wrote."""
    return prepare_cluster(plan) if scenario == "cluster-loss" and _used(plan) else ()


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that bring back namespaces: beside the live ones, or on a new cluster."""
    if not _used(plan.cluster):
        return ()
    if scenario == "operator-error":
        return beside_the_live_one(plan, dataset)
    return after_cluster_loss(plan, dataset) if scenario == "cluster-loss" else ()


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return the step that makes Velero protect a new cluster."""
    return hand_over(plan) if scenario == "cluster-loss" and _used(plan) else ()


def _used(plan: ClusterPlan) -> bool:
    return plan.uses.velero and series(plan) is not None
