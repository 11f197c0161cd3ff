"""A schedule counts from the last run instead of from the clock.

`@every 6h` starts anew whenever its object is created again, and each late start delays all that
follow. No gap can be promised for it.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets: [{name: shop, type: namespaces, include: [shop], schedule: {cron: "@every 6h"}}]

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 */6 * * *"}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC225", "schedule-drifts")
_KINDS = ("every-drifts",)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find schedules that count from the last start."""
    yield from foolish(plan, CODE, _KINDS)
