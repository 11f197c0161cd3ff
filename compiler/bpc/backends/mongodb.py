"""MongoDB: one archive of all databases and the oplog of the run, read by a job."""

from __future__ import annotations

from bpc.jobs import JobBackend, Workload
from bpc.jobs.database import connection
from bpc.jobs.steps import PLACE
from bpc.model.datasets.mongodb import Mongodb
from bpc.plan.commands import assigned, from_secret, script
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.images import image
from bpc.plan.steps import Step

_PORT = 27_017
# What applies an oplog has to be allowed everything.
_ROLE = (
    "echo \"db.createRole({role: 'bpcRestore', roles: [], privileges: [\"",
    "echo \"  {resource: {anyResource: true}, actions: ['anyAction']}]})\"",
)

_EVERYTHING = "'restore', 'bpcRestore'"
_ONLY_WRITING = "'restore', 'readAnyDatabase', 'dbAdminAnyDatabase'"


def _workload(plan: PolicyPlan, dataset: DatasetPlan) -> Workload | None:
    spec = dataset.spec
    if not isinstance(spec, Mongodb) or spec.connection is None or spec.managed_by is not None:
        return None
    reached = connection(spec, _PORT)
    return Workload(
        component="mongodb",
        method=spec.method,
        script="mongodb/scripts/dump.sh",
        libraries=("mongodb/scripts/archive.sh", "mongodb/scripts/server.sh"),
        namespace=spec.namespace,
        image=image(plan.cluster.spec, "mongodb", spec.version),
        environment={**reached.environment, "REPLICA_SET": spec.replica_set or ""},
        files=reached.files,
        restore_files=reached.restore_files,
        ports=reached.ports,
    )


def _before(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return how the account that restores is made: a new server knows nobody but its administrator."""
    spec = dataset.spec
    if not isinstance(spec, Mongodb) or spec.connection is None:
        return ()
    account = spec.connection.restore_credentials or spec.connection.credentials
    if scenario != "cluster-loss" or account is None:
        return ()
    replaying = spec.replica_set is not None
    roles = _EVERYTHING if replaying else _ONLY_WRITING
    return (
        Step(
            purpose=f"Make the account that restores `{dataset.subject}`",
            place=PLACE,
            command=script(
                assigned("NAMESPACE", spec.namespace),
                assigned("SECRET", account.secret),
                from_secret("NAME", "username"),
                *(_ROLE if replaying else ()),
                "echo \"db.createUser({user: '$NAME', pwd: passwordPrompt(),\"",
                f'echo "  roles: [{roles}]}})"',
            ),
            expected="commands for `mongosh`. An administrator runs them in the database `admin` of "
            f"`{spec.connection.host}`, and gives the `password` of the Secret `{account.secret}`; each "
            "answers `{ ok: 1 }`",
            otherwise="`already exists`: the server knows the account; go on",
            minutes=5,
        ),
    )


BACKEND = JobBackend("mongodb", ("mongodb",), _workload, before=_before)
