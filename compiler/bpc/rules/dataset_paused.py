"""A dataset is paused.

Its schedule stays in place and runs nothing, so every day it gets further from its objective. That
may be meant for an hour; a pull request should show that it still is.

Bad:

    kind: BackupPolicy
    spec:
      datasets: [{name: shop, type: namespaces, include: [shop], paused: true}]

Good:

    kind: BackupPolicy
    spec:
      datasets: [{name: shop, type: namespaces, include: [shop]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC309", "dataset-paused", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find paused datasets."""
    for dataset in plan.datasets:
        if dataset.spec.paused:
            yield Finding(
                CODE,
                f"`{dataset.subject}` is paused: nothing new is backed up",
                dataset.where / "paused",
                help="delete `paused: true`",
                subject=dataset.subject,
            )
