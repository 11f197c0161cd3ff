"""MySQL and MariaDB: SQL at one moment, or the files of the whole server, read by a job."""

from __future__ import annotations

from bpc.jobs import JobBackend, Mount, Workload
from bpc.jobs.database import Reached, connection
from bpc.jobs.steps import PLACE
from bpc.model.datasets.mysql import DataVolume, Mariadb, Mysql
from bpc.plan.commands import assigned, from_secret, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.plan.steps import Step

_PORT = 3_306
_GIBIBYTE = 2**30
_LIBRARIES = ("_shared/scripts/hex.sh", "mysql/scripts/server.sh")
_DUMP_LIBRARIES = tuple(f"mysql/scripts/{name}.sh" for name in ("accounts", "inventory", "fetch"))
RIGHTS = {
    ("mysql", "dump"): "SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD, REPLICATION CLIENT",
    ("mariadb", "dump"): "SELECT, SHOW VIEW, TRIGGER, EVENT",
    ("mysql", "physical"): "BACKUP_ADMIN, PROCESS, RELOAD, LOCK TABLES, REPLICATION CLIENT",
    ("mariadb", "physical"): "RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR",
}
"""The privileges on `*.*` of the account that backs up. Without TRIGGER a dump lacks triggers, in silence."""
LOCKING = {"mysql": "RELOAD", "mariadb": "RELOAD, BINLOG MONITOR"}
"""Those that a dump takes besides if it is to lock the tables."""
# XtraBackup reads in these tables where the log of changes stands.
_TABLES = ("log_status", "keyring_component_status", "replication_group_members")


def _workload(plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
    spec = dataset.spec
    if not isinstance(spec, Mysql | Mariadb) or spec.connection is None:
        return None
    reached = connection(spec, _PORT)
    if spec.method == "physical":
        return _physical(plan, spec, spec.data, reached)
    return Workload(
        component="mysql",
        method=spec.method,
        script="mysql/scripts/dump.sh",
        libraries=(*_LIBRARIES, *_DUMP_LIBRARIES),
        namespace=spec.namespace,
        image=image(plan.cluster.spec, spec.purposes()[0], spec.version),
        environment={
            **reached.environment,
            "FLAVOUR": spec.type,
            "DATABASES": "\n".join(name.encode().hex() for name in spec.databases),
            "LOCK": "yes" if spec.lock_tables else "no",
        },
        files=reached.files,
        restore_files=reached.restore_files,
        ports=reached.ports,
    )


def _physical(
    plan: PolicyPlan, spec: Mysql | Mariadb, data: DataVolume | None, reached: Reached
) -> Workload | None:
    if data is None:
        return None
    target = data.restore_claim or data.claim
    environment = {
        **reached.environment,
        "FLAVOUR": spec.type,
        "DATA": data.mount if data.directory == "." else f"{data.mount}/{data.directory}",
    }
    return Workload(
        component="mysql",
        method=spec.method,
        script="mysql/scripts/physical.sh",
        libraries=_LIBRARIES,
        namespace=spec.namespace,
        image=image(plan.cluster.spec, spec.purposes()[0], spec.version),
        environment=environment,
        files=reached.files,
        restore_files=reached.restore_files,
        ports=reached.ports,
        mounts=(Mount("data", data.mount, _claim(data.claim, read_only=True), read_only=True),),
        restore_mounts=(Mount("data", data.mount, _claim(target)),),
        restore_environment={"LIVE": "yes" if target == data.claim else "no"},
        user=data.user,
        group=data.group,
        affinity=_beside(data) if data.pod_labels else None,
        target="",
        scratch=_scratch(spec.size or 0),
    )


def _claim(name: str, *, read_only: bool = False) -> dict[str, object]:
    claim: dict[str, object] = {"claimName": name}
    # On a volume that it may only read, the kubelet gives no file of the running server to another group.
    return {"persistentVolumeClaim": claim | ({"readOnly": True} if read_only else {})}


def _beside(data: DataVolume) -> dict[str, object]:
    """Return what makes the job run on the node of the server's pod, where the volume is."""
    term = {
        "labelSelector": {"matchLabels": dict(data.pod_labels)},
        "topologyKey": "kubernetes.io/hostname",
    }
    return {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def _scratch(size: int) -> str:
    """Return the room for all files unpacked, the changes that are applied to them, and the engine."""
    return f"{-(-size * 6 // (5 * _GIBIBYTE)) + 2}Gi"


def _before(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return how the server is stopped: its files cannot be replaced while it runs."""
    spec = dataset.spec
    if not isinstance(spec, Mysql | Mariadb) or spec.method != "physical" or spec.data is None:
        return ()
    claim = spec.data.restore_claim or spec.data.claim
    return (
        Step(
            purpose=f"See that no server uses the volume that `{dataset.subject}` is restored to",
            place=PLACE,
            command=script(
                assigned("NAMESPACE", spec.namespace),
                assigned("CLAIM", claim),
                wrapped(
                    'kubectl --namespace "$NAMESPACE"', "describe persistentvolumeclaim", '"$CLAIM"'
                ),
            ),
            expected="`Status: Bound`, and behind `Used By:` `<none>`",
            otherwise="while a pod uses the claim, suspend Flux or Argo CD for its StatefulSet or "
            "Deployment, and scale it to 0. If there is no such claim, let GitOps make it, or make an empty "
            "one of the same size and class",
            minutes=5,
        ),
    )


def _after(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    spec = dataset.spec
    if not isinstance(spec, Mysql | Mariadb) or spec.connection is None:
        return ()
    steps: list[Step] = []
    if spec.method == "physical":
        steps.append(_start(dataset, spec))
    if scenario == "cluster-loss" and spec.connection.credentials is not None:
        steps.append(_granted(dataset, spec, spec.connection.credentials.secret))
    return tuple(steps)


def _start(dataset: DatasetPlan, spec: Mysql | Mariadb) -> Step:
    return Step(
        purpose=f"Start the server of `{dataset.subject}` on the volume that came back",
        place=PLACE,
        command=script(
            assigned("NAMESPACE", spec.namespace),
            wrapped('kubectl --namespace "$NAMESPACE"', "get pods --watch"),
        ),
        expected="once its StatefulSet or Deployment is scaled up again, its pod is `Running` and ready; "
        "stop with Ctrl-C",
        otherwise="read the log of its pod. A server of an older release refuses the files of a newer one; "
        "an InnoDB error means that the point is damaged: restore an older one",
        minutes=10,
    )


def _granted(dataset: DatasetPlan, spec: Mysql | Mariadb, secret: str) -> Step:
    """Return how the account of the backup job is made, should it not have come back with the others."""
    rights = RIGHTS[spec.type, spec.method]
    if spec.lock_tables:
        rights = f"{rights}, {LOCKING[spec.type]}"
    more = _TABLES if (spec.type, spec.method) == ("mysql", "physical") else ()
    return Step(
        purpose=f"See that the account that backs up `{dataset.subject}` has its rights",
        place=PLACE,
        command=script(
            assigned("NAMESPACE", spec.namespace),
            assigned("SECRET", secret),
            from_secret("NAME", "username"),
            wrapped(f'echo "GRANT {rights}', "ON *.* TO '$NAME'@'%';\""),
            *(
                wrapped(f'echo "GRANT SELECT ON performance_schema.{table}', "TO '$NAME'@'%';\"")
                for table in more
            ),
        ),
        expected="statements. An administrator runs them on the server; each answers `Query OK`",
        otherwise="if there is no such account, make it first, with the password that the Secret has: "
        "`CREATE USER … IDENTIFIED BY …`",
        minutes=5,
    )


BACKEND = JobBackend("mysql", ("mysql", "mariadb"), _workload, before=_before, after=_after)
