"""There can be more snapshots of a volume than its storage allows.

vSphere keeps three snapshots of a volume unless an administrator raised the limit. A job cuts before
it removes, so that there is always one that can be restored: it needs room for one more than it keeps.
Where there is none, the next snapshot fails, nothing is removed, and so fails every one after it.

Bad:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: csi.vsphere.vmware.com, system: v}]
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: m
          type: volumes
          claims: {namespace: media, names: [m]}
          copies: {to: []}
          retention: {daily: 14}

Good:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: csi.vsphere.vmware.com, system: v}]
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: m
          type: volumes
          claims: {namespace: media, names: [m]}
          copies: {to: []}
          retention: {daily: 1}
          objectives: {default: {rpo: 30h}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.drivers import driver
from bpc.plan.estate import PolicyPlan
from bpc.plan.points import most_points

CODE = Code("BPC715", "more-snapshots-than-allowed")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Count the snapshots that all rungs of a dataset of volumes may have at once."""
    for dataset in plan.datasets:
        known = driver(dataset.storage.driver) if dataset.storage is not None else None
        if known is None or known.most is None:
            continue
        held = sum(most_points(rung) + 1 for rung in dataset.rungs)
        if held > known.most:
            origin = dataset.origins["retention"][0]
            yield Finding(
                CODE,
                f"`{dataset.subject}` makes up to {held} snapshots of a volume, the newest before the oldest "
                f"goes, and {known.title} allows {known.most} unless its limit was raised",
                origin.where or dataset.where,
                related=((dataset.where, "the dataset"),),
                help=f"keep fewer, or raise the limit in {known.title} to {held} and waive this rule",
                subject=dataset.subject,
            )
