"""A schedule means different days to the cluster's Velero and to everything else.

Up to 1.14 Velero uses an older parser. Where one day field has a step such as `*/2` and the other
is restricted, it runs when both match; Kubernetes and newer Velero run when either does.

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
          schedule: {cron: "0 2 */2 * 1", dayMatch: any}
          objectives: {default: {rpo: 20d}}

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
          schedule: {cron: "0 2 * * 1"}
          objectives: {default: {rpo: 20d}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import HORIZON_START, parse, parse_v1
from bpc.diagnostics import Code, Finding
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.releases import FEATURES
from bpc.model.schedule import CronSchedule
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC706", "velero-reads-other-days")
_FIRINGS = 60


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare the firings of a given schedule under both parsers."""
    release = plan.cluster.velero
    if release is None or FEATURES["cron-time-zone"].available(release):
        return
    for dataset in plan.datasets:
        schedule = dataset.spec.schedule
        if (
            isinstance(dataset.spec, Namespaces)
            and isinstance(schedule, CronSchedule)
            and dataset.rungs
            and _differs(schedule.cron)
        ):
            yield Finding(
                CODE,
                f"Velero {plan.cluster.spec.addons.velero} runs `{schedule.cron}` only when both day fields "
                "match, Kubernetes when either does",
                dataset.where.at("schedule", "cron"),
                related=((plan.cluster.where.at("spec", "addons", "velero"), "the release"),),
                help="restrict only one of the two day fields",
                subject=dataset.subject,
            )


def _differs(cron: str) -> bool:
    new, old = parse(cron), parse_v1(cron)
    moment: int | None = HORIZON_START
    for _ in range(_FIRINGS):
        if moment is None:
            return False
        following = new.next(moment, "UTC")
        if following != old.next(moment, "UTC"):
            return True
        moment = following
    return False
