"""A schedule never fires.

Kubernetes accepts a schedule such as `0 2 31 2 *` and runs nothing: no such day comes. Velero even
takes it for always due and starts one backup after the other. A dataset that is backed up only by
hand says so with `schedule: manual`.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 31 2 *"}}

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 28 * *"}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC220", "schedule-never-fires")
_KINDS = ("never-fires",)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find schedules without a single firing within the years that Kubernetes looks ahead."""
    yield from foolish(plan, CODE, _KINDS)
