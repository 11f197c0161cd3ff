"""A server that makes its own backups cannot run at these times.

CloudNativePG and Elasticsearch read schedules in UTC, each in a dialect of its own; bpc converts them
exactly, or not at all. That works for zones that never change their clocks. Elasticsearch takes a day of
the month or a weekday but not both, and no schedule that runs more often than every 15 minutes;
OpenSearch knows time zones.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: orders
          type: postgresql
          namespace: shop
          managedBy: cnpg
          schedule: {cron: "0 5 * * *", timeZone: Europe/Berlin}
          objectives: {default: {rpo: 30h}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: orders
          type: postgresql
          namespace: shop
          managedBy: cnpg
          schedule: {cron: "0 5 * * *", timeZone: Asia/Shanghai}
          objectives: {default: {rpo: 30h}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import HORIZON_START, parse, smallest_gap
from bpc.cron.dialects import to_numbers, to_quartz, to_seconds_first
from bpc.diagnostics import Code, Finding, Where
from bpc.model.datasets.postgresql import Postgresql
from bpc.model.datasets.search import Elasticsearch, Opensearch
from bpc.plan.estate import DatasetPlan, PolicyPlan, Rung
from bpc.plan.schedule import YEARS

CODE = Code("BPC746", "schedule-not-for-server")
_LEAST = 900


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at every rung that a server is to keep by itself."""
    for dataset in plan.datasets:
        if dataset.spec.held_by is not None:
            continue
        for rung in _rungs(dataset):
            reason = _reason(dataset, rung)
            if reason is not None:
                yield Finding(
                    CODE,
                    f"`{rung.cron}` in {rung.zone} is {reason}",
                    _place(dataset),
                    help="write `timeZone: UTC`, a rhythm of at least 15 minutes, and only one of the two "
                    "day fields",
                    subject=dataset.subject,
                )
                break


def _rungs(dataset: DatasetPlan) -> tuple[Rung, ...]:
    spec = dataset.spec
    if isinstance(spec, Postgresql) and spec.managed_by == "cnpg":
        return dataset.rungs[:1]
    if isinstance(spec, Elasticsearch | Opensearch):
        found = (rung for copy in dataset.direct_copies for rung in copy.rungs)
        return tuple({(rung.cron, rung.zone): rung for rung in found}.values())
    return ()


def _reason(dataset: DatasetPlan, rung: Rung) -> str | None:
    spec = dataset.spec
    if isinstance(spec, Postgresql):
        said = to_seconds_first(rung.cron, rung.zone, HORIZON_START, YEARS)
        return (
            "nothing that CloudNativePG can run, which reads times in UTC" if said is None else None
        )
    if isinstance(spec, Opensearch):
        return "nothing that OpenSearch can run" if to_numbers(rung.cron) is None else None
    if to_quartz(rung.cron, rung.zone, HORIZON_START, YEARS) is None:
        return "nothing that Elasticsearch can run, which reads times in UTC"
    least = smallest_gap(parse(rung.cron), rung.zone, HORIZON_START, YEARS).seconds
    return "more often than Elasticsearch allows" if least < _LEAST else None


def _place(dataset: DatasetPlan) -> Where:
    return dataset.where / "schedule"
