"""Runbooks for people who are tired: one page for each scenario of a cluster, with real names only.

Steps come from the back ends as data; here they are numbered, put on a clock and written as Markdown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import IO

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
SCENARIOS = ("operator-error", "cluster-loss")

_TITLES = {"operator-error": "Data was damaged by mistake", "cluster-loss": "The cluster is lost"}
_SHORT = {"operator-error": "OE", "cluster-loss": "CL"}
_USE_WHEN = {
    "operator-error": "Use this page when the cluster lives and data in it is wrong or gone: a namespace was "
    "deleted, a release overwrote data, somebody dropped a table. The live data stays as it is; a copy comes "
    "back beside it.",
    "cluster-loss": "Use this page when the cluster is gone for good, or for longer than the objectives "
    "allow. A new cluster of the same or a newer release of Kubernetes must be running, with its network and "
    "its storage classes.",
}
_NOT_WHEN = {
    "operator-error": (
        "Not when an attacker may still be inside: first take away their access, and keep the evidence.",
        "Not when the damage is older than the oldest point of the dataset: see its table below.",
    ),
    "cluster-loss": (
        "Not while the old cluster may come back by itself: two clusters that write to one folder delete "
        "each other's points.",
        "Not for single namespaces: see `operator-error.md`.",
    ),
}
_TARGETS = {
    "operator-error": "the live cluster",
    "cluster-loss": "the new cluster, not the lost one",
}
# It prints nothing in a shell that means another cluster, or that the work did not begin in.
_CHECK = (
    'test -n "$CONTEXT" && test "$(kubectl config current-context)" = "$CONTEXT" &&\n'
    '  echo "same cluster: $CONTEXT"'
)
_TOOLS = {"operator-error": "kubectl, velero", "cluster-loss": "kubectl, helm, velero"}


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
        points=list(_points(dataset)),
        copies=list(_copies(dataset)),
        home=_home(plan.cluster, dataset),
        newest=_newest(dataset, dataset.rungs),
        steps=list(_numbered(steps, f"{_SHORT[scenario]}-{dataset.policy}-{dataset.name}", rto)),
        check=_CHECK,
        nothing=_nothing(scenario),
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


def index(plan: ClusterPlan, rows: Iterable[str], markdown: MarkdownRenderer) -> Iterator[str]:
    """Yield the page that leads to the right one, piece by piece; `rows` are those of its table."""
    yield markdown.render("runbook/index.md.j2", cluster=plan.name)
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


def _points(dataset: DatasetPlan) -> Iterator[dict[str, str]]:
    """Yield the rungs with the object that makes each: a job, or a Schedule for each direct copy."""
    if isinstance(dataset.spec, Volumes):
        for rung in dataset.rungs:
            yield _rung(rung, names.snapshot_job(dataset.policy, dataset.name, rung.name))
        return
    for copy in dataset.direct_copies:
        for rung in copy.rungs:
            place = (dataset.policy, dataset.name, copy.location.name)
            yield _rung(rung, names.velero_schedule(*place, rung.name))


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


def _copies(dataset: DatasetPlan) -> Iterator[dict[str, str]]:
    """Yield the copies in the order to try; CSI snapshots stay where they are, whatever a tier says."""
    if not isinstance(dataset.spec, Volumes):
        for number, copy in enumerate(dataset.copies, 1):
            yield _copy(dataset, number, copy)


def _copy(dataset: DatasetPlan, number: int, copy: CopyPlan) -> dict[str, str]:
    location = copy.location
    bucket = getattr(location.spec, "bucket", "")
    lock = location.spec.lock
    via = (
        f", filled from {copy.source} at most {format_duration(copy.lag or 0)} later"
        if copy.source
        else ""
    )
    return {
        "order": str(number),
        "place": f"{location.name}: {bucket}/{location.prefix}, {location.spec.site.region}{via}",
        "realm": location.spec.site.realm,
        "newest": _newest(dataset, *_filled(dataset, copy)),
        "lock": f"{lock.mode}, {format_duration(lock.period)}" if lock else "none",
    }


def _filled(dataset: DatasetPlan, copy: CopyPlan) -> tuple[Sequence[Rung], int]:
    """Return when the points of a copy are made, and how long they are on their way to it."""
    lag = 0
    by_location = {each.location.name: each for each in dataset.copies}
    for _ in dataset.copies:
        if copy.source is None:
            break
        lag += copy.lag or 0
        copy = by_location.get(copy.source, copy)
    return copy.rungs, lag


def _home(plan: ClusterPlan, dataset: DatasetPlan) -> str:
    if dataset.storage is None:
        return f"cluster {plan.name}"
    return f"on the storage system {dataset.storage.system}, with the data itself"


def _keys(plan: ClusterPlan) -> Iterator[str]:
    for location in plan.locations:
        if location.spec.credentials is not None:
            yield f"the Secret `{location.spec.credentials.secret}`, which opens `{location.name}`"
        if location.spec.key is not None:
            yield f"the key `{location.spec.key}`, without which `{location.name}` cannot be read"
    password = plan.spec.velero.repository_secret
    if password is not None and plan.uses.node_agent:
        secret = names.REPOSITORY_SECRET
        yield f"the password `{password}` for the Secret `{secret}`, kept outside of the cluster"


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


def _nothing(scenario: str) -> str:
    if scenario == "cluster-loss":
        return "its points died with the cluster, or there never were any"
    return "there are no points of it"
