"""Schedules as people wrote them, and what is foolish about them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from bpc.cron import Fault, faults
from bpc.diagnostics import Code, Finding
from bpc.model.schedule import CronSchedule
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.inherit import DEFAULT_ZONE


def foolish(plan: PolicyPlan, code: Code, kinds: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for every written schedule that has a fault of one of the kinds."""
    for dataset in plan.datasets:
        for fault in _faults(dataset):
            if fault.kind in kinds:
                yield Finding(
                    code,
                    fault.message,
                    dataset.where.at("schedule", "cron"),
                    help=fault.fix,
                    subject=dataset.subject,
                )


def _faults(dataset: DatasetPlan) -> tuple[Fault, ...]:
    schedule = dataset.spec.schedule
    if not isinstance(schedule, CronSchedule):
        return ()
    return _all_faults(schedule.cron, dataset.rungs[0].zone if dataset.rungs else DEFAULT_ZONE)


# Each kind of fault is a rule of its own, and all of them ask about one policy before the next.
@lru_cache(maxsize=64)
def _all_faults(cron: str, zone: str) -> tuple[Fault, ...]:
    try:
        return tuple(faults(cron, zone))
    except ValueError:
        return ()  # what Kubernetes refuses was found when the times were resolved
