"""Before 1.15, Velero reads schedules in its server's clock, and these times cannot be written in it.

Velero 1.15 brought time zones for schedules. For an older one the compiler rewrites the times for
UTC. That works for zones that never change their clocks, and where no day of the month has to move.

Bad:

    kind: Cluster
    spec:
      kubernetes: "1.29"
      addons: {velero: "1.14"}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 5 * * *", timeZone: Europe/Berlin}
          objectives: {default: {rpo: 30h}}

Good:

    kind: Cluster
    spec:
      kubernetes: "1.29"
      addons: {velero: "1.14"}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 5 * * *", timeZone: Asia/Shanghai}
          objectives: {default: {rpo: 30h}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import HORIZON_START, to_utc
from bpc.diagnostics import Code, Finding
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.releases import FEATURES
from bpc.plan.estate import PolicyPlan
from bpc.plan.schedule import YEARS

CODE = Code("BPC707", "zone-not-convertible")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find rungs that an older Velero cannot run at their local times."""
    release = plan.cluster.velero
    if release is None or FEATURES["cron-time-zone"].available(release):
        return
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Namespaces):
            continue
        rungs = {(r.cron, r.zone) for copy in dataset.copies for r in copy.rungs}
        stuck = sorted(r for r in rungs if to_utc(*r, HORIZON_START, YEARS) is None)
        if stuck:
            cron, zone = stuck[0]
            yield Finding(
                CODE,
                f"Velero {plan.cluster.spec.addons.velero} knows no time zones, and `{cron}` in {zone} "
                "cannot be written in UTC",
                dataset.where / "schedule",
                related=((plan.cluster.where.at("spec", "addons", "velero"), "the release"),),
                help="write the times in UTC with `timeZone: UTC`, or move to Velero 1.15",
                subject=dataset.subject,
            )
