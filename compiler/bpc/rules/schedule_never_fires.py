"""A schedule never fires.

Kubernetes accepts a schedule such as `0 2 31 2 *` and runs nothing: no such day comes. Velero even takes
it for always due and starts one backup after the other. A dataset that is backed up only by hand says
so with `schedule: manual`.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 31 2 *"}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 28 * *"}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import parse
from bpc.diagnostics import Code, Finding
from bpc.model.schedule import CronSchedule
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC220", "schedule-never-fires")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find schedules without a single firing within the five years that Kubernetes looks ahead."""
    for dataset in plan.datasets:
        schedule = dataset.spec.schedule
        if isinstance(schedule, CronSchedule) and not _fires(schedule.cron):
            yield Finding(
                CODE,
                f"`{schedule.cron}` never fires",
                dataset.where.at("schedule", "cron"),
                help="choose a day that exists, or write `schedule: manual`",
                subject=dataset.subject,
            )


def _fires(cron: str) -> bool:
    try:
        return parse(cron).fires()
    except ValueError:
        return True
