"""The pods of this back end: one container with curl and jq, and nothing of the copy engines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bpc.backends.search.desired import Search
from bpc.jobs.database import connection
from bpc.jobs.pod import CREDENTIALS, gateway_ports, variables
from bpc.jobs.workload import UNPRIVILEGED, File
from bpc.plan import names
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.render import Renderer

PORT = 9_200
_SCRIPTS, _SCRATCH, _RESULT = "/scripts", "/tmp", "/result"  # noqa: S108 - volumes of the pod alone
_METRICS = f"{_RESULT}/metrics"
_READABLE = 0o440
_COMPONENT = "search"


@dataclass(frozen=True, slots=True)
class Work:
    """One pod: which script it runs, for which copy of which dataset.

    `objects` is the name of its service account and of the ConfigMap with its scripts, `desired` the key in
    there that says what the server is to be told. `restores` is set for the account that may write.
    """

    name: str
    script: str
    plan: PolicyPlan
    dataset: DatasetPlan
    spec: Search
    copy: CopyPlan
    objects: str
    desired: str
    deadline: int
    reports: bool = False
    restores: bool = False
    retries: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    variables: tuple[Mapping[str, object], ...] = ()

    def labels(self) -> dict[str, str]:
        """Return the labels of the job and its pods."""
        found = names.labels(self.plan.name, self.dataset.name, component=_COMPONENT)
        return found | {names.COPY: self.copy.location.name}


def ports(plan: PolicyPlan, spec: Search) -> list[int]:
    """Return the ports that the pods connect to."""
    return sorted({*connection(spec, PORT).ports, *gateway_ports(plan)})


def job_spec(work: Work, render: Renderer) -> dict[str, object]:
    """Return the spec of the Job."""
    main = _main(work, render)
    return {
        **render.manifest(
            "search/job-spec.yaml.j2",
            backoff=work.retries,
            deadline=work.deadline,
            labels=work.labels(),
            account=work.objects,
            user=UNPRIVILEGED,
            before=[main] if work.reports else None,
            containers=[_reporter(work, render)] if work.reports else [main],
            volumes=[*_volumes(work)],
        ).data
    }


def _main(work: Work, render: Renderer) -> dict[str, object]:
    reached = connection(work.spec, PORT)
    files = _files(work)
    account = f"{CREDENTIALS}/database" if any(f.folder == "database" for f in files) else ""
    environment = {
        "HOME": _SCRATCH,
        "TMPDIR": _SCRATCH,
        "CLUSTER": work.plan.cluster.name,
        "POLICY": work.plan.name,
        "DATASET": work.dataset.name,
        "LOCATION": work.copy.location.name,
        "FLAVOUR": work.spec.type,
        "DESIRED": f"{_SCRIPTS}/{work.desired}",
        **reached.environment,
        "ACCOUNT": account,
        "POLL": "5",
        "METRICS_FILE": _METRICS if work.reports else "",
        **work.environment,
    }
    return _container(
        work,
        render,
        work.name,
        image(work.plan.cluster.spec, "kubectl"),
        work.script,
        [*variables(environment), *work.variables],
        [_mount("scripts", _SCRIPTS), _mount("scratch", _SCRATCH, read_only=False)]
        + [_mount(f"{name}-credentials", f"{CREDENTIALS}/{name}") for name in _folders(files)]
        + ([_mount("result", _RESULT, read_only=False)] if work.reports else []),
    )


def _reporter(work: Work, render: Renderer) -> dict[str, object]:
    place = {
        "CLUSTER": work.plan.cluster.name,
        "POLICY": work.plan.name,
        "DATASET": work.dataset.name,
        "LOCATION": work.copy.location.name,
        "METRICS_FILE": _METRICS,
        "PUSHGATEWAY": work.plan.cluster.spec.jobs.pushgateway or "",
    }
    return _container(
        work,
        render,
        "report",
        image(work.plan.cluster.spec, "rclone"),
        "report.sh",
        variables(place),
        [_mount("scripts", _SCRIPTS), _mount("result", _RESULT)],
    )


def _container(
    work: Work,
    render: Renderer,
    name: str,
    reference: str,
    script: str,
    env: list[Mapping[str, object]],
    mounts: list[dict[str, object]],
) -> dict[str, object]:
    return {
        **render.manifest(
            f"{names.SHARED}/container.yaml.j2",
            name=name,
            image=reference,
            command=["/bin/sh", f"{_SCRIPTS}/{script}"],
            env=env,
            cpu="10m",
            memory="64Mi",
            most_cpu="500m",
            most_memory="256Mi",
            mounts=mounts,
        ).data
    }


def _files(work: Work) -> tuple[File, ...]:
    reached = connection(work.spec, PORT)
    return reached.restore_files if work.restores else reached.files


def _folders(files: Iterable[File]) -> list[str]:
    return list(dict.fromkeys(file.folder for file in files))


def _volumes(work: Work) -> Iterable[dict[str, object]]:
    yield {"name": "scripts", "configMap": {"name": work.objects}}
    yield {"name": "scratch", "emptyDir": {"sizeLimit": "256Mi"}}
    files = _files(work)
    for folder in _folders(files):
        here = [file for file in files if file.folder == folder]
        items = [{"key": file.key, "path": file.name} for file in here]
        secret = {"secretName": here[0].secret, "defaultMode": _READABLE, "items": items}
        yield {"name": f"{folder}-credentials", "secret": secret}
    if work.reports:
        yield {"name": "result", "emptyDir": {"sizeLimit": "1Mi"}}


def _mount(name: str, path: str, *, read_only: bool = True) -> dict[str, object]:
    found: dict[str, object] = {"name": name, "mountPath": path}
    return found | ({"readOnly": True} if read_only else {})
