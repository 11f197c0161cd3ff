"""A point may be gone before two more have been made.

A rung whose points are kept for less than two of its intervals leaves, after a single failed run,
nothing to restore from. One interval is the least that keeps any point at all; two keep one through
one failure.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 2 * * 0"}
          objectives: {default: {rpo: 9d}}
          retention: {daily: 10}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: shop
          type: namespaces
          include: [shop]
          schedule: {cron: "0 2 * * 0"}
          objectives: {default: {rpo: 9d}}
          retention: {daily: 21}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.scalars import format_duration
from bpc.plan.estate import DatasetPlan, PolicyPlan, Rung
from bpc.plan.schedule import gap

CODE = Code("BPC302", "retention-too-short")
_LEAST_INTERVALS = 2


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare how long each rung keeps its points with its longest interval."""
    for dataset in plan.datasets:
        seen: set[tuple[str, int]] = set()
        for rung in (*dataset.rungs, *(r for copy in dataset.copies for r in copy.rungs)):
            if (rung.cron, rung.keep) not in seen:
                seen.add((rung.cron, rung.keep))
                yield from _short(dataset, rung)


def _short(dataset: DatasetPlan, rung: Rung) -> Iterator[Finding]:
    widest = gap(rung.cron, rung.zone)
    if rung.keep >= _LEAST_INTERVALS * widest:
        return
    origin = dataset.origins.get("retention", ())
    yield Finding(
        CODE,
        f"{rung.name} points of `{dataset.subject}` are kept for {format_duration(rung.keep)}, and runs "
        f"are up to {format_duration(widest)} apart",
        (origin[0].where if origin else None) or dataset.where,
        related=((dataset.where, "the dataset"),),
        help=f"keep them for at least {format_duration(_LEAST_INTERVALS * widest)}, or run more often",
        subject=dataset.subject,
    )
