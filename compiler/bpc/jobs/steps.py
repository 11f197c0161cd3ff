"""The steps that bring a dataset back with its restore job."""

from __future__ import annotations

from bpc.jobs.objects import restore_name
from bpc.jobs.workload import Workload
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import CopyPlan, DatasetPlan
from bpc.plan.steps import Step

PLACE = "workstation, in the cluster's directory of this repository"
_SCENARIOS = ("operator-error", "cluster-loss")
_LEAST_MINUTES = 10
_OVERHEAD = 5


def restoring(dataset: DatasetPlan, workload: Workload, scenario: str) -> tuple[Step, ...]:
    """Return the steps for a scenario; none if a copy of this dataset does not answer it."""
    copies = [copy for copy in dataset.copies if copy.location.spec.encryption is not None]
    if scenario not in _SCENARIOS or not copies:
        return ()
    return (
        _secrets(dataset, workload, copies[0]),
        _choose(dataset, workload, copies),
        _restore(dataset, workload, beside=scenario == "operator-error" and workload.target != ""),
    )


def _secrets(dataset: DatasetPlan, workload: Workload, copy: CopyPlan) -> Step:
    spec = copy.location.spec
    files = workload.files if workload.restore_files is None else workload.restore_files
    secrets = [file.secret for file in files]
    secrets += [each.secret for each in (spec.credentials, spec.encryption) if each is not None]
    chosen = list(dict.fromkeys(secrets))
    return Step(
        purpose=f"See that the Secrets for `{dataset.subject}` are there",
        place=PLACE,
        command=script(
            assigned("NAMESPACE", workload.namespace),
            wrapped('kubectl --namespace "$NAMESPACE"', "get secrets", *chosen),
        ),
        expected="one line for each: " + ", ".join(f"`{name}`" for name in chosen),
        otherwise="make the missing ones from where your passwords are kept outside of this cluster; without "
        "the password of the location nobody can read the copies",
        minutes=5,
    )


def _choose(dataset: DatasetPlan, workload: Workload, copies: list[CopyPlan]) -> Step:
    lines = " or ".join(f"`LOCATION={copy.location.name}`" for copy in copies[1:])
    elsewhere = (
        f"run this again with {lines} in the place of that line, for another copy"
        if lines
        else "there is no other copy"
    )
    return Step(
        purpose=f"Choose the point that `{dataset.subject}` goes back to",
        place=PLACE,
        command=script(
            *_where(dataset, workload),
            assigned("LOCATION", copies[0].location.name),
            "POINT=",
            "CONFIRM=",
            "TARGET=",
            _forget(),
            wrapped(
                'kubectl --namespace "$NAMESPACE"',
                'create configmap "$CONFIG"',
                "--from-literal point=list",
            ),
            *_run(),
        ),
        expected="the ids of the verified points, oldest first: each begins with the moment in UTC at which "
        "it was begun. The newest is taken",
        otherwise="if the damage is older than the newest point, run `read -r POINT` and paste the id of an "
        f"older one, or a moment such as 2026-11-24T10:00:00Z. If there is no point: {elsewhere}",
        minutes=5,
    )


def _restore(dataset: DatasetPlan, workload: Workload, *, beside: bool) -> Step:
    beside_text = (
        f", beside the live data: run `read -r TARGET` first, and paste {workload.target}"
        if beside and workload.ports
        else ""
    )
    return Step(
        purpose=f"Bring `{dataset.subject}` back from that point{beside_text}",
        place=PLACE,
        command=script(
            _forget(),
            wrapped(
                'kubectl --namespace "$NAMESPACE"',
                'create configmap "$CONFIG"',
                '--from-literal "point=$POINT"',
                '--from-literal "target=$TARGET"',
                '--from-literal "confirm=$CONFIRM"',
            ),
            *_run(),
        ),
        expected="`part … is back` for each part, and at the end `point … is restored`",
        otherwise="the log says why, and whether the target was touched. If it holds data, and that data may "
        f"go, run `CONFIRM='overwrite {dataset.subject}'` and this step again: the whole point is checked "
        "before anything is overwritten. If the point is damaged, choose an older one",
        minutes=_minutes(dataset),
        no_return=not beside,
    )


def _where(dataset: DatasetPlan, workload: Workload) -> tuple[str, ...]:
    return (
        assigned("NAMESPACE", workload.namespace),
        assigned("DIRECTORY", f"restore/{dataset.policy}/{dataset.name}"),
        assigned("CONFIG", names.wanted(dataset.policy, dataset.name)),
        assigned("JOB", restore_name(dataset)),
    )


def _forget() -> str:
    return wrapped(
        'kubectl --namespace "$NAMESPACE"',
        "delete --ignore-not-found",
        '"job/$JOB" "configmap/$CONFIG"',
    )


def _run() -> tuple[str, ...]:
    return (
        'kubectl apply --kustomize "$DIRECTORY/$LOCATION"',
        wrapped(
            'kubectl --namespace "$NAMESPACE"',
            "logs --follow --pod-running-timeout 5m",
            '"job/$JOB"',
        ),
    )


def _minutes(dataset: DatasetPlan) -> int:
    rates = [
        copy.location.spec.throughput.read
        for copy in dataset.copies
        if copy.location.spec.throughput is not None
    ]
    if dataset.spec.size is not None and rates:
        return max(_LEAST_MINUTES, -(-dataset.spec.size // (min(rates) * 60)) + _OVERHEAD)
    return max(_LEAST_MINUTES, 2 * dataset.run_limit // 60)
