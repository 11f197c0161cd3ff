"""Redis: one RDB file from the replication stream, read by a job."""

from __future__ import annotations

from bpc.jobs import JobBackend, Workload
from bpc.jobs.database import connection
from bpc.jobs.steps import PLACE
from bpc.model.cluster import JOB_MEMORY
from bpc.model.datasets.redis import Redis
from bpc.plan.commands import assigned, from_secret, script
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.plan.steps import Step

_PORT = 6_379
_MEBIBYTE = 2**20
_LEAST_SCRATCH = 2**30


def _workload(plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
    spec = dataset.spec
    if not isinstance(spec, Redis) or spec.connection is None:
        return None
    reached = connection(spec, _PORT)
    memory = plan.cluster.spec.jobs.memory or JOB_MEMORY
    return Workload(
        component="redis",
        method=spec.method,
        script="redis/scripts/dump.sh",
        libraries=("redis/scripts/take.sh",),
        namespace=spec.namespace,
        image=image(plan.cluster.spec, "redis", spec.version),
        environment={**reached.environment, "MEMORY": str(memory)},
        files=reached.files,
        restore_files=reached.restore_files,
        ports=reached.ports,
        scratch=_scratch(spec.size or 0),
    )


def _scratch(size: int) -> str:
    """Return the room for the file with all keys, beside what the engine keeps."""
    return f"{-(-(_LEAST_SCRATCH + size * 5 // 4) // _MEBIBYTE)}Mi"


def _after(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return how a new server learns the account of the backup job: it is in no RDB file."""
    spec = dataset.spec
    if scenario != "cluster-loss" or not isinstance(spec, Redis) or spec.connection is None:
        return ()
    account = spec.connection.credentials
    if account is None:
        return ()
    return (
        Step(
            purpose=f"Give the account that backs up `{dataset.subject}` its rights again",
            place=PLACE,
            command=script(
                assigned("NAMESPACE", spec.namespace),
                assigned("SECRET", account.secret),
                from_secret("NAME", "username"),
                'HASH=$(kubectl --namespace "$NAMESPACE" get secret "$SECRET" \\',
                "  --output 'jsonpath={.data.password}' | base64 -d | sha256sum | cut -d ' ' -f 1)",
                'echo "ACL SETUSER $NAME reset on #$HASH +sync +replconf +ping +info"',
            ),
            expected="a command that begins with `ACL SETUSER`. An administrator runs it in `redis-cli` on "
            f"`{spec.connection.host}`, then `ACL SAVE` or `CONFIG REWRITE`; both answer `OK`",
            otherwise="skip it if the name is `default`, or if the server reads its accounts from a file "
            "that GitOps brought back",
            minutes=5,
        ),
    )


BACKEND = JobBackend("redis", ("redis",), _workload, after=_after)
