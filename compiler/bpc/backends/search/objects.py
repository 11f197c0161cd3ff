"""The objects: a CronJob for each copy that the server makes, and what restores from each copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bpc.backends.search.desired import Search, desired
from bpc.backends.search.pod import Work, job_spec, ports
from bpc.jobs.writer import dataset_writer
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan
from bpc.plan.schedule import Times, cheapest, gap
from bpc.render import Renderer

_COMPONENT = "search"
_SCRIPTS = "search/scripts"
_UTC = "Etc/UTC"
_SHORTEST, _LONGEST = 900, 21_600
_CHECKS = 4
"""So often between two points of the finest rung the job looks whether the newest is good."""
_APPLY_DEADLINE = 1_800
# The server goes on with a restore whether the job waits for it or not.
_RESTORE_DEADLINE = 86_400
_WANTED = {
    "WANTED": "point",
    "CONFIRM": "confirm",
    "TARGET": "target",
    "PREFIX": "prefix",
    "STATE": "state",
    "DRILL": "drill",
}


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the objects of one dataset are, and what they are called."""

    name: str
    namespace: str
    labels: Mapping[str, str]

    def base(self) -> dict[str, object]:
        return {"name": self.name, "namespace": self.namespace, "labels": dict(self.labels)}


def applied(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Search, render: Renderer
) -> Iterator[Artifact]:
    """Yield what the cluster runs; nothing if the server keeps no schedule for this dataset."""
    copies = [copy for copy in dataset.direct_copies if copy.rungs]
    if not copies:
        return
    writer = dataset_writer(dataset, render)
    place = _Place(
        names.dataset_object(plan.name, dataset.name),
        spec.namespace,
        names.labels(plan.name, dataset.name, component=_COMPONENT),
    )
    data = _scripts(render, "api.sh", "apply.sh") | {
        _file(copy): desired(dataset, spec, copy) for copy in copies
    }
    if plan.cluster.spec.jobs.pushgateway is not None:
        data["report.sh"] = render.script(f"{names.SHARED}/scripts/report.sh")
    selector = {names.POLICY: plan.name, names.DATASET: dataset.name}
    needs: list[tuple[str, dict[str, object], Mapping[str, str] | None]] = [
        ("ServiceAccount", {}, None),
        ("NetworkPolicy", {"selector": selector, "ports": ports(plan, spec)}, None),
        ("ConfigMap", {"data": data}, names.FLUX_NO_SUBSTITUTION),
    ]
    for kind, more, besides in needs:
        file = f"{place.namespace}--{place.name}"
        path = names.path(names.PREREQUISITES, kind, file, policy=plan.name)
        yield writer.write(kind, path, {**place.base(), **more}, annotations=besides)
    for copy in copies:
        name = names.backup_job(plan.name, dataset.name, copy.location.name)
        work = Work(
            name="apply",
            script="apply.sh",
            plan=plan,
            dataset=dataset,
            spec=spec,
            copy=copy,
            objects=place.name,
            desired=_file(copy),
            deadline=_APPLY_DEADLINE,
            reports=plan.cluster.spec.jobs.pushgateway is not None,
            environment={"PAUSED": "true" if spec.paused else "false"},
            variables=(_answer(plan, dataset, "ADOPT", "adopt"),),
        )
        yield writer.write(
            "CronJob",
            names.path(names.SCHEDULES, "CronJob", name, policy=plan.name),
            {
                **place.base(),
                "name": name,
                "labels": work.labels(),
                "schedule": _times(dataset, copy).cron,
                "zone": _UTC,
                "start_limit": max(dataset.start_limit, 600),
                # A paused dataset still has its job: somebody has to tell the server to stop.
                "suspend": None,
                "job": job_spec(work, render),
            },
        )


def for_restore(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Search, render: Renderer
) -> Iterator[Artifact]:
    """Yield a directory for each copy; a person applies it."""
    for copy in dataset.copies:
        yield from _restore_from(plan, dataset, spec, copy, render)


def restore_name(dataset: DatasetPlan) -> str:
    """Return the name of the restore Job, and of what it needs."""
    return names.join(dataset.policy, dataset.name, "restore", limit=names.CRONJOB_LIMIT)


def _restore_from(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Search, copy: CopyPlan, render: Renderer
) -> Iterator[Artifact]:
    writer = dataset_writer(dataset, render)
    directory = f"{names.restore_directory(plan.name, dataset.name)}/{copy.location.name}"
    name = restore_name(dataset)
    labels = names.labels(plan.name, dataset.name, component=_COMPONENT)
    place = _Place(name, spec.namespace, labels)
    data = _scripts(render, "api.sh", "restore.sh") | {_file(copy): desired(dataset, spec, copy)}
    work = Work(
        name="restore",
        script="restore.sh",
        plan=plan,
        dataset=dataset,
        spec=spec,
        copy=copy,
        objects=name,
        desired=_file(copy),
        deadline=_RESTORE_DEADLINE,
        restores=True,
        variables=tuple(_answer(plan, dataset, *pair) for pair in _WANTED.items()),
    )
    job = {"labels": work.labels(), "job": job_spec(replace(work, retries=0), render)}
    written = []
    for kind, more in (("ServiceAccount", {}), ("ConfigMap", {"data": data}), ("Job", job)):
        yield writer.write(
            kind,
            f"{directory}/{kind.lower()}.yaml",
            {**place.base(), **more},
            annotations=names.FLUX_NO_SUBSTITUTION if kind == "ConfigMap" else None,
            applied=False,
        )
        written.append(f"{kind.lower()}.yaml")
    yield writer.list(directory, written)


def _scripts(render: Renderer, *files: str) -> dict[str, str]:
    return {name: render.script(f"{_SCRIPTS}/{name}") for name in files}


def _file(copy: CopyPlan) -> str:
    return f"{copy.location.name}.json"


def _times(dataset: DatasetPlan, copy: CopyPlan) -> Times:
    finest = copy.rungs[0]
    at_most = gap(finest.cron, finest.zone) // _CHECKS
    times = cheapest(min(_LONGEST, max(_SHORTEST, at_most)), _UTC, dataset.slot)
    return times or Times("*/15 * * * *", _UTC)


def _answer(
    plan: PolicyPlan, dataset: DatasetPlan, variable: str, key: str
) -> Mapping[str, object]:
    """Return a variable that a person may set through a ConfigMap; there is none unless they did."""
    reference = {"name": names.wanted(plan.name, dataset.name), "key": key, "optional": True}
    return {"name": variable, "valueFrom": {"configMapKeyRef": reference}}
