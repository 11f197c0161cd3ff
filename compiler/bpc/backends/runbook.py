"""Runbooks for people who are tired: one page for each scenario of a cluster, with real names only.

Steps come from the back ends as data; here they are numbered, put on a clock and written as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import IO

from bpc.model.control_plane import Kops
from bpc.model.datasets.etcd import Etcd
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.datasets.search import Elasticsearch, Opensearch
from bpc.model.datasets.volumes import Volumes
from bpc.model.scalars import format_duration
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan, CopyPlan, DatasetPlan, PolicyPlan, Rung
from bpc.plan.inherit import DEFAULT
from bpc.plan.schedule import gap
from bpc.plan.steps import Step
from bpc.render import MarkdownRenderer

NAME = "runbook"
SCENARIOS = ("operator-error", "control-plane-loss", "cluster-loss")
PARTIAL = frozenset({"control-plane-loss"})
"""Scenarios whose pages hold only datasets that have steps; without any there is no page."""

_TITLES = {
    "operator-error": "Data was damaged by mistake",
    "control-plane-loss": "The control plane is lost",
    "cluster-loss": "The cluster is lost",
}
_SHORT = {"operator-error": "OE", "control-plane-loss": "CP", "cluster-loss": "CL"}
_USE_WHEN = {
    "operator-error": "Use this page when the cluster lives and data in it is wrong or gone: a namespace was "
    "deleted, a release overwrote data, somebody dropped a table. The live data stays as it is; a copy comes "
    "back beside it.",
    "control-plane-loss": "Use this page when the nodes of the cluster exist, and workloads may still run on "
    "them, but the state of the control plane is gone or of no use: etcd has lost its majority, or its data. "
    "The state of an earlier moment comes back, on the same nodes.",
    "cluster-loss": "Use this page when the cluster is gone for good, or for longer than the objectives "
    "allow. A new cluster of the same or a newer release of Kubernetes must be running, with its network and "
    "its storage classes.",
}
_NOT_WHEN = {
    "operator-error": (
        "Not when an attacker may still be inside: first take away their access, and keep the evidence.",
        "Not when the damage is older than the oldest point of the dataset: see its table below.",
    ),
    "control-plane-loss": (
        "Not while a majority of etcd works: then nothing is lost, and a member can be replaced.",
        "Not for single objects: see `operator-error.md`. All of the cluster goes back in time.",
        "Not when the nodes are gone too: see `cluster-loss.md`.",
    ),
    "cluster-loss": (
        "Not while the old cluster may come back by itself: two clusters that write to one folder delete "
        "each other's points.",
        "Not for single namespaces: see `operator-error.md`.",
    ),
}
_TARGETS = {
    "operator-error": "the live cluster",
    "control-plane-loss": "the cluster whose control plane is lost; it need not answer",
    "cluster-loss": "the new cluster, not the lost one",
}
# It prints nothing in a shell that means another cluster, or that the work did not begin in.
_CHECK = (
    'test -n "$CONTEXT" && test "$(kubectl config current-context)" = "$CONTEXT" &&\n'
    '  echo "same cluster: $CONTEXT"'
)
_TOOLS = {
    "operator-error": "kubectl, velero",
    "control-plane-loss": "kubectl, ssh, restic, rclone, and those of the control plane that the steps name",
    "cluster-loss": "kubectl, helm, velero",
}


def section(
    plan: PolicyPlan,
    dataset: DatasetPlan,
    scenario: str,
    steps: Sequence[Step],
    markdown: MarkdownRenderer,
) -> str:
    """Write what one dataset needs: who answers, which points there are, and the steps."""
    rpo, rto = _objective(dataset, scenario)
    return markdown.render(
        "runbook/section.md.j2",
        subject=dataset.subject,
        team=plan.owner.team,
        contact=plan.owner.contact,
        rpo=rpo,
        rto=rto,
        held=dataset.spec.held_by,
        points=list(_points(plan.cluster, dataset)),
        copies=list(_copies(plan.cluster, dataset)),
        home=_home(plan.cluster, dataset),
        newest=_newest(dataset, dataset.rungs),
        steps=list(_numbered(steps, f"{_SHORT[scenario]}-{dataset.policy}-{dataset.name}", rto)),
        check=_CHECK,
        nothing=_nothing(dataset, scenario),
    )


def document(
    plan: ClusterPlan,
    scenario: str,
    steps: Sequence[Step],
    closing: Sequence[Step],
    sections: Iterable[str],
    markdown: MarkdownRenderer,
) -> Iterator[str]:
    """Yield the page of one scenario, piece by piece."""
    yield markdown.render(
        "runbook/document.md.j2",
        title=_TITLES[scenario],
        cluster=plan.name,
        use_when=_USE_WHEN[scenario],
        not_when=_NOT_WHEN[scenario],
        target=_TARGETS[scenario],
        tools=_TOOLS[scenario],
        keys=list(_keys(plan)),
        steps=list(_numbered(steps, _SHORT[scenario])),
        check=_CHECK,
        minutes=sum(step.minutes for step in steps),
    )
    for section_text in sections:
        yield "\n" + section_text
    yield "\n" + markdown.render(
        "runbook/closing.md.j2",
        steps=list(_numbered(closing, f"{_SHORT[scenario]}-END")),
        check=_CHECK,
    )


def index(
    plan: ClusterPlan, scenarios: Sequence[str], rows: Iterable[str], markdown: MarkdownRenderer
) -> Iterator[str]:
    """Yield the page that leads to the right one, piece by piece; `rows` are those of its table."""
    control_plane = "control-plane-loss" in scenarios
    yield markdown.render("runbook/index.md.j2", cluster=plan.name, control_plane=control_plane)
    yield from rows


def row(plan: PolicyPlan, dataset: DatasetPlan, markdown: MarkdownRenderer) -> str:
    """Write the line of the index's table that tells of one dataset."""
    rpo, rto = _objective(dataset, "cluster-loss")
    return markdown.render(
        "runbook/row.md.j2",
        subject=dataset.subject,
        team=plan.owner.team,
        contact=plan.owner.contact,
        rpo=rpo,
        rto=rto,
    )


def page(plan: ClusterPlan, name: str, content: IO[bytes]) -> Artifact:
    """Return the file of a page whose pieces were written to a stream."""
    return Artifact(
        path=f"runbooks/{name}.md",
        content=content,
        template=NAME,
        where=plan.where,
        owner="cluster",
        applied=False,
    )


def _objective(dataset: DatasetPlan, scenario: str) -> tuple[str, str]:
    objective = dataset.objectives.get(scenario) or dataset.objectives[DEFAULT]
    return (
        format_duration(objective.rpo) if objective.rpo else "nothing is promised",
        format_duration(objective.rto) if objective.rto else "no promised time",
    )


def _points(plan: ClusterPlan, dataset: DatasetPlan) -> Iterator[dict[str, str]]:
    """Yield the rungs with the object that makes each: a job, or a Schedule for each copy."""
    control = plan.spec.control_plane
    if isinstance(dataset.spec, Etcd) and control and not dataset.spec.copied_by_jobs(control):
        for rung in dataset.rungs:
            yield _rung(rung, control.type)
        return
    if isinstance(dataset.spec, Volumes):
        for rung in dataset.rungs:
            yield _rung(rung, names.snapshot_job(dataset.policy, dataset.name, rung.name))
        return
    yield from _points_elsewhere(dataset)


def _points_elsewhere(dataset: DatasetPlan) -> Iterator[dict[str, str]]:
    if _operator(dataset) is not None:
        for rung in dataset.rungs[:1]:
            yield _rung(rung, names.operator_schedule(dataset.policy, dataset.name))
        return
    for copy in dataset.copies:
        place = (dataset.policy, dataset.name, copy.location.name)
        for rung in copy.rungs:
            if isinstance(dataset.spec, Namespaces):
                yield _rung(rung, names.velero_schedule(*place, rung.name))
            elif isinstance(dataset.spec, Elasticsearch | Opensearch):
                yield _rung(rung, names.server_policy(*place, rung.name))
            else:
                # One job makes every point; of a coarser rung the newest of each period stays.
                made = replace(rung, cron=copy.rungs[0].cron, zone=copy.rungs[0].zone)
                yield _rung(made, names.backup_job(*place))


def _rung(rung: Rung, made_by: str) -> dict[str, str]:
    return {
        "name": rung.name,
        "cron": rung.cron,
        "zone": rung.zone,
        "kept": format_duration(rung.keep),
        "made_by": made_by,
    }


def _newest(dataset: DatasetPlan, rungs: Sequence[Rung], lag: int = 0) -> str:
    """Say how old the newest point may be if no run failed; the finest rung comes first."""
    if not rungs:
        return "unknown: made by hand"
    if dataset.spec.paused:
        return "unknown: paused"
    widest = gap(rungs[0].cron, rungs[0].zone)
    return format_duration(widest + dataset.completion_delay + lag)


def _copies(plan: ClusterPlan, dataset: DatasetPlan) -> Iterator[dict[str, str]]:
    """Yield the copies in the order to try; CSI snapshots stay where they are, whatever a tier says."""
    if not isinstance(dataset.spec, Volumes) and _operator(dataset) is None:
        for number, copy in enumerate(dataset.copies, 1):
            yield _copy(plan, dataset, number, copy)


def _copy(plan: ClusterPlan, dataset: DatasetPlan, number: int, copy: CopyPlan) -> dict[str, str]:
    location = copy.location
    bucket = getattr(location.spec, "bucket", "")
    lock = location.spec.lock
    folder = location.prefix if isinstance(dataset.spec, Namespaces) else location.points
    if isinstance(dataset.spec, Etcd) and isinstance(plan.spec.control_plane, Kops):
        folder = "backups/etcd, below the name of the cluster"
    return {
        "order": str(number),
        "place": f"{location.name}: {bucket}/{folder}, {location.spec.site.region}{_via(copy)}",
        "realm": location.spec.site.realm,
        "newest": _newest(dataset, *_filled(dataset, copy)),
        "lock": f"{lock.mode}, {format_duration(lock.period)}" if lock else "none",
    }


def _via(copy: CopyPlan) -> str:
    if copy.source is None:
        return ""
    if copy.hop:
        return f", copied from {copy.source} by a job"
    return f", filled from {copy.source} at most {format_duration(copy.lag or 0)} later"


def _filled(dataset: DatasetPlan, copy: CopyPlan) -> tuple[Sequence[Rung], int]:
    """Return when the points of a copy are made, and how long they are on their way to it."""
    lag = 0
    by_location = {each.location.name: each for each in dataset.copies}
    for _ in dataset.copies:
        if copy.source is None:
            break
        if copy.hop and copy.rungs:
            lag += gap(copy.rungs[0].cron, copy.rungs[0].zone) + dataset.completion_delay
        lag += copy.lag or 0
        copy = by_location.get(copy.source, copy)
    return copy.rungs, lag


def _operator(dataset: DatasetPlan) -> str | None:
    return getattr(dataset.spec, "managed_by", None)


def _home(plan: ClusterPlan, dataset: DatasetPlan) -> str:
    operator = _operator(dataset)
    if operator is not None:
        return f"where the objects of {operator} in cluster {plan.name} say"
    if dataset.storage is None:
        return f"cluster {plan.name}"
    return f"on the storage system {dataset.storage.system}, with the data itself"


def _keys(plan: ClusterPlan) -> Iterator[str]:
    for location in plan.stores:
        password = location.spec.encryption
        if password is not None:
            yield f"the password in the Secret `{password.secret}`, which decrypts `{location.name}`"
    locations = {each.name: each for each in (*plan.locations, *plan.stores)}
    for location in locations.values():
        if location.spec.credentials is not None:
            yield f"the Secret `{location.spec.credentials.secret}`, which opens `{location.name}`"
        if location.spec.key is not None:
            yield f"the key `{location.spec.key}`, without which `{location.name}` cannot be read"
    repository = plan.spec.velero.repository_secret
    if repository is not None and plan.uses.node_agent:
        secret = names.REPOSITORY_SECRET
        yield f"the password `{repository}` for the Secret `{secret}`, kept outside of the cluster"


def _numbered(steps: Sequence[Step], stem: str, rto: str = "") -> Iterator[dict[str, object]]:
    promised = f" of {rto}" if rto[:1].isdecimal() else ""
    clock = 0
    for number, step in enumerate(steps, 1):
        clock += step.minutes
        yield {
            "id": f"{stem}-{number:02}",
            "purpose": step.purpose,
            "place": step.place,
            "command": step.command,
            "expected": step.expected,
            "otherwise": step.otherwise,
            "time": f"{step.minutes} min, {clock} min since the start{promised}",
            "undo": step.undo,
            "no_return": step.no_return,
        }


def _nothing(dataset: DatasetPlan, scenario: str) -> str:
    if isinstance(dataset.spec, Etcd) and scenario == "operator-error":
        return (
            "all of the cluster would go back in time; single objects come from Git, or from a dataset of "
            "namespaces or resources"
        )
    if isinstance(dataset.spec, Etcd):
        return (
            "a new cluster has a state of its own; that of the lost one comes back only on its own nodes, "
            "with `control-plane-loss.md`"
        )
    if scenario == "cluster-loss":
        return "its points died with the cluster, or there never were any"
    return "there are no points of it"
