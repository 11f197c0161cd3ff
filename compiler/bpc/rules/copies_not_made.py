"""A dataset of volumes is given locations that its snapshots never reach.

CSI snapshots stay on the storage system that made them. A tier that is shared with other datasets
may name locations; for a dataset of volumes nothing is written there, and the table of copies would
promise what does not exist. Say `copies: {to: []}` for the dataset, or back the namespace up with
Velero as well.

Bad:

    kind: BackupPolicy
    spec:
      datasets: [{name: m, type: volumes, claims: {namespace: media, names: [m]}}]

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: m, type: volumes, claims: {namespace: media, names: [m]}, copies: {to: []}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.datasets.volumes import Volumes
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC304", "copies-not-made", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find datasets of volumes that inherit or name locations."""
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Volumes) or not dataset.copies or dataset.spec.held_by:
            continue
        names = ", ".join(f"`{copy.location.name}`" for copy in dataset.copies)
        origin = dataset.origins["copies"][0]
        yield Finding(
            CODE,
            f"the snapshots of `{dataset.subject}` stay on their storage system; no copy reaches {names}",
            dataset.where,
            related=((origin.where, f"set by {origin.source}"),) if origin.where else (),
            help="write `copies: {to: []}` here, and protect the namespace with Velero too",
            subject=dataset.subject,
        )
