"""The objects of one dataset that jobs copy: applied ones, and those with which a person restores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from bpc.jobs.pod import Task, engine, job_spec, labels, ports
from bpc.jobs.workload import Grant, Workload
from bpc.jobs.writer import Writer, dataset_writer
from bpc.model.location import PvcLocation
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan, Rung
from bpc.plan.schedule import moved
from bpc.render import Renderer

_SCRIPTS = f"{names.SHARED}/scripts"
_FLOOR = 3
SHARES = 7
"""In so many successful runs of the maintenance job every byte of a store is read once."""
_LEAST_GRACE = 172_800
# A check may have to wait for backups, and it reads a share of everything.
_MAINTENANCE_DEADLINE = 21_600
# A restore that is cut off leaves the target in pieces, so a day is only there to end what hangs.
_RESTORE_DEADLINE = 86_400
_LATER = 25
_RETRIES = 1
_WANTED = {"WANTED": "point", "CONFIRM": "confirm", "TARGET": "target"}


def applied(
    plan: PolicyPlan, dataset: DatasetPlan, workload: Workload, render: Renderer
) -> Iterator[Artifact]:
    """Yield what the cluster runs: a CronJob for each copy, its maintenance, and what both need."""
    writer = dataset_writer(dataset, render)
    tasks = [task for copy in dataset.copies if (task := _copying(plan, dataset, copy, workload))]
    if not tasks:
        return
    yield from _common(writer, plan, dataset, workload, [*tasks])
    for task in tasks:
        yield _cron_job(writer, task, task.copy.rungs[0], render)
    keeping = [kept for task in tasks if (kept := _keeping(task, workload)) is not None]
    for namespace in dict.fromkeys(task.namespace for task in keeping):
        here = [task for task in keeping if task.namespace == namespace]
        if namespace != workload.namespace:
            yield from _maintenance_objects(writer, plan, dataset, here, workload.keeping)
    for task in keeping:
        yield _cron_job(writer, task, _nightly(task), render)


def for_restore(
    plan: PolicyPlan, dataset: DatasetPlan, workload: Workload, render: Renderer
) -> Iterator[Artifact]:
    """Yield a directory for each copy that a job made; a person applies it."""
    for copy in dataset.copies:
        if copy.location.spec.encryption is None:
            continue
        yield from _restore_from(plan, dataset, workload, copy, render)


def restore_name(dataset: DatasetPlan) -> str:
    """Return the name of the restore Job, and of what it needs."""
    return names.join(dataset.policy, dataset.name, "restore", limit=names.CRONJOB_LIMIT)


def _copying(
    plan: PolicyPlan, dataset: DatasetPlan, copy: CopyPlan, workload: Workload
) -> Task | None:
    if not copy.rungs:
        return None
    name = names.dataset_object(plan.name, dataset.name)
    source = next((each for each in dataset.copies if each.location.name == copy.source), None)
    # What writes the first copy decides in which form all copies of it are.
    if source is not None:
        copy = replace(copy, engine=engine(source))
    return Task(
        name="copy" if copy.hop else "backup",
        script="copy.sh" if copy.hop else "backup.sh",
        plan=plan,
        dataset=dataset,
        copy=copy,
        workload=None if copy.hop else workload,
        namespace=workload.namespace,
        account=name,
        scripts=name,
        credentials=copy.location.spec.credentials,
        environment={},
        source=source if copy.hop else None,
        retries=_RETRIES,
    )


def _keeping(task: Task, workload: Workload) -> Task | None:
    """Return the maintenance of what a task writes; None if nobody may delete there."""
    spec = task.copy.location.spec
    if spec.pruning is None and not isinstance(spec, PvcLocation):
        return None
    name = names.dataset_object(task.plan.name, task.dataset.name)
    ladder = " ".join(f"{rung.name}={rung.keep}" for rung in task.copy.rungs)
    grace = max(_LEAST_GRACE, 2 * task.dataset.completion_delay)
    namespace = (
        task.namespace
        if isinstance(spec, PvcLocation)
        else task.plan.cluster.spec.jobs.maintenance_namespace
    )
    return replace(
        task,
        name="keep",
        script="maintain.sh",
        workload=None,
        namespace=namespace,
        account=name,
        scripts=name,
        credentials=spec.pruning or spec.credentials,
        environment={
            "LADDER": ladder,
            "FLOOR": str(_FLOOR),
            "GRACE": str(grace),
            "SHARES": str(SHARES),
            **workload.keeping_environment,
        },
        source=None,
        deadline=_MAINTENANCE_DEADLINE,
        reports=False,
    )


def _nightly(task: Task) -> Rung:
    rung = task.copy.rungs[0]
    slot = moved(task.dataset.slot, _LATER)
    return replace(rung, cron=f"{slot.minute} {slot.hour} * * *", zone="Etc/UTC")


def _cron_job(writer: Writer, task: Task, rung: Rung, render: Renderer) -> Artifact:
    place = (task.plan.name, task.dataset.name, task.copy.location.name)
    name = (
        names.maintenance_job(*place) if task.script == "maintain.sh" else names.backup_job(*place)
    )
    return writer.write(
        "CronJob",
        names.path(names.SCHEDULES, "CronJob", name, policy=task.plan.name),
        {
            "name": name,
            "namespace": task.namespace,
            "labels": labels(task),
            "schedule": rung.cron,
            "zone": rung.zone,
            "start_limit": task.dataset.start_limit,
            "suspend": True if task.dataset.spec.paused else None,
            "job": job_spec(task, render),
        },
        privileges=task.workload.privileges if task.workload else frozenset(),
    )


def _common(
    writer: Writer,
    plan: PolicyPlan,
    dataset: DatasetPlan,
    workload: Workload,
    tasks: list[Task],
) -> Iterator[Artifact]:
    scripts = ["engine.sh", "capture.sh", "backup.sh"]
    scripts += ["copy.sh"] if any(task.copy.hop for task in tasks) else []
    scripts += ["report.sh"] if plan.cluster.spec.jobs.pushgateway is not None else []
    keeping: tuple[str, ...] = ()
    if any(isinstance(task.copy.location.spec, PvcLocation) for task in tasks):
        scripts.append("maintain.sh")
        keeping = workload.keeping
    base = _base(plan, dataset, workload.namespace, workload.component)
    everywhere = sorted({port for task in tasks for port in ports(task)})
    data = _data(writer, scripts, workload, keeping)
    yield from _objects(writer, plan, dataset, base, data, everywhere)
    for kind, namespace, context in _permissions(base, workload.grants):
        file = f"{namespace or base['namespace']}--{base['name']}"
        yield writer.write(
            kind, names.path(names.PREREQUISITES, kind, file, policy=plan.name), context
        )


def _maintenance_objects(
    writer: Writer,
    plan: PolicyPlan,
    dataset: DatasetPlan,
    tasks: list[Task],
    keeping: tuple[str, ...],
) -> Iterator[Artifact]:
    base = _base(plan, dataset, tasks[0].namespace, "maintenance")
    everywhere = sorted({port for task in tasks for port in ports(task)})
    data = _data(writer, ["engine.sh", "maintain.sh"], None, keeping)
    yield from _objects(writer, plan, dataset, base, data, everywhere)


def _base(
    plan: PolicyPlan, dataset: DatasetPlan, namespace: str, component: str
) -> dict[str, object]:
    return {
        "name": names.dataset_object(plan.name, dataset.name),
        "namespace": namespace,
        "labels": names.labels(plan.name, dataset.name, component=component),
    }


def _objects(
    writer: Writer,
    plan: PolicyPlan,
    dataset: DatasetPlan,
    base: Mapping[str, object],
    data: Mapping[str, str],
    open_ports: list[int],
) -> Iterator[Artifact]:
    selector = {names.POLICY: plan.name, names.DATASET: dataset.name}
    account = dict(plan.cluster.spec.jobs.service_account_annotations)
    needs: list[tuple[str, dict[str, object], dict[str, str] | None]] = [
        ("ServiceAccount", {}, account),
        ("NetworkPolicy", {"selector": selector, "ports": open_ports}, None),
        ("ConfigMap", {"data": data}, names.FLUX_NO_SUBSTITUTION),
    ]
    for kind, more, besides in needs:
        file = f"{base['namespace']}--{base['name']}"
        yield writer.write(
            kind,
            names.path(names.PREREQUISITES, kind, file, policy=plan.name),
            {**base, **more},
            annotations=besides,
        )


def _data(
    writer: Writer,
    scripts: list[str],
    workload: Workload | None,
    keeping: tuple[str, ...] = (),
) -> dict[str, str]:
    found = {name: writer.render.script(f"{_SCRIPTS}/{name}") for name in scripts}
    if workload is not None:
        found["method.sh"] = writer.render.script(workload.script)
    for path in (*(workload.libraries if workload is not None else ()), *keeping):
        found[path.rpartition("/")[2]] = writer.render.script(path)
    return found


def _permissions(
    base: Mapping[str, object], grants: tuple[Grant, ...]
) -> Iterator[tuple[str, str | None, dict[str, object]]]:
    """Yield kind, namespace and context of what grants a job its permissions."""
    for grant in grants:
        context = {**base, "rules": [*grant.rules], "role": base["name"]}
        if grant.namespace is None:
            yield "ClusterRole", None, context
            yield "ClusterRoleBinding", None, context
        else:
            context |= {"namespace": grant.namespace, "holder": base["namespace"]}
            yield "Role", grant.namespace, context
            yield "RoleBinding", grant.namespace, context


def _restore_from(
    plan: PolicyPlan,
    dataset: DatasetPlan,
    workload: Workload,
    copy: CopyPlan,
    render: Renderer,
) -> Iterator[Artifact]:
    writer = dataset_writer(dataset, render)
    directory = f"{names.restore_directory(plan.name, dataset.name)}/{copy.location.name}"
    name = restore_name(dataset)
    base = _base(plan, dataset, workload.namespace, workload.component) | {"name": name}
    source = next((each for each in dataset.copies if each.location.name == copy.source), None)
    if source is not None:
        copy = replace(copy, engine=engine(source))
    task = Task(
        name="restore",
        script="restore.sh",
        plan=plan,
        dataset=dataset,
        copy=copy,
        workload=workload,
        namespace=workload.namespace,
        account=name,
        scripts=name,
        credentials=copy.location.spec.credentials,
        environment=workload.restore_environment,
        answers=True,
        retries=0,
        deadline=_RESTORE_DEADLINE,
        reports=False,
        variables=tuple(_answer(plan, dataset, *pair) for pair in _WANTED.items()),
    )
    contents = {"data": _data(writer, ["engine.sh", "restore.sh"], workload)}
    job = {"job": job_spec(task, render)}
    written = []
    for kind, more in (("ServiceAccount", {}), ("ConfigMap", contents), ("Job", job)):
        artifact = writer.write(
            kind,
            f"{directory}/{kind.lower()}.yaml",
            {**base, **more},
            annotations=names.FLUX_NO_SUBSTITUTION if kind == "ConfigMap" else None,
            applied=False,
            privileges=workload.privileges if kind == "Job" else frozenset(),
        )
        written.append(f"{kind.lower()}.yaml")
        yield artifact
    for kind, namespace, context in _permissions(base, workload.restore_grants):
        file = f"{kind.lower()}-{namespace}.yaml" if namespace else f"{kind.lower()}.yaml"
        written.append(file)
        yield writer.write(kind, f"{directory}/{file}", context, applied=False)
    yield writer.list(directory, written)


def _answer(
    plan: PolicyPlan, dataset: DatasetPlan, variable: str, key: str
) -> Mapping[str, object]:
    """Return a variable that a person may set through a ConfigMap; it is empty unless they did."""
    reference = {"name": names.wanted(plan.name, dataset.name), "key": key, "optional": True}
    return {"name": variable, "valueFrom": {"configMapKeyRef": reference}}
