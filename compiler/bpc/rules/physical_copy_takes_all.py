"""Databases are chosen for a physical copy of PostgreSQL, which always holds all of them.

Who reads the policy would believe that only these are copied, and restored. Choose the method `dump`, or drop
`databases`.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          method: physical
          namespace: shop
          size: 40Gi
          data: {claim: data-orders-0}
          databases: [orders]
          connection: {host: orders-db, credentials: {secret: orders-backup}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          method: dump
          namespace: shop
          databases: [orders]
          connection: {host: orders-db, credentials: {secret: orders-backup}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.postgresql import Postgresql
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC757", "physical-copy-takes-all")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find physical copies of chosen databases."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if isinstance(spec, Postgresql) and spec.method == "physical" and spec.databases:
            yield Finding(
                CODE,
                f"a physical copy of `{dataset.subject}` holds all databases of the server",
                dataset.where / "databases",
                help="write `method: dump`, or drop `databases`",
                subject=dataset.subject,
            )
