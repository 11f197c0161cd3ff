"""A MySQL or MariaDB dataset names a database that belongs to the server.

A dump of `mysql` does not fit another release, and that of the others cannot be read at all. What matters of
`mysql`, the accounts and their grants, is part of every point.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: mysql, namespace: shop, databases: [orders, mysql], connection: {host: db}}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: mysql, namespace: shop, databases: [orders], connection: {host: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.mysql import Mariadb, Mysql
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC733", "system-database-named")
_SYSTEM = frozenset({"information_schema", "mysql", "performance_schema", "sys"})


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at the names of all databases."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Mysql | Mariadb):
            continue
        for index, name in enumerate(spec.databases):
            if name.lower() in _SYSTEM:
                yield Finding(
                    CODE,
                    f"`{name}` of `{dataset.subject}` belongs to the server, and cannot be restored",
                    dataset.where.at("databases", index),
                    help="drop it: accounts and their grants are part of every point",
                    subject=dataset.subject,
                )
