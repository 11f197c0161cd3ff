"""PostgreSQL: archives of each database, or the files of the server and its log, read by jobs."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.backends.postgresql.steps import after, before
from bpc.backends.postgresql.stream import streams
from bpc.backends.postgresql.workload import workload
from bpc.jobs import JobBackend
from bpc.plan.artifact import Artifact
from bpc.plan.estate import PolicyPlan
from bpc.render import Renderer


class _Postgresql(JobBackend):
    __slots__ = ()

    def policy(self, plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
        """Yield the jobs of one policy, and what archives the log between them."""
        yield from super().policy(plan, render)
        for dataset in plan.datasets:
            read = self._workload(plan, dataset)
            if read is not None:
                yield from streams(plan, dataset, read, render)


BACKEND = _Postgresql("postgresql", ("postgresql",), workload, before, after)
