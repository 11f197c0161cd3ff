"""Schedules as people wrote them, and what is foolish about them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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


def _faults(dataset: DatasetPlan) -> list[Fault]:
    schedule = dataset.spec.schedule
    if not isinstance(schedule, CronSchedule):
        return []
    zone = dataset.rungs[0].zone if dataset.rungs else DEFAULT_ZONE
    try:
        return faults(schedule.cron, zone)
    except ValueError:
        return []  # what Kubernetes refuses was found when the times were resolved
