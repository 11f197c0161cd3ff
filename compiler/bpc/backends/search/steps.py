"""The steps that bring indices back with the restore job."""

from __future__ import annotations

from bpc.backends.search.desired import Search, policy_name, repository
from bpc.backends.search.objects import restore_name
from bpc.backends.search.pod import PORT
from bpc.jobs.database import connection
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan
from bpc.plan.steps import Step

_PLACE = "workstation, in the cluster's directory of this repository"
_KUBECTL = 'kubectl --namespace "$NAMESPACE"'
_KEYS = ("point", "target", "prefix", "state", "confirm")
_LEAST_MINUTES = 10


def restoring(dataset: DatasetPlan, spec: Search, scenario: str) -> tuple[Step, ...]:
    """Return the steps for a scenario; none if no copy of this dataset answers it."""
    if scenario not in ("operator-error", "cluster-loss") or not dataset.copies:
        return ()
    lost = scenario == "cluster-loss"
    steps = [_account(dataset, spec)] if lost else []
    steps += [_choose(dataset, spec, lost=lost), _restore(dataset, spec, lost=lost)]
    return (*steps, _adopt(dataset, spec)) if lost else tuple(steps)


def _account(dataset: DatasetPlan, spec: Search) -> Step:
    reached = connection(spec, PORT)
    secrets = list(dict.fromkeys(file.secret for file in (*reached.files, *reached.restore_files)))
    copies = ", ".join(f"`{copy.location.name}`" for copy in dataset.copies)
    commands = [assigned("NAMESPACE", spec.namespace)]
    commands += [wrapped(_KUBECTL, "get secrets", *secrets)] if secrets else []
    commands += [
        wrapped(
            _KUBECTL, "get", "cronjobs,configmaps", f"--selector {names.DATASET}={dataset.name}"
        )
    ]
    return Step(
        purpose=f"See that the new server of `{dataset.subject}` can open what the old one wrote",
        place=_PLACE,
        command=script(*commands),
        expected=(f"the Secrets {', '.join(f'`{s}`' for s in secrets)}, and " if secrets else "")
        + f"the jobs. The server itself needs the keys of {copies} in its key store, for the client "
        f"`{spec.client}`, and an account as in `docs/backends/search.md`",
        otherwise="make the Secrets from where your passwords are kept outside of this cluster, and put "
        "the keys of the store into the server's key store; then reload its secure settings",
        minutes=15,
    )


def _choose(dataset: DatasetPlan, spec: Search, *, lost: bool) -> Step:
    first, *others = [copy.location.name for copy in dataset.copies]
    elsewhere = "there is no other copy"
    if others:
        places = ", ".join(f"`{name}`" for name in others)
        elsewhere = f"another copy is in {places}: run this again with that LOCATION in its line"
    prefix = "" if lost else "restored-"
    return Step(
        purpose=f"Choose the snapshot that `{dataset.subject}` goes back to",
        place=_PLACE,
        command=script(
            assigned("NAMESPACE", spec.namespace),
            assigned("DIRECTORY", f"restore/{dataset.policy}/{dataset.name}"),
            assigned("CONFIG", names.wanted(dataset.policy, dataset.name)),
            assigned("JOB", restore_name(dataset)),
            assigned("LOCATION", first),
            "POINT=",
            "TARGET=",
            f"PREFIX={prefix}",
            "STATE=",
            "CONFIRM=",
            _forget(),
            wrapped(_KUBECTL, 'create configmap "$CONFIG"', "--from-literal point=list"),
            *_run(),
        ),
        expected="the snapshots, oldest first: when each was begun, its name, `SUCCESS`, and how many "
        "indices it holds. The newest good one is taken",
        otherwise="if the damage is older, run `read -r POINT` and paste the name of an older one, or a "
        f"moment such as 2026-11-24T10:00:00Z. If there is none: {elsewhere}",
        minutes=5,
    )


def _restore(dataset: DatasetPlan, spec: Search, *, lost: bool) -> Step:
    beside = "" if lost else ", beside the live ones, with `restored-` before each name"
    state = (
        " Templates, pipelines and other settings of the cluster only come back if you run `STATE=yes` "
        "first; what the new server has of them is replaced."
        if lost
        else ""
    )
    stopped = "_ilm/stop" if spec.type == "elasticsearch" else ""
    aged = (
        f" Old indices may be removed again by their lifecycle policy: send `POST {stopped}` before."
        if lost and stopped
        else ""
    )
    return Step(
        purpose=f"Bring the indices of `{dataset.subject}` back{beside}",
        place=_PLACE,
        command=script(
            _forget(),
            wrapped(
                _KUBECTL,
                'create configmap "$CONFIG"',
                *(f'--from-literal "{key}=${key.upper()}"' for key in _KEYS),
            ),
            *_run(),
        ),
        expected=f"how many documents each index has, and at the end `snapshot … is restored`.{state}{aged}",
        otherwise="the log says why. Indices of the same names are only overwritten after you ran "
        f"`CONFIRM='overwrite {dataset.subject}'` and this step again; they are closed first, and opened "
        "again if the server refuses. It refuses if the number of shards is another one: remove such an "
        "index yourself",
        minutes=max(_LEAST_MINUTES, 2 * dataset.run_limit // 60),
        undo=""
        if lost
        else "# Remove the indices whose names begin with restored-, one by one, by their full names.",
        no_return=lost,
    )


def _adopt(dataset: DatasetPlan, spec: Search) -> Step:
    made = [copy for copy in dataset.direct_copies if copy.rungs]
    known = ", ".join(f"`{repository(dataset, copy)}`" for copy in made)
    policies = ", ".join(f"`{policy_name(dataset, c, rung)}`" for c in made for rung in c.rungs)
    jobs = [names.backup_job(dataset.policy, dataset.name, copy.location.name) for copy in made]
    return Step(
        purpose=f"Let the new server of `{dataset.subject}` go on with the snapshots of the old one",
        place=_PLACE,
        command=script(
            "read -r OLD",
            _forget(),
            wrapped(_KUBECTL, 'create configmap "$CONFIG"', '--from-literal "adopt=$OLD"'),
            *(
                wrapped(_KUBECTL, f"create job --from cronjob/{name}", f'"$JOB-adopt-{number}"')
                for number, name in enumerate(jobs, start=1)
            ),
        ),
        expected="`job.batch/… created`. The first line asks for the id of the old server: the "
        f"failed runs of the CronJobs of this dataset print it. From then on the server fills {known} by "
        f"{policies}",
        otherwise="first be sure that the old server is gone for good: two that write to one folder "
        "destroy each other's snapshots",
        minutes=10,
        no_return=True,
    )


def _forget() -> str:
    return wrapped(_KUBECTL, "delete --ignore-not-found", '"job/$JOB" "configmap/$CONFIG"')


def _run() -> tuple[str, ...]:
    return (
        'kubectl apply --kustomize "$DIRECTORY/$LOCATION"',
        wrapped(_KUBECTL, "logs --follow --pod-running-timeout 5m", '"job/$JOB"'),
    )
