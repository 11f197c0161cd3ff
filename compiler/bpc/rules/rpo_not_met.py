"""A given schedule cannot meet the recovery point objective.

The worst loss is not the period of a schedule. It is the longest gap between two runs, clock
changes included, plus the latest start, plus the longest run: only then is the next point complete.
With `schedule: auto` the compiler chooses a schedule that fits. Where every change is archived between the
points, as with `walArchive`, what counts is how far the archive may be behind.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 */6 * * *"}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: shop, type: namespaces, include: [shop], schedule: {cron: "0 */4 * * *"}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.scalars import format_duration
from bpc.model.schedule import CronSchedule
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.schedule import gap

CODE = Code("BPC301", "rpo-not-met")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare the worst loss of every given schedule with each objective of its dataset."""
    for dataset in plan.datasets:
        within = dataset.spec.archived_within()
        if within is not None:
            yield from _too_late(dataset, within)
        elif isinstance(dataset.spec.schedule, CronSchedule) and dataset.rungs:
            yield from _missed(dataset)


def _too_late(dataset: DatasetPlan, within: int) -> Iterator[Finding]:
    for scenario, objective in dataset.objectives.items():
        if objective.rpo is not None and objective.rpo < within:
            yield Finding(
                CODE,
                f"`{dataset.subject}` may lose {format_duration(within)}, and its objective for {scenario} "
                f"is {format_duration(objective.rpo)}: what its archive stores is up to so much behind",
                dataset.where,
                help="lower `walLag`, or accept a larger `rpo`",
                subject=dataset.subject,
            )


def _missed(dataset: DatasetPlan) -> Iterator[Finding]:
    base = dataset.rungs[0]
    widest = gap(base.cron, base.zone)
    worst = widest + dataset.completion_delay
    for scenario, objective in dataset.objectives.items():
        if objective.rpo is None or worst <= objective.rpo:
            continue
        chain = dataset.origins.get(f"objectives.{scenario}.rpo", ())
        yield Finding(
            CODE,
            f"`{dataset.subject}` may lose {format_duration(worst)}, and its objective for {scenario} "
            f"is {format_duration(objective.rpo)}: runs are up to {format_duration(widest)} apart, may "
            f"start {format_duration(dataset.start_limit)} late and take "
            f"{format_duration(dataset.run_limit)}",
            dataset.where.at("schedule", "cron"),
            related=tuple((o.where, "the objective") for o in chain[:1] if o.where),
            help="run it more often, lower `limits`, or write `schedule: auto`",
            subject=dataset.subject,
        )
