"""A dataset that is backed up only by hand has a recovery point objective.

Nobody can say how much would be lost. Give it a schedule, or take the objective away and let its
owner say so.

Bad:

    kind: BackupPolicy
    spec:
      datasets: [{name: shop, type: namespaces, include: [shop], schedule: manual}]

Good:

    kind: BackupPolicy
    spec:
      datasets: [{name: shop, type: namespaces, include: [shop]}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC305", "manual-with-objective", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find manual datasets with any recovery point objective."""
    for dataset in plan.datasets:
        wanted = any(objective.rpo is not None for objective in dataset.objectives.values())
        if dataset.spec.schedule == "manual" and wanted and not dataset.spec.held_by:
            yield Finding(
                CODE,
                f"`{dataset.subject}` is backed up by hand only, so no objective can hold",
                dataset.where / "schedule",
                help="write `schedule: auto`",
                subject=dataset.subject,
            )
