"""A dataset is managed by an operator whose schedules bpc does not write.

Only CloudNativePG is supported now: `managedBy: cnpg`, for PostgreSQL. Without this error the dataset would
be in the policy, and nothing would back it up.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: orders, type: mariadb, namespace: shop, managedBy: mariadb-operator}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: orders, type: postgresql, namespace: shop, managedBy: cnpg}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC745", "operator-not-supported")
SUPPORTED = ("cnpg",)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find datasets of other operators."""
    for dataset in plan.datasets:
        operator = getattr(dataset.spec, "managed_by", None)
        if operator is None or operator in SUPPORTED or dataset.spec.held_by is not None:
            continue
        supported = ", ".join(f"`{name}`" for name in SUPPORTED)
        yield Finding(
            CODE,
            f"bpc writes no schedules for `{operator}`, which manages `{dataset.subject}`; it does for "
            f"{supported}",
            dataset.where / "managedBy",
            help="drop `managedBy` and give a `connection`, so that a job of bpc backs it up, or say with "
            "`heldBy` that the operator does",
            subject=dataset.subject,
        )
