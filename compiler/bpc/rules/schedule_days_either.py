"""Both day fields are restricted, and Kubernetes runs when either of them matches.

Most people read `0 2 1 * 1` as the first of the month if it is a Monday. It runs on every first and
on every Monday. If that is meant, say so with `dayMatch: any`.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets: [{name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 1 * 1"}}]

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 2 1 * 1", dayMatch: any}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from bpc.diagnostics import Code, Finding
from bpc.model.schedule import CronSchedule
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC222", "schedule-days-either")
_KINDS = ("day-or-weekday",)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find schedules whose two day fields are joined by or."""
    meant = {
        dataset.subject
        for dataset in plan.datasets
        if isinstance(dataset.spec.schedule, CronSchedule) and dataset.spec.schedule.day_match
    }
    for finding in foolish(plan, CODE, _KINDS):
        if finding.subject not in meant:
            yield replace(finding, help=f"{finding.help}, or add `dayMatch: any`")
