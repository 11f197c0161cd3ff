"""Elasticsearch and OpenSearch: the server makes its own snapshots; jobs tell it to, and see that it does."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.search.objects import applied, for_restore
from bpc.backends.search.spec import own
from bpc.backends.search.steps import restoring
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import Renderer

NAME = "search"
DATASETS: tuple[str, ...] = ("elasticsearch", "opensearch")


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: all that the jobs need belongs to their dataset."""
    yield from ()


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the jobs of one policy, and what restores from the snapshots."""
    for dataset in plan.datasets:
        spec = own(dataset)
        if spec is not None:
            yield from applied(plan, dataset, spec, render)
            yield from for_restore(plan, dataset, spec, render)


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: each dataset says for itself what it needs."""
    return ()


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that bring the indices back: beside the live ones, or on a new server."""
    spec = own(dataset)
    return () if spec is None else restoring(dataset, spec, scenario)


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing."""
    return ()
