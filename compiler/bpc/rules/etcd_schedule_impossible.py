"""A control plane that saves its state by itself cannot do it in the way that is asked for.

k3s and RKE2 read their schedule in the zone of the server nodes and keep just a number of snapshots, so that
there can be only one rung. kOps keeps hourly backups for a week and daily ones for a number of days. What
they cannot do would look as if it were done.

Bad:

    kind: Cluster
    spec:
      controlPlane: {type: k3s, token: k3s-token, timeZone: UTC}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd, retention: {hourly: 24, weekly: 4}}]

Good:

    kind: Cluster
    spec:
      controlPlane: {type: k3s, token: k3s-token, timeZone: UTC}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: state, type: etcd, retention: {hourly: 72}}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Where
from bpc.model.control_plane import K3s, Kops, Rke2
from bpc.model.datasets.etcd import Etcd
from bpc.plan.estate import DatasetPlan, PolicyPlan

CODE = Code("BPC739", "etcd-schedule-impossible")
_WEEK = 7 * 86_400
_UTC = frozenset({"UTC", "Etc/UTC", "Etc/GMT", "GMT", "Etc/UCT", "Zulu"})


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at the times and the ladder of every dataset that the control plane saves itself."""
    control = plan.cluster.spec.control_plane
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Etcd) or not dataset.rungs:
            continue
        if isinstance(control, K3s | Rke2):
            yield from _zone(plan, dataset, control)
            yield from _ladder(dataset)
        elif isinstance(control, Kops) and _hourly(dataset) > _WEEK:
            yield Finding(
                CODE,
                f"etcd-manager keeps the hourly backups of `{dataset.subject}` for a week, whatever it is "
                "told",
                _retention(dataset),
                help="keep at most `hourly: 168`, and more with `daily`",
                subject=dataset.subject,
            )


def _zone(plan: PolicyPlan, dataset: DatasetPlan, control: K3s | Rke2) -> Iterator[Finding]:
    zone = dataset.rungs[0].zone
    if zone == control.time_zone or {zone, control.time_zone} <= _UTC:
        return
    yield Finding(
        CODE,
        f"the schedule of `{dataset.subject}` is in the zone `{zone}`, and the server nodes read it in "
        f"`{control.time_zone}`",
        dataset.where,
        related=((plan.cluster.where.at("spec", "controlPlane"), "the servers' zone"),),
        help=f"write `timeZone: {control.time_zone}` in the policy, or under the schedule",
        subject=dataset.subject,
    )


def _ladder(dataset: DatasetPlan) -> Iterator[Finding]:
    if len(dataset.rungs) == 1:
        return
    others = ", ".join(f"`{rung.name}`" for rung in dataset.rungs[1:])
    yield Finding(
        CODE,
        f"the servers keep a number of the newest snapshots of `{dataset.subject}`, and no others: nothing "
        f"makes {others}",
        _retention(dataset),
        help=f"write `retention` with one rung for this dataset, such as `{dataset.rungs[0].name}: "
        f"{dataset.rungs[0].points}`",
        subject=dataset.subject,
    )


def _hourly(dataset: DatasetPlan) -> int:
    return max((rung.keep for rung in dataset.rungs if rung.name == "hourly"), default=0)


def _retention(dataset: DatasetPlan) -> Where:
    return next((each.where for each in dataset.origins["retention"] if each.where), dataset.where)
