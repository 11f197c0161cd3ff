"""The steps around a restore that only PostgreSQL needs."""

from __future__ import annotations

from bpc.backends.postgresql.account import account_sql
from bpc.jobs.steps import PLACE
from bpc.model.datasets.postgresql import Postgresql
from bpc.plan import names
from bpc.plan.commands import assigned, from_secret, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step

_JOB_LIMIT = 63


def before(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return how the files of a server are set free, before they are replaced."""
    spec = dataset.spec
    if not isinstance(spec, Postgresql) or spec.data is None or spec.method != "physical":
        return ()
    return (
        Step(
            purpose=f"Stop the server whose files are in `{spec.data.claim}`",
            place=PLACE,
            command=script(
                assigned("NAMESPACE", spec.namespace),
                assigned("CLAIM", spec.data.claim),
                wrapped(
                    'kubectl --namespace "$NAMESPACE"',
                    'describe persistentvolumeclaim "$CLAIM"',
                    "| grep -A 3 -e '^Used By:' -e '^Status:'",
                ),
            ),
            expected="`Status: Bound` and `Used By: <none>`",
            otherwise="pods that use it are listed: run `kubectl --namespace "
            f"{spec.namespace} scale --replicas 0` with the name of the StatefulSet or Deployment that owns "
            "them, keep GitOps from undoing it, and run this again. A claim that is not found comes back "
            "with the workload that owns it",
            minutes=5,
        ),
    )


def after(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return what makes the server that came back protected again."""
    spec = dataset.spec
    if not isinstance(spec, Postgresql) or spec.connection is None:
        return ()
    steps = (
        (_start(plan, dataset, spec, spec.connection.host),) if spec.method == "physical" else ()
    )
    account = spec.connection.credentials
    if scenario != "cluster-loss" or account is None:
        return steps
    return (*steps, _account(dataset, spec, spec.connection.host, account.secret))


def _account(dataset: DatasetPlan, spec: Postgresql, host: str, secret: str) -> Step:
    return Step(
        purpose=f"See that the account which backs up `{dataset.subject}` has its rights again",
        place=PLACE,
        command=script(
            assigned("NAMESPACE", spec.namespace),
            assigned("SECRET", secret),
            from_secret("NAME", "username"),
            'echo "$NAME"',
            "cat <<'SQL'",
            account_sql(spec),
            "SQL",
        ),
        expected="the name of the account, then statements. An administrator runs them in `psql` on "
        f"`{host}` with that name in place of `backup` and the password of the Secret; `already exists` is "
        "as good as `CREATE ROLE`",
        otherwise="without them the next backup fails, and its log says what the account lacks",
        minutes=5,
    )


def _start(plan: PolicyPlan, dataset: DatasetPlan, spec: Postgresql, host: str) -> Step:
    jobs = [
        names.backup_job(plan.name, dataset.name, copy.location.name)
        for copy in dataset.direct_copies
        if copy.rungs
    ]
    made = names.join(jobs[0], "again", limit=_JOB_LIMIT) if jobs else ""
    return Step(
        purpose=f"Scale the server of `{dataset.subject}` up again, let GitOps go on, and back it up at once",
        place=PLACE,
        command=script(
            assigned("NAMESPACE", spec.namespace),
            *(
                (
                    wrapped(
                        'kubectl --namespace "$NAMESPACE"',
                        "delete --ignore-not-found",
                        f"job/{made}",
                    ),
                    wrapped(
                        'kubectl --namespace "$NAMESPACE"',
                        f"create job --from cronjob/{jobs[0]} {made}",
                    ),
                    wrapped(
                        'kubectl --namespace "$NAMESPACE"',
                        "logs --follow --all-containers --pod-running-timeout 5m",
                        f"job/{made}",
                    ),
                )
                if jobs
                else ()
            ),
        ),
        expected="the log ends in `verified`",
        otherwise=f"see that `{host}` answers. The server is on a new timeline now: until there is a copy of "
        "it, moments after this restore cannot be brought back",
        minutes=15,
    )
