"""The write-ahead log of PostgreSQL is to be archived, but no physical copy is made that it could follow.

The log says what changed in the files of a server; it cannot be replayed on a dump. Choose the method
`physical`, or drop `walArchive`.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          walArchive: true
          namespace: shop
          connection: {host: orders-db, credentials: {secret: orders-backup}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          method: physical
          walArchive: true
          namespace: shop
          size: 40Gi
          data: {claim: data-orders-0}
          connection: {host: orders-db, credentials: {secret: orders-backup}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.postgresql import Postgresql
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC756", "wal-archive-without-copy")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find dumps with an archive of the log."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if isinstance(spec, Postgresql) and spec.wal_archive and spec.method == "dump":
            yield Finding(
                CODE,
                f"the log of `{dataset.subject}` cannot be replayed on a dump",
                dataset.where / "walArchive",
                help="write `method: physical`, or drop `walArchive`",
                subject=dataset.subject,
            )
