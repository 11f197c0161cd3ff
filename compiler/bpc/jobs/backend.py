"""A back end for datasets that jobs read out and copy engines store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bpc.jobs.objects import applied, for_restore
from bpc.jobs.steps import restoring
from bpc.jobs.workload import Workload
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan
from bpc.plan.steps import Step
from bpc.render import Renderer

_Steps = Callable[[PolicyPlan, DatasetPlan, str], tuple[Step, ...]]


def _none(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class JobBackend:
    """A back end that only has to say what it reads.

    `workload` says how a dataset is read; None for one that needs no job. `before` and `after` are steps of
    its own around those of the restore job, for a scenario. The names in capitals are those of the protocol.
    """

    NAME: str
    DATASETS: tuple[str, ...]
    workload: Callable[[PolicyPlan, DatasetPlan], Workload | None]
    before: _Steps = _none
    after: _Steps = _none

    def cluster(self, plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
        """Yield nothing: all that jobs need belongs to their dataset."""
        yield from ()

    def policy(self, plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
        """Yield the jobs of one policy, and what restores from their copies."""
        for dataset in plan.datasets:
            workload = self._workload(plan, dataset)
            if workload is not None:
                yield from applied(plan, dataset, workload, render)
                yield from for_restore(plan, dataset, workload, render)

    def cluster_steps(self, plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
        """Return nothing: each dataset says for itself what it needs."""
        return ()

    def dataset_steps(
        self, plan: PolicyPlan, dataset: DatasetPlan, scenario: str
    ) -> tuple[Step, ...]:
        """Return the steps that bring one dataset back from the copy of its first location."""
        workload = self._workload(plan, dataset)
        if workload is None:
            return ()
        steps = restoring(dataset, workload, scenario)
        if not steps:
            return ()
        return (
            *self.before(plan, dataset, scenario),
            *steps,
            *self.after(plan, dataset, scenario),
        )

    def closing_steps(self, plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
        """Return nothing."""
        return ()

    def _workload(self, plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
        spec = dataset.spec
        if spec.type not in self.DATASETS or spec.held_by is not None:
            return None
        return self.workload(plan, dataset)
