"""The values for Velero's Helm chart, as a file for people who run Helm by hand.

What a GitOps engine installs has the same values: see `bpc.plan.velero_server`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.plan.velero_server import series, velero_values
from bpc.render import Renderer, dump_one, header
from bpc.render.values import Data

NAME = "velero_values"
DATASETS: tuple[str, ...] = ()

_PATH = "helm/velero-values.yaml"


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield the file with the values."""
    if plan.uses.velero and series(plan) is not None:
        # A person's `null` takes a default of the chart away, so that it has to stay in the text.
        text = header(plan.where.path) + dump_one(cast(Data, velero_values(plan)))
        yield Artifact(_PATH, text, NAME, plan.where, "cluster", applied=False)


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: the server is the same for every policy."""
    yield from ()


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: the steps of the back end `velero` install the server."""
    return ()


def dataset_steps(
    plan: PolicyPlan,
    dataset: DatasetPlan,
    scenario: str,
) -> tuple[Step, ...]:
    """Return nothing: no dataset depends on the values alone."""
    return ()


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: the steps of the back end `velero` install the server."""
    return ()
