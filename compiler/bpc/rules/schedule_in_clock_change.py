"""A schedule falls into the hour that a zone skips when its clocks go forward.

Kubernetes does not run what does not exist: a nightly job at 02:00 in Berlin leaves 47 hours
without a run once a year. Move it out of the hours between midnight and four, or write the times in
UTC.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 2 * * *", timeZone: Europe/Berlin}

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 5 * * *", timeZone: Europe/Berlin}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC223", "schedule-in-clock-change", Severity.WARNING)
_KINDS = ("clock-change",)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find times that some day does not have."""
    yield from foolish(plan, CODE, _KINDS)
