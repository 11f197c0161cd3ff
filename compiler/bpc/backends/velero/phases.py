"""What every restore with Velero consists of: choose a point, start, wait, look at what came back."""

from __future__ import annotations

from collections.abc import Sequence

from bpc.backends.velero.objects import has, saved
from bpc.plan import names
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.steps import Step

WORKSTATION = "workstation, in the cluster's directory of this repository"
_BACKUPS = "backups.velero.io"
_COLUMNS = (
    "NAME:.metadata.name,STARTED:.status.startTimestamp,PHASE:.status.phase",
    "LOCATION:.spec.storageLocation,ERRORS:.status.errors,EXPIRES:.status.expiration",
)
_COMPLETED = '{range .items[?(@.status.phase=="Completed")]}{.metadata.name}{"\\n"}{end}'
_STAMP = "$(date -u +%Y%m%d%H%M%S)"
_ENDED = "^(Completed|PartiallyFailed|Failed|FailedValidation)$"
_LEAST_MINUTES = 15
_OVERHEAD = 10


def listing(namespace: str, *selection: str) -> str:
    """Return the command that lists Backups, oldest first."""
    return script(
        f"SHOWN={_COLUMNS[0]}",
        f"SHOWN=$SHOWN,{_COLUMNS[1]}",
        wrapped(
            *("kubectl", f"--namespace {namespace}", f"get {_BACKUPS}", *selection),
            *("--sort-by .status.startTimestamp", '--output "custom-columns=$SHOWN"'),
        ),
    )


def choose_point(plan: PolicyPlan, dataset: DatasetPlan) -> Step:
    """Return the step that lists the points of a dataset and takes the newest good one."""
    namespace = plan.cluster.velero_namespace
    return Step(
        purpose=f"Choose the point that `{dataset.subject}` goes back to",
        place=WORKSTATION,
        command=script(
            assigned("POINTS", f"{names.POLICY}={plan.name},{names.DATASET}={dataset.name}"),
            listing(namespace, '--selector "$POINTS"'),
            wrapped(
                *("BACKUP=$(kubectl", f"--namespace {namespace}", f"get {_BACKUPS}"),
                *('--selector "$POINTS"', "--sort-by .status.startTimestamp"),
                *(f"--output jsonpath='{_COMPLETED}'", "| tail -n 1)"),
            ),
            'echo "$BACKUP"',
        ),
        expected="the points of the dataset, oldest first, and last the name of the newest complete one",
        otherwise="if the damage is older than that point, run `read -r BACKUP` and paste the name of "
        "an older one from the list; if there is none at all, look at the location: "
        f"`kubectl --namespace {namespace} get backupstoragelocations.velero.io`",
        minutes=5,
    )


def start(
    plan: PolicyPlan, dataset: DatasetPlan, purpose: str, prepare: Sequence[str], undo: str
) -> Step:
    """Return the step that starts a restore from the chosen point.

    `prepare` sets MANIFEST, and may set MORE to further fields for its spec, with a comma after each.
    """
    stem = names.join(plan.name, dataset.name, "restored", limit=names.SCHEDULE_LIMIT)
    more = any(line.startswith("MORE=") for line in prepare)
    spec = f'"spec":{{{"%s" if more else ""}"backupName":"%s","scheduleName":null}}'
    return Step(
        purpose=purpose,
        place=WORKSTATION,
        command=script(
            f"RESTORE={stem}-{_STAMP}",
            *prepare,
            wrapped(
                f'PATCH=$(printf \'{{"metadata":{{"name":"%s"}},{spec}}}\'',
                *('"$RESTORE"', *(['"$MORE"'] if more else []), '"$BACKUP")'),
            ),
            wrapped(
                *('test -n "$BACKUP" &&', "kubectl patch --local", '--filename "$MANIFEST"'),
                *("--type merge", '--patch "$PATCH"', "--output yaml"),
                end="|",
            ),
            "  kubectl create --filename -",
        ),
        expected=f"`restore.velero.io/{stem}-` with a time, and `created`",
        otherwise="without a BACKUP nothing starts: choose the point first",
        minutes=5,
        undo=undo,
    )


def wait(plan: PolicyPlan, dataset: DatasetPlan) -> Step:
    """Return the step that waits for the end of the restore."""
    namespace = plan.cluster.velero_namespace
    return Step(
        purpose="Wait until Velero is done",
        place=WORKSTATION,
        command=script(
            wrapped(
                *("until kubectl", f"--namespace {namespace}", 'get "restores.velero.io/$RESTORE"'),
                *("--output jsonpath='{.status.phase}'", f"| grep -E '{_ENDED}';"),
                "do sleep 15; done",
            ),
        ),
        expected="`Completed`",
        otherwise="`FailedValidation` names its reason in the status of the Restore; after "
        "`PartiallyFailed` or `Failed` go on: the next step shows what is missing; if nothing changes "
        f"for long, read `kubectl --namespace {namespace} logs deployment/velero`",
        minutes=_minutes(dataset),
    )


def verify(plan: PolicyPlan, dataset: DatasetPlan) -> Step:
    """Return the step that shows what came back and what did not."""
    namespace = plan.cluster.velero_namespace
    lines = [
        "SHOWN=PHASE:.status.phase,WARNINGS:.status.warnings,ERRORS:.status.errors",
        "SHOWN=$SHOWN,ITEMS:.status.progress.itemsRestored",
        wrapped(
            *("kubectl", f"--namespace {namespace}", 'get "restores.velero.io/$RESTORE"'),
            '--output "custom-columns=$SHOWN"',
        ),
    ]
    movers = _movers(plan, dataset)
    if movers:
        columns = "NAME:.metadata.name,PHASE:.status.phase,BYTES:.status.progress.bytesDone"
        lines += [
            f"SHOWN={columns}",
            wrapped(
                *("kubectl", f"--namespace {namespace}", f"get {movers}"),
                *(
                    '--selector "velero.io/restore-name=$RESTORE"',
                    '--output "custom-columns=$SHOWN"',
                ),
            ),
        ]
    volumes = "; each volume has one more line, `Completed`, with the bytes that came back"
    return Step(
        purpose="Check what came back",
        place=WORKSTATION,
        command=script(*lines),
        expected=f"`Completed` and no errors{volumes if movers else ''}",
        otherwise="every warning and error, by object: run `velero restore describe` with `--details` "
        "and `velero restore logs`, each with the name in RESTORE, from Velero's own command line; a "
        "volume that is not `Completed` is empty or in part: restore it again before anybody uses it",
        minutes=10,
    )


def _movers(plan: PolicyPlan, dataset: DatasetPlan) -> str | None:
    spec = saved(dataset)
    actions = {policy.action for policy in spec.volume_policies} if spec else set()
    kinds = []
    if spec and spec.volumes == "move" and has(plan.cluster, "data-mover"):
        kinds.append("datadownloads.velero.io")
    if spec and (spec.volumes == "filesystem" or "filesystem" in actions):
        kinds.append("podvolumerestores.velero.io")
    return ",".join(kinds) or None


def _minutes(dataset: DatasetPlan) -> int:
    rates = [
        copy.location.spec.throughput.read
        for copy in dataset.direct_copies
        if copy.location.spec.throughput is not None
    ]
    spec = saved(dataset)
    if spec is not None and spec.size is not None and rates:
        return max(_LEAST_MINUTES, -(-spec.size // (min(rates) * 60)) + _OVERHEAD)
    return max(_LEAST_MINUTES, 2 * dataset.run_limit // 60)
