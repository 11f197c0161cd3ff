"""CloudNativePG: the operator's own schedule of base backups, for databases that it manages."""

from __future__ import annotations

from collections.abc import Iterator

from bpc.cron import HORIZON_START
from bpc.cron.dialects import to_seconds_first
from bpc.jobs.writer import dataset_writer
from bpc.model.datasets.cnpg import CnpgBackups
from bpc.model.datasets.postgresql import Postgresql
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.commands import assigned, script, wrapped
from bpc.plan.estate import ClusterPlan, DatasetPlan, PolicyPlan, Rung
from bpc.plan.schedule import YEARS
from bpc.plan.steps import Step
from bpc.render import Renderer

NAME = "cnpg"
DATASETS: tuple[str, ...] = ("postgresql",)

_PLACE = "workstation"
_METHODS = {
    "plugin": "plugin",
    "barman-object-store": "barmanObjectStore",
    "volume-snapshot": "volumeSnapshot",
}
_LEAST_MINUTES = 30
_DAY = 86_400


def cluster(plan: ClusterPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield nothing: the operator is not installed by bpc."""
    yield from ()


def policy(plan: PolicyPlan, render: Renderer) -> Iterator[Artifact]:
    """Yield a schedule for each database that CloudNativePG manages, and that has times."""
    for dataset in plan.datasets:
        spec = managed(dataset)
        if spec is not None and dataset.rungs:
            yield _schedule(dataset, spec, dataset.rungs[0], render)


def cluster_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing: the operator is installed as it was before."""
    return ()


def dataset_steps(plan: PolicyPlan, dataset: DatasetPlan, scenario: str) -> tuple[Step, ...]:
    """Return the steps that bring a database back as a new Cluster, which is how the operator restores."""
    spec = managed(dataset)
    if spec is None or scenario not in ("operator-error", "cluster-loss"):
        return ()
    lost = scenario == "cluster-loss"
    return (
        _source(dataset, spec, lost=lost),
        _recover(dataset, spec, lost=lost),
        _check(dataset, spec),
    )


def closing_steps(plan: ClusterPlan, scenario: str) -> tuple[Step, ...]:
    """Return nothing."""
    return ()


def managed(dataset: DatasetPlan) -> Postgresql | None:
    """Return what a database says of itself, if CloudNativePG manages it."""
    spec = dataset.spec
    if not isinstance(spec, Postgresql) or spec.managed_by != NAME or spec.held_by is not None:
        return None
    return spec


def _settings(spec: Postgresql) -> CnpgBackups:
    return spec.cnpg or CnpgBackups()


def _cluster(spec: Postgresql) -> str:
    return _settings(spec).cluster or spec.name


def _schedule(dataset: DatasetPlan, spec: Postgresql, rung: Rung, render: Renderer) -> Artifact:
    settings = _settings(spec)
    name = names.operator_schedule(dataset.policy, dataset.name)
    uses_plugin = settings.method == "plugin"
    plugin = {"name": settings.plugin, "parameters": dict(settings.parameters) or None}
    # The build has stopped before this where the times cannot be converted.
    schedule = to_seconds_first(rung.cron, rung.zone, HORIZON_START, YEARS) or rung.cron
    return dataset_writer(dataset, render, NAME).write(
        "ScheduledBackup",
        names.path(names.SCHEDULES, "ScheduledBackup", name, policy=dataset.policy),
        {
            "name": name,
            "namespace": spec.namespace,
            "labels": names.labels(dataset.policy, dataset.name, component=NAME),
            "schedule": schedule,
            "cluster": _cluster(spec),
            "suspend": True if spec.paused else None,
            "target": settings.target,
            # Releases before 1.21 have no such field, and know only what is the default later.
            "method": None
            if settings.method == "barman-object-store"
            else _METHODS[settings.method],
            "plugin": plugin if uses_plugin else None,
        },
    )


def _source(dataset: DatasetPlan, spec: Postgresql, *, lost: bool) -> Step:
    keep = max((rung.keep for rung in dataset.rungs), default=0)
    asked = (
        f". To keep what the policy asks for, its `retentionPolicy` is `{-(-keep // _DAY)}d`"
        if keep
        else ""
    )
    listing = wrapped(
        'kubectl --namespace "$NAMESPACE"',
        "get backups.postgresql.cnpg.io",
        '--selector "cnpg.io/cluster=$SOURCE"',
        "--sort-by .status.stoppedAt",
        "--output custom-columns=NAME:.metadata.name,PHASE:.status.phase,STOPPED:.status.stoppedAt",
    )
    retention = wrapped(
        'kubectl --namespace "$NAMESPACE"',
        'get clusters.postgresql.cnpg.io "$SOURCE"',
        "--output jsonpath='{.spec.backup.retentionPolicy}{.spec.plugins}{\"\\n\"}'",
    )
    gone = (
        "the objects are gone with the old cluster: list the object store itself, below the folder of "
        "the old Cluster"
    )
    return Step(
        purpose=f"See which base backups of `{dataset.subject}` CloudNativePG has",
        place=_PLACE,
        command=script(
            assigned("NAMESPACE", spec.namespace),
            assigned("SOURCE", _cluster(spec)),
            *([] if lost else [retention]),
            listing,
        ),
        expected=f"at least one line with `completed`, oldest first; any moment after it can be restored for "
        f"which the write-ahead log is in the archive{asked}"
        if not lost
        else "lines with `completed`, if Backup objects were brought back; else nothing",
        otherwise=gone
        if lost
        else "look at `kubectl describe` of the newest Backup: its status holds the error",
        minutes=10,
    )


def _recover(dataset: DatasetPlan, spec: Postgresql, *, lost: bool) -> Step:
    settings = _settings(spec)
    minutes = max(_LEAST_MINUTES, 2 * dataset.run_limit // 60)
    return Step(
        purpose=f"Bring `{dataset.subject}` back as a new Cluster"
        + ("" if lost else ", beside the live one"),
        place=_PLACE,
        command=script(
            "read -r MANIFEST",
            wrapped(
                'kubectl --namespace "$NAMESPACE"',
                "apply --dry-run=server",
                '--filename "$MANIFEST"',
            ),
            'kubectl --namespace "$NAMESPACE" apply --filename "$MANIFEST"',
        ),
        expected="`cluster.postgresql.cnpg.io/… created`. The first line asks for a file: the manifest of "
        f"the Cluster with {_bootstrap(settings)}, another name than `{_cluster(spec)}`, and another "
        "`serverName` for its own archive than the one that it is restored from. For a moment in the past "
        "it also has `bootstrap.recovery.recoveryTarget.targetTime`, with its offset from UTC. "
        "`docs/backends/cnpg.md` has one to copy",
        otherwise="`Expected empty archive` means that the new Cluster would write where the old one did: "
        "give it a `serverName` of its own; never empty the old archive",
        minutes=minutes,
    )


def _bootstrap(settings: CnpgBackups) -> str:
    if settings.method == "plugin":
        return (
            f"`bootstrap.recovery.source`, an external cluster with the plug-in `{settings.plugin}`"
        )
    if settings.method == "barman-object-store":
        return "`bootstrap.recovery.source`, an external cluster with the old `barmanObjectStore`"
    return "`bootstrap.recovery.volumeSnapshots`, which names the snapshots"


def _check(dataset: DatasetPlan, spec: Postgresql) -> Step:
    return Step(
        purpose=f"Wait for the new Cluster of `{dataset.subject}`, and look at its data",
        place=_PLACE,
        command=script(
            "read -r NEW",
            wrapped(
                'kubectl --namespace "$NAMESPACE"',
                'wait "clusters.postgresql.cnpg.io/$NEW"',
                "--for condition=Ready --timeout 4h",
            ),
            wrapped(
                'kubectl --namespace "$NAMESPACE"',
                'exec "$NEW-1" --container postgres --',
                "psql --command '\\l+'",
            ),
        ),
        expected="the first line asks for the name of the new Cluster; at the end every database, and its "
        "size",
        otherwise="`kubectl logs` of the pod whose name has `full-recovery` in it says how far it came, "
        "and which segment of the log it misses",
        minutes=max(_LEAST_MINUTES, 2 * dataset.run_limit // 60),
        undo='kubectl --namespace "$NAMESPACE" delete "clusters.postgresql.cnpg.io/$NEW"',
    )
