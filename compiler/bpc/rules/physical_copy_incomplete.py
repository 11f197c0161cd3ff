"""A physical copy of PostgreSQL lacks what its jobs have to know: how large the data is, or where it lies.

Each copy is unpacked and checked before it counts, which takes as much room as the data: without `size` the
job has too little of it and fails every time. And the files come back into the volume of the server: without
`data` nobody could restore them.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          method: physical
          namespace: shop
          connection: {host: orders-db, credentials: {secret: orders-backup}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: postgresql
          method: physical
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

CODE = Code("BPC755", "physical-copy-incomplete")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find physical copies without a size or a claim."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Postgresql) or spec.method != "physical":
            continue
        if spec.held_by is not None or spec.managed_by is not None:
            continue
        if spec.size is None:
            yield Finding(
                CODE,
                f"nothing says how much room a copy of `{dataset.subject}` takes when it is checked",
                dataset.where,
                help="add the size of the data directory, such as `size: 40Gi`",
                subject=dataset.subject,
            )
        if spec.data is None:
            yield Finding(
                CODE,
                f"nothing says where the files of `{dataset.subject}` are restored to",
                dataset.where,
                help="add the claim of the server, such as `data: {claim: data-orders-0}`",
                subject=dataset.subject,
            )
