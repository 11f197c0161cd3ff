"""The pods of jobs: engines fetched from their images first, then the container that does the work."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bpc.jobs.stores import environment, folder, remote
from bpc.jobs.stores.pvc import PATH as STORE_PATH
from bpc.jobs.stores.remote import port_of
from bpc.jobs.workload import UNPRIVILEGED, Container, File, Mount, Workload
from bpc.model.cluster import JOB_MEMORY
from bpc.model.location import Credentials
from bpc.plan import names
from bpc.plan.estate import CopyPlan, DatasetPlan, LocationPlan, PolicyPlan
from bpc.plan.images import image
from bpc.render import Renderer

API_SERVER = (443, 6443)
"""The ports at which API servers answer: that of the Service, and the usual one behind it."""
CREDENTIALS = "/credentials"
_SCRIPTS = "/scripts"
_TOOLS = "/tools"
_SCRATCH = "/tmp"  # noqa: S108 - a volume of the pod alone
_RESULT = "/result"
_METRICS = f"{_RESULT}/metrics"
_READABLE = 0o440
_ROOT = 0
_FILE = "cloud"
# Where the images of the engines have them: the official ones are built so.
_ENGINES = {"restic": "/usr/bin/restic", "rclone": "/usr/local/bin/rclone"}
DEFAULT_ENGINE = "restic"


@dataclass(frozen=True, slots=True)
class Task:
    """One pod: what it runs, for which copy of which dataset, with which permissions on the store.

    `script` is started by the container with the engines, whose image is that of the workload unless
    `workload` is None. `credentials` opens the store; `source` is the copy that a hop reads from.
    """

    name: str
    script: str
    plan: PolicyPlan
    dataset: DatasetPlan
    copy: CopyPlan
    workload: Workload | None
    namespace: str
    account: str
    scripts: str
    credentials: Credentials | None
    environment: Mapping[str, str]
    source: CopyPlan | None = None
    answers: bool = False
    retries: int = 1
    deadline: int = 0
    reports: bool = True
    variables: tuple[Mapping[str, object], ...] = ()


def engine(copy: CopyPlan) -> str:
    """Return the engine that writes a copy."""
    return copy.engine or DEFAULT_ENGINE


def job_spec(task: Task, render: Renderer) -> dict[str, object]:
    """Return the spec of the Job."""
    workload = task.workload
    reports = task.reports and task.plan.cluster.spec.jobs.pushgateway is not None
    mounts = _mounts(task, reports=reports)
    main = _main(task, [each for each in mounts if not each.private], render, reports=reports)
    before = [*_fetchers(task, render), *_earlier(task, mounts, render)]
    user = workload.user if workload else UNPRIVILEGED
    return {
        **render.manifest(
            f"{names.SHARED}/job-spec.yaml.j2",
            backoff=task.retries,
            deadline=task.deadline or task.dataset.run_limit,
            labels=labels(task),
            account=task.account,
            token=_talks(task),
            host_network=True if workload and workload.host_network else None,
            # Without it, the names of Services would mean nothing to a pod on the network of its node.
            dns="ClusterFirstWithHostNet" if workload and workload.host_network else None,
            node_selector=workload.node_selector if workload else None,
            tolerations=[*workload.tolerations] if workload and workload.tolerations else None,
            affinity=workload.affinity if workload and not task.answers else None,
            not_root=True if user != _ROOT else None,
            user=user,
            group=workload.group if workload else UNPRIVILEGED,
            before=[*before, main] if reports else before,
            containers=[_reporter(task, render)] if reports else [main],
            volumes=[_volume(mount) for mount in mounts],
        ).data
    }


def labels(task: Task) -> dict[str, str]:
    """Return the labels of the Job and its pods."""
    component = task.workload.component if task.workload else "maintenance"
    found = names.labels(task.plan.name, task.dataset.name, component=component)
    return found | {names.COPY: task.copy.location.name}


def ports(task: Task) -> list[int]:
    """Return where the pod connects to."""
    found = {*remote(task.copy.location).ports}
    if task.source is not None:
        found |= {*remote(task.source.location).ports}
    if task.workload is not None:
        found |= {*task.workload.ports}
        found |= {*API_SERVER} if _talks(task) else set()
    found |= {*gateway_ports(task.plan)}
    return sorted(found)


def _talks(task: Task) -> bool:
    """Tell whether the pod talks to the API server."""
    if task.workload is None:
        return False
    return bool(task.workload.restore_grants if task.answers else task.workload.grants)


def gateway_ports(plan: PolicyPlan) -> tuple[int, ...]:
    """Return the port of the Pushgateway, if there is one."""
    gateway = plan.cluster.spec.jobs.pushgateway
    return (port_of(gateway),) if gateway else ()


def _main(task: Task, mounts: list[Mount], render: Renderer, *, reports: bool) -> dict[str, object]:
    container = (
        task.workload.image
        if task.workload is not None
        else image(task.plan.cluster.spec, DEFAULT_ENGINE)
    )
    env = _environment(task, reports=reports)
    return _container(
        task,
        render,
        task.name,
        container,
        ("/bin/sh", f"{_SCRIPTS}/{task.script}"),
        [*variables(env), *task.variables],
        mounts,
        heavy=True,
    )


def _environment(task: Task, *, reports: bool) -> dict[str, str]:
    dataset, copy = task.dataset, task.copy
    location = copy.location
    store = f"{CREDENTIALS}/store/{_FILE}"
    found = {
        "HOME": _SCRATCH,
        "RESTIC_CACHE_DIR": f"{_SCRATCH}/cache",
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_CONTIMEOUT": "15s",
        "RCLONE_LOW_LEVEL_RETRIES": "5",
        "RCLONE_RETRIES": "2",
        "CLUSTER": task.plan.cluster.name,
        "POLICY": task.plan.name,
        "DATASET": dataset.name,
        "LOCATION": location.name,
        "ENGINE": engine(copy),
        "STORE": f"store:{folder(location, dataset)}",
        **environment(location, "STORE", store),
        "ENCRYPTION_FILE": f"{CREDENTIALS}/encryption/password",
        "AZURE_CREDENTIALS_FILE": _azure(location, store),
        "METRICS_FILE": _METRICS if reports else "",
        "METHOD": task.workload.method if task.workload else "",
    }
    if task.source is not None:
        other = task.source.location
        store = f"{CREDENTIALS}/from/{_FILE}"
        found |= {
            "FROM_LOCATION": other.name,
            "FROM_STORE": f"from:{folder(other, dataset)}",
            **environment(other, "FROM", store),
            "FROM_ENCRYPTION_FILE": f"{CREDENTIALS}/from-encryption/password",
            "FROM_AZURE_CREDENTIALS_FILE": _azure(other, store),
        }
    if task.workload is not None:
        found |= task.workload.environment
    return found | dict(task.environment)


def _azure(location: LocationPlan, path: str) -> str:
    own = location.spec.credentials is not None and remote(location).credentials is None
    return path if own else ""


def variables(values: Mapping[str, str]) -> list[Mapping[str, object]]:
    """Return the environment of a container."""
    return [{"name": key, "value": value} for key, value in values.items()]


def _mounts(task: Task, *, reports: bool) -> list[Mount]:
    workload = task.workload
    scratch = workload.scratch if workload else "1Gi"
    found = [
        Mount("scripts", _SCRIPTS, {"configMap": {"name": task.scripts}}, read_only=True),
        Mount("tools", _TOOLS, {"emptyDir": {"sizeLimit": "256Mi"}}, read_only=True),
        Mount("scratch", _SCRATCH, {"emptyDir": {"sizeLimit": scratch}}),
        *_secrets(_files(task)),
    ]
    if reports:
        found.append(Mount("result", _RESULT, {"emptyDir": {"sizeLimit": "1Mi"}}))
    claim = remote(task.copy.location).claim
    if claim is not None:
        source = {"persistentVolumeClaim": {"claimName": claim}}
        found.append(Mount("store", STORE_PATH, source))
    if workload is not None:
        restoring = task.answers and workload.restore_mounts is not None
        found += workload.restore_mounts if restoring and workload.restore_mounts else ()
        found += () if restoring else workload.mounts
    return found


def _files(task: Task) -> Iterable[File]:
    spec = task.copy.location.spec
    if task.credentials is not None:
        yield File(task.credentials.secret, task.credentials.key, "store", _FILE)
    if spec.encryption is not None:
        yield File(spec.encryption.secret, spec.encryption.key, "encryption", "password")
    if task.source is not None:
        other = task.source.location.spec
        if other.credentials is not None:
            yield File(other.credentials.secret, other.credentials.key, "from", _FILE)
        if other.encryption is not None:
            secret = other.encryption
            yield File(secret.secret, secret.key, "from-encryption", "password")
    if task.workload is not None:
        workload = task.workload
        restoring = task.answers and workload.restore_files is not None
        yield from (workload.restore_files or ()) if restoring else workload.files


def _secrets(files: Iterable[File]) -> Iterable[Mount]:
    """Yield a volume for each folder of files; those of one folder come from one Secret."""
    folders: dict[str, list[File]] = {}
    for file in files:
        folders.setdefault(file.folder, []).append(file)
    for name, found in folders.items():
        items = [{"key": file.key, "path": file.name} for file in found]
        source = {
            "secret": {"secretName": found[0].secret, "defaultMode": _READABLE, "items": items}
        }
        yield Mount(f"{name}-credentials", f"{CREDENTIALS}/{name}", source, read_only=True)


def _volume(mount: Mount) -> dict[str, object]:
    return {"name": mount.name, **mount.source}


def _mounted(mount: Mount) -> dict[str, object]:
    found: dict[str, object] = {"name": mount.name, "mountPath": mount.path}
    return found | ({"readOnly": True} if mount.read_only else {})


def _fetchers(task: Task, render: Renderer) -> Iterable[dict[str, object]]:
    tools = Mount("tools", _TOOLS, {})
    for name, path in _ENGINES.items():
        if name == "rclone" or engine(task.copy) == name:
            yield _container(
                task,
                render,
                f"fetch-{name}",
                image(task.plan.cluster.spec, name),
                ("/bin/cp", path, f"{_TOOLS}/{name}"),
                [],
                [tools],
                heavy=False,
            )


def _earlier(task: Task, mounts: list[Mount], render: Renderer) -> Iterable[dict[str, object]]:
    if task.workload is None or task.answers:
        return
    for container in task.workload.before:
        yield _container(
            task,
            render,
            container.name,
            container.image,
            container.command,
            variables(container.environment),
            _seen(container, mounts),
            heavy=True,
        )


def _seen(container: Container, mounts: list[Mount]) -> list[Mount]:
    return [mount for mount in mounts if mount.name in container.mounts]


def _reporter(task: Task, render: Renderer) -> dict[str, object]:
    place = {
        "CLUSTER": task.plan.cluster.name,
        "POLICY": task.plan.name,
        "DATASET": task.dataset.name,
        "LOCATION": task.copy.location.name,
        "METRICS_FILE": _METRICS,
        "PUSHGATEWAY": task.plan.cluster.spec.jobs.pushgateway or "",
    }
    mounts = [
        Mount("scripts", _SCRIPTS, {}, read_only=True),
        Mount("result", _RESULT, {}, read_only=True),
    ]
    return _container(
        task,
        render,
        "report",
        image(task.plan.cluster.spec, "rclone"),
        ("/bin/sh", f"{_SCRIPTS}/report.sh"),
        variables(place),
        mounts,
        heavy=False,
    )


def _container(
    task: Task,
    render: Renderer,
    name: str,
    reference: str,
    command: tuple[str, ...],
    env: list[Mapping[str, object]],
    mounts: Iterable[Mount],
    *,
    heavy: bool,
) -> dict[str, object]:
    most = task.plan.cluster.spec.jobs.memory or JOB_MEMORY
    return {
        **render.manifest(
            f"{names.SHARED}/container.yaml.j2",
            name=name,
            image=reference,
            command=[*command],
            env=env or None,
            cpu="100m" if heavy else "10m",
            memory=_quantity(min(most, 256 * 2**20)) if heavy else "64Mi",
            most_cpu="2" if heavy else "500m",
            most_memory=_quantity(most) if heavy else "128Mi",
            mounts=[_mounted(mount) for mount in mounts],
        ).data
    }


def _quantity(size: int) -> str:
    return f"{size // 2**20}Mi"
