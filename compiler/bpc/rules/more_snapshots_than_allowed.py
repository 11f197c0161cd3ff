"""More snapshots of a volume are kept than its storage allows.

vSphere keeps three snapshots of a volume unless an administrator raised the limit. The next
snapshot fails, and so does every one after it.

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
          retention: {daily: 3}
          objectives: {default: {rpo: 30h}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import HORIZON_START, parse, smallest_gap
from bpc.diagnostics import Code, Finding
from bpc.plan.drivers import driver
from bpc.plan.estate import PolicyPlan, Rung
from bpc.plan.schedule import YEARS

CODE = Code("BPC715", "more-snapshots-than-allowed")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Count the snapshots that all rungs of a dataset of volumes keep."""
    for dataset in plan.datasets:
        known = driver(dataset.storage.driver) if dataset.storage is not None else None
        if known is None or known.most is None:
            continue
        kept = sum(_kept(rung) for rung in dataset.rungs)
        if kept > known.most:
            origin = dataset.origins["retention"][0]
            yield Finding(
                CODE,
                f"`{dataset.subject}` keeps {kept} snapshots of a volume, and {known.title} allows "
                f"{known.most} unless its limit was raised",
                origin.where or dataset.where,
                related=((dataset.where, "the dataset"),),
                help=f"keep at most {known.most}, or raise the limit in {known.title} and waive this rule",
                subject=dataset.subject,
            )


def _kept(rung: Rung) -> int:
    least = smallest_gap(parse(rung.cron), rung.zone, HORIZON_START, YEARS).seconds
    return max(1, rung.keep // least)
