"""A time zone stands inside a schedule.

Kubernetes refuses that since 1.29, and older releases ignored it or read it by accident. The zone
has a field of its own; for Velero the compiler writes it in the form that the cluster's release
understands.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "TZ=Europe/Berlin 0 5 * * *"}

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

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC226", "schedule-with-zone-prefix")
_KINDS = ("zone-prefix",)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find schedules that begin with a zone."""
    yield from foolish(plan, CODE, _KINDS)
