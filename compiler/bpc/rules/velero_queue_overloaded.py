"""Velero has more work than time, if every run takes as long as its limit allows.

Velero runs one backup after the other unless it is 1.18 with `concurrentBackups`. When the runs of a
day, each at its limit, need longer than the day, later ones start late and points come further apart
than the schedules say. Lower `limits.run`, run less often, or let Velero run several at once.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 2h}}
      retention: {hourly: 48}
      limits: {run: 40m, start: 10m}
      datasets:
        - {name: shop, type: namespaces, include: [shop]}
        - {name: media, type: namespaces, include: [media]}

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 2h}}
      retention: {hourly: 48}
      limits: {run: 20m, start: 10m}
      datasets:
        - {name: shop, type: namespaces, include: [shop]}
        - {name: media, type: namespaces, include: [media]}
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.releases import FEATURES
from bpc.plan.estate import ClusterPlan, PolicyPlan
from bpc.plan.schedule import gap

CODE = Code("BPC303", "velero-queue-overloaded", Severity.WARNING)


def load(plan: PolicyPlan) -> Fraction:
    """Return the share of all time that the runs of one policy take at their limits."""
    return sum(
        (
            Fraction(dataset.run_limit, gap(rung.cron, rung.zone))
            for dataset in plan.datasets
            if isinstance(dataset.spec, Namespaces) and not dataset.spec.paused
            for copy in dataset.copies
            for rung in copy.rungs
        ),
        Fraction(0),
    )


def check_load(plan: ClusterPlan, total: Fraction) -> Iterator[Finding]:
    """Compare the load of all policies with the number of backups that run at once."""
    several = plan.velero is not None and FEATURES["concurrent-backups"].available(plan.velero)
    lanes = plan.spec.velero.concurrent_backups if several else 1
    if total > lanes:
        yield Finding(
            CODE,
            f"Velero on cluster `{plan.name}` may be busy {float(total * 24):.1f} hours a day, and has "
            f"{24 * lanes}: runs wait for each other, and points come late",
            plan.where.at("spec", "velero"),
            help="lower `limits.run` to what runs really take, or run less often",
            subject=plan.name,
        )
