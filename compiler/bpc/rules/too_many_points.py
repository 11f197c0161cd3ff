"""The finest rung keeps a very large number of points.

Every run of the finest rung is kept for the rung's whole time. A schedule of every few minutes with
a daily rung as its finest keeps hundreds of points; Velero lists, syncs and expires each of them.
Add an `hourly` rung for the recent ones, and let the daily rung have points of its own.

Bad:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 1h}}
      limits: {run: 20m, start: 5m}
      retention: {daily: 30}

Good:

    kind: BackupPolicy
    spec:
      objectives: {default: {rpo: 1h}}
      limits: {run: 20m, start: 5m}
      retention: {hourly: 48, daily: 30}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.estate import PolicyPlan
from bpc.plan.points import most_points

CODE = Code("BPC307", "too-many-points", Severity.WARNING)
_MANY = 500


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Count the points that the finest rung of each dataset keeps."""
    for dataset in plan.datasets:
        if not dataset.rungs:
            continue
        rung = dataset.rungs[0]
        points = most_points(rung)
        if points <= _MANY:
            continue
        origin = dataset.origins["retention"][0]
        yield Finding(
            CODE,
            f"`{dataset.subject}` keeps up to {points} points of its {rung.name} rung",
            origin.where or dataset.where,
            related=((dataset.where, "the dataset"),),
            help="add a finer rung that is kept for a shorter time, such as `hourly: 48`",
            subject=dataset.subject,
        )
