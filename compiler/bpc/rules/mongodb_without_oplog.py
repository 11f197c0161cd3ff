"""A copy of MongoDB is not of one moment.

`mongodump` reads one collection after the other. Only the oplog of a replica set, which it takes along,
brings all of them to the same moment; without it, an order can be in the copy and its payment not. A replica
set of one member is enough.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: orders, type: mongodb, namespace: shop, connection: {host: orders}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: orders, type: mongodb, namespace: shop, replicaSet: rs0, connection: {host: orders}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.datasets.mongodb import Mongodb
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC742", "mongodb-without-oplog", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find MongoDB servers that are dumped without an oplog."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Mongodb) or spec.held_by is not None or spec.managed_by is not None:
            continue
        if spec.connection is not None and spec.replica_set is None:
            yield Finding(
                CODE,
                f"the collections of `{dataset.subject}` are copied one after the other, without an oplog "
                "that brings them to one moment",
                dataset.where,
                help="add `replicaSet: <its name>`; a standalone server can be made a replica set of one",
                subject=dataset.subject,
            )
