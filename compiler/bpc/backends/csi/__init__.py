"""CSI: snapshot classes for the cluster's storage, and snapshots on a schedule without Velero."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.csi.classes import classes
from bpc.backends.csi.jobs import jobs, shared_objects
from bpc.backends.csi.recovery import after_cluster_loss, beside_the_live_one
from bpc.backends.csi.restore import restore_objects
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import Renderer

NAME = "csi"
DATASETS: tuple[str, ...] = ("volumes",)


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the snapshot classes, and the role that the jobs of all policies share."""
    if plan.uses.csi and plan.snapshotter is not None:
        yield from classes(plan, render)
        yield from shared_objects(plan, render)


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the jobs of one policy, and what restores from their snapshots."""
    for dataset in plan.datasets:
        yield from jobs(plan, dataset, render)
        yield from restore_objects(plan, dataset, render)


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: each dataset says for itself what is left of its snapshots."""
    return ()


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that bring volumes back: beside the live ones, or on a new cluster."""
    if scenario == "operator-error":
        return beside_the_live_one(dataset)
    return after_cluster_loss(dataset) if scenario == "cluster-loss" else ()


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: restored claims stay until their owner removes them."""
    return ()
