"""A database says neither how a job reaches it nor who else protects it.

Without an address there is no job, and without a job there is no copy. A database that an operator looks
after, or a provider, needs none: say so with `managedBy` or `heldBy`.

Bad:

    kind: BackupPolicy
    spec:
      datasets: [{name: db, type: postgresql, namespace: shop}]

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          namespace: shop
          connection: {host: orders-db, credentials: {secret: orders-backup}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.base import Database
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC725", "connection-missing")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find databases that no job can reach."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Database) or spec.held_by is not None:
            continue
        if spec.connection is None and getattr(spec, "managed_by", None) is None:
            yield Finding(
                CODE,
                f"nothing says how a job reaches the server of `{dataset.subject}`",
                dataset.where,
                help="add `connection: {host: orders-db, credentials: {secret: orders-backup}}`",
                subject=dataset.subject,
            )
