"""A schedule is written in a form that is accepted by accident.

Empty items are dropped, `?` means `*`, `+5` means `5`, and in `*-5` the five is ignored. Other
readers of cron refuse these or take them for something else, and so do people.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets: [{name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 ? * *"}}]

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 400d}}
      retention: {daily: 2000}
      datasets: [{name: shop, type: namespaces, include: [shop], schedule: {cron: "0 2 * * *"}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import PolicyPlan
from bpc.plan.written import foolish

CODE = Code("BPC224", "schedule-oddly-written")
_KINDS = (
    "empty-item",
    "plus-sign",
    "question-mark",
    "star-range",
)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find spellings that only Kubernetes' parser accepts."""
    yield from foolish(plan, CODE, _KINDS)
