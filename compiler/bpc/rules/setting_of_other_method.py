"""A setting of a MySQL or MariaDB dataset has no meaning for its method.

A physical copy is that of the whole server, at one moment and without locks; a dump does not look at the
server's volume. A setting that does nothing makes a reader believe in something that does not happen.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: mariadb
          method: physical
          namespace: shop
          version: "10.11"
          size: 20Gi
          databases: [orders]
          connection: {host: db}
          data: {claim: data-db-0}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: mariadb, namespace: shop, databases: [orders], connection: {host: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.mysql import Mariadb, Mysql
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC732", "setting-of-other-method")
_WHY = {
    "databases": "which copies the whole server",
    "lockTables": "which locks nothing",
    "data": "which does not read the volume",
}


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find settings of the other method."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Mysql | Mariadb):
            continue
        given = (
            {"databases": bool(spec.databases), "lockTables": spec.lock_tables}
            if spec.method == "physical"
            else {"data": spec.data is not None}
        )
        for name in (name for name, there in given.items() if there):
            yield Finding(
                CODE,
                f"`{dataset.subject}` has `{name}`, and the method `{spec.method}`, {_WHY[name]}",
                dataset.where / name,
                help=f"drop `{name}`, or use the other method",
                subject=dataset.subject,
            )
