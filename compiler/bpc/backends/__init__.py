"""One module for each target. A back end sees the plan, and returns files.

Every module here has the functions of `Backend`; the tuple at the end says which are used, and in which
order their steps stand in a runbook.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from bpc.backends import (
    cnpg,
    csi,
    etcd,
    git,
    gitops,
    maintenance,
    mongodb,
    mysql,
    postgresql,
    redis,
    resources,
    search,
    velero,
    velero_values,
)
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import Renderer


class Backend(Protocol):
    """What a back end can do; one that has nothing for a function yields nothing."""

    @property
    def NAME(self) -> str:  # noqa: N802 - a constant, of a module or of an object
        """The name of its templates' folder and of its page in the documentation."""

    @property
    def DATASETS(self) -> tuple[str, ...]:  # noqa: N802 - same
        """The types of dataset that it compiles."""

    def cluster(self, plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
        """Yield the files that exist once for a cluster."""

    def policy(self, plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
        """Yield the files of one policy on one cluster."""

    def cluster_steps(self, plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
        """Return the steps that bring back what all datasets of the cluster need."""

    def dataset_steps(
        self, plan: PolicyPlan, dataset: DatasetPlan, scenario: str
    ) -> tuple[Step, ...]:
        """Return the steps that bring back one dataset; none if the scenario does not touch it."""

    def closing_steps(self, plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
        """Return the steps that follow when every dataset is back."""


BACKENDS: tuple[Backend, ...] = (
    gitops,
    velero,
    velero_values,
    csi,
    maintenance,
    etcd,
    postgresql.BACKEND,
    cnpg,
    search,
    mysql.BACKEND,
    resources.BACKEND,
    git.BACKEND,
    redis.BACKEND,
    mongodb.BACKEND,
)
"""The back ends in use, in the order of their steps."""

SUPPORTED = frozenset(kind for backend in BACKENDS for kind in backend.DATASETS)
"""The types of dataset that this release compiles."""
