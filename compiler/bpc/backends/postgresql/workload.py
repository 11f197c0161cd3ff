"""How a PostgreSQL server is read, by either method."""

from __future__ import annotations

from bpc.jobs import Workload
from bpc.jobs.database import Reached, connection
from bpc.jobs.workload import Mount
from bpc.model.datasets.postgresql import DataClaim, Postgresql
from bpc.plan import names
from bpc.plan.estate import CopyPlan, DatasetPlan, PolicyPlan
from bpc.plan.images import image

SCRIPTS = "postgresql/scripts"
_PORT = 5_432
_DATA = "/data"
# A server looks once a minute whether its lock file is still there.
_FENCE = "75"
_SLOT_LIMIT = 63
_GIB = 2**30


def workload(plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
    """Return how a dataset is read; None if no job reads it."""
    spec = dataset.spec
    if not isinstance(spec, Postgresql) or spec.connection is None or spec.managed_by is not None:
        return None
    reached = connection(spec, _PORT)
    found = image(plan.cluster.spec, "postgresql", spec.version)
    if spec.method == "physical":
        return _physical(plan, dataset, spec, reached, found)
    return Workload(
        component="postgresql",
        method=spec.method,
        script=f"{SCRIPTS}/dump.sh",
        libraries=("_shared/scripts/hex.sh", f"{SCRIPTS}/server.sh"),
        namespace=spec.namespace,
        image=found,
        environment={
            **reached.environment,
            "DATABASES": "\n".join(name.encode().hex() for name in spec.databases),
        },
        files=reached.files,
        restore_files=reached.restore_files,
        ports=reached.ports,
    )


def slot(plan: PolicyPlan, dataset: DatasetPlan, location: str) -> str:
    """Return the name of the replication slot that holds the log back for one location."""
    parts = ("bpc", plan.cluster.name, plan.name, dataset.name, location)
    return names.join(*parts, limit=_SLOT_LIMIT).replace("-", "_").replace(".", "_")


def streamed(dataset: DatasetPlan) -> dict[str, CopyPlan]:
    """Return the copies, by their locations, to which the log is archived; those that jobs make."""
    spec = dataset.spec
    if not isinstance(spec, Postgresql) or not spec.wal_archive or spec.method != "physical":
        return {}
    return {copy.location.name: copy for copy in dataset.copies if copy.rungs}


def _physical(
    plan: PolicyPlan, dataset: DatasetPlan, spec: Postgresql, reached: Reached, found: str
) -> Workload:
    where = spec.data or DataClaim(claim=spec.name)
    archived = spec.wal_archive
    return Workload(
        component="postgresql",
        method=spec.method,
        script=f"{SCRIPTS}/physical.sh",
        libraries=(
            f"{SCRIPTS}/server.sh",
            f"{SCRIPTS}/wal.sh",
            *((f"{SCRIPTS}/stream.sh",) if archived else ()),
            *((f"{SCRIPTS}/report-wal.sh",) if archived and _pushes(plan) else ()),
        ),
        keeping=(f"{SCRIPTS}/keep.sh", f"{SCRIPTS}/wal.sh") if archived else (),
        keeping_environment={"WAL_KEEP": str(spec.wal_keep or "")} if archived else {},
        namespace=spec.namespace,
        image=found,
        environment={
            **reached.environment,
            "SLOTS": "\n".join(f"{name} {slot(plan, dataset, name)}" for name in streamed(dataset)),
        },
        files=reached.files,
        restore_files=reached.files,
        ports=reached.ports,
        restore_mounts=(
            Mount("data", _DATA, {"persistentVolumeClaim": {"claimName": where.claim}}),
        ),
        restore_environment={
            "DATA": _DATA if where.directory == "." else f"{_DATA}/{where.directory}",
            "FENCE": _FENCE,
            **({"FORWARD": "to any moment"} if archived else {}),
        },
        # The server that recovers the data has to own it, and each copy is unpacked to be checked.
        user=where.user,
        group=where.user,
        scratch=_scratch(spec),
        target="",
    )


def _pushes(plan: PolicyPlan) -> bool:
    return plan.cluster.spec.jobs.pushgateway is not None


def _scratch(spec: Postgresql) -> str:
    """Return room for one unpacked copy: a quarter more than the data, for the log and for growth."""
    size = spec.size or _GIB
    return f"{-(-size * 5 // (4 * _GIB)) + 2}Gi"
