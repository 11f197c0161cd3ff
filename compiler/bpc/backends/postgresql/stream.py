"""What archives the write-ahead log: a Deployment for each copy that jobs make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bpc.backends.postgresql.workload import slot, streamed
from bpc.jobs.pod import Task, job_spec, labels
from bpc.jobs.workload import Workload
from bpc.jobs.writer import dataset_writer
from bpc.model.datasets.postgresql import Postgresql
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.render import Renderer

COMPONENT = "wal-archive"
_SPOOL = "/tmp/spool"  # noqa: S108 - a volume of the pod alone
_ROOM = "4Gi"
_METRICS = "/result/metrics"
_RESULT = {"name": "result", "mountPath": "/result"}
_ALIVE = {
    "exec": {"command": ["/bin/sh", "/scripts/stream.sh", "alive"]},
    "initialDelaySeconds": 120,
    "periodSeconds": 60,
    "timeoutSeconds": 10,
    "failureThreshold": 3,
}


def streams(
    plan: PolicyPlan, dataset: DatasetPlan, workload: Workload, render: Renderer
) -> Iterator[Artifact]:
    """Yield the Deployments; nothing if the log of a dataset is not archived."""
    for copy in streamed(dataset).values():
        yield _deployment(_task(plan, dataset, copy, workload), render)


def stream_name(plan: PolicyPlan, dataset: DatasetPlan, location: str) -> str:
    """Return the name of the Deployment that archives the log at one location."""
    return names.join(plan.name, dataset.name, location, "wal", limit=names.CRONJOB_LIMIT)


def _task(plan: PolicyPlan, dataset: DatasetPlan, copy: CopyPlan, workload: Workload) -> Task:
    spec = dataset.spec
    assert isinstance(spec, Postgresql)  # noqa: S101 - nothing else is streamed
    name = names.dataset_object(plan.name, dataset.name)
    return Task(
        name="stream",
        script="stream.sh",
        plan=plan,
        dataset=dataset,
        copy=copy,
        workload=replace(workload, component=COMPONENT, scratch=_ROOM),
        namespace=workload.namespace,
        account=name,
        scripts=name,
        credentials=copy.location.spec.credentials,
        environment={
            "SLOT": slot(plan, dataset, copy.location.name),
            "LAG": str(spec.wal_lag),
            "SPOOL": _SPOOL,
            "METRICS_FILE": _METRICS if _gateway(plan) else "",
        },
        reports=False,
    )


def _deployment(task: Task, render: Renderer) -> Artifact:
    writer = dataset_writer(task.dataset, render, "postgresql")
    name = stream_name(task.plan, task.dataset, task.copy.location.name)
    return writer.write(
        "Deployment",
        names.path(names.SCHEDULES, "Deployment", name, policy=task.plan.name),
        {
            "name": name,
            "namespace": task.namespace,
            "labels": labels(task),
            "replicas": 0 if task.dataset.spec.paused else 1,
            "pod": _pod(task, render),
        },
    )


def _pod(task: Task, render: Renderer) -> dict[str, Any]:
    job: Any = job_spec(task, render)
    pod: dict[str, Any] = {**job["template"]["spec"], "restartPolicy": "Always"}
    main = {**pod["containers"][0], "livenessProbe": _ALIVE}
    if not _gateway(task.plan):
        return pod | {"containers": [main]}
    main["volumeMounts"] = [*main["volumeMounts"], _RESULT]
    result = {"name": "result", "emptyDir": {"sizeLimit": "1Mi"}}
    return pod | {
        "containers": [main, _reporter(task, render)],
        "volumes": [*pod["volumes"], result],
    }


def _reporter(task: Task, render: Renderer) -> Any:
    place = {
        "CLUSTER": task.plan.cluster.name,
        "POLICY": task.plan.name,
        "DATASET": task.dataset.name,
        "LOCATION": task.copy.location.name,
        "METRICS_FILE": _METRICS,
        "PUSHGATEWAY": _gateway(task.plan),
    }
    return render.manifest(
        f"{names.SHARED}/container.yaml.j2",
        name="report",
        image=image(task.plan.cluster.spec, "rclone"),
        command=["/bin/sh", "/scripts/report-wal.sh"],
        env=[{"name": key, "value": value} for key, value in place.items()],
        cpu="10m",
        memory="64Mi",
        most_cpu="500m",
        most_memory="128Mi",
        mounts=[_RESULT, {"name": "scripts", "mountPath": "/scripts", "readOnly": True}],
    ).data


def _gateway(plan: PolicyPlan) -> str:
    return plan.cluster.spec.jobs.pushgateway or ""
