"""A rung of the retention promises points that the schedule does not make.

`hourly: 48` reads like 48 points. When the dataset runs every six hours, it keeps eight. Name the
rung after what is made, so that nobody counts on the others.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 */4 * * *"}
          retention: {hourly: 48}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 */4 * * *"}
          retention: {daily: 2}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.retention import RUNGS
from bpc.model.scalars import format_duration
from bpc.model.schedule import CronSchedule
from bpc.plan.estate import PolicyPlan
from bpc.plan.schedule import gap

CODE = Code("BPC306", "rung-coarser-than-its-name", Severity.WARNING)
_TWICE = 2


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare the finest rung's name with how often a given schedule runs."""
    for dataset in plan.datasets:
        if not isinstance(dataset.spec.schedule, CronSchedule) or not dataset.rungs:
            continue
        rung = dataset.rungs[0]
        widest = gap(rung.cron, rung.zone)
        if widest < _TWICE * RUNGS[rung.name]:
            continue
        origin = dataset.origins["retention"][0]
        yield Finding(
            CODE,
            f"`{dataset.subject}` keeps {rung.points} {rung.name} points in name, and makes one every "
            f"{format_duration(widest)} at worst",
            origin.where or dataset.where,
            related=((dataset.where.at("schedule", "cron"), "the schedule"),),
            help="keep points of a coarser rung, or run more often",
            subject=dataset.subject,
        )
