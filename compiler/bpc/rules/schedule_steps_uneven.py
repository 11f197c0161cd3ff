"""The step of a schedule does not divide its range, so its runs are not evenly spaced.

`*/45` runs at minute 0 and at minute 45: after 45 minutes, then after 15. Whoever wrote it counts
on one of the two.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "*/45 * * * *"}}

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "*/30 * * * *"}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC221", "schedule-steps-uneven", Severity.WARNING)
_KINDS = (
    "uneven-step",
    "step-too-large",
)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find steps that leave a shorter rest at the end of their range."""
    yield from foolish(plan, CODE, _KINDS)
