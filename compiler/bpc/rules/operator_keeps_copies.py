"""An operator is to make the backups of a dataset, and locations are named that it never hears of.

CloudNativePG writes base backups and the write-ahead log to where its own Cluster or ObjectStore says, and
keeps them as long as that says. A tier that is shared with other datasets may name locations; the table of
copies would promise what does not exist. Say `copies: {to: []}` for the dataset.

Bad:

    kind: BackupPolicy
    spec:
      datasets: [{name: orders, type: postgresql, namespace: shop, managedBy: cnpg}]

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: orders, type: postgresql, namespace: shop, managedBy: cnpg, copies: {to: []}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC749", "operator-keeps-copies", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find datasets of operators that inherit or name locations."""
    for dataset in plan.datasets:
        operator = getattr(dataset.spec, "managed_by", None)
        if operator is None or not dataset.copies or dataset.spec.held_by is not None:
            continue
        names = ", ".join(f"`{copy.location.name}`" for copy in dataset.copies)
        origin = dataset.origins["copies"][0]
        yield Finding(
            CODE,
            f"`{operator}` keeps the backups of `{dataset.subject}` where its own objects say; bpc makes no "
            f"copy at {names}",
            dataset.where,
            related=((origin.where, f"set by {origin.source}"),) if origin.where else (),
            help="write `copies: {to: []}` here, and see that the operator writes to another site",
            subject=dataset.subject,
        )
