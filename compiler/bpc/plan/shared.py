"""The documents that policies share, by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from bpc.diagnostics import Finding, Where
from bpc.model.cluster import Cluster
from bpc.model.documents import AnyDocument
from bpc.model.drill import DrillRecord
from bpc.model.location import Location
from bpc.model.objectives import SCENARIOS
from bpc.model.scenario import Scenario
from bpc.model.suggest import closest
from bpc.model.tier import Tier
from bpc.model.waiver import Waiver
from bpc.plan import codes

Kind = TypeVar("Kind", bound=AnyDocument)


@dataclass(frozen=True, slots=True)
class Declared(Generic[Kind]):
    """A document and the place of its root."""

    document: Kind
    where: Where

    @property
    def name(self) -> str:
        """The document's name."""
        return self.document.metadata.name


@dataclass(frozen=True, slots=True)
class Shared:
    """Every document except the policies, by kind and name."""

    clusters: Mapping[str, Declared[Cluster]]
    locations: Mapping[str, Declared[Location]]
    tiers: Mapping[str, Declared[Tier]]
    scenarios: Mapping[str, Declared[Scenario]]
    waivers: Mapping[str, Declared[Waiver]]
    drills: Mapping[str, Declared[DrillRecord]]

    def scenario_names(self) -> tuple[str, ...]:
        """Return the names that objectives may use."""
        return ("default", *SCENARIOS, *self.scenarios)


def collect(documents: Sequence[Declared[AnyDocument]]) -> tuple[Shared, list[Finding]]:
    """Sort documents by kind and name; policies among them are left out."""
    findings: list[Finding] = []
    shared = Shared(
        clusters=_of(Cluster, documents, findings),
        locations=_of(Location, documents, findings),
        tiers=_of(Tier, documents, findings),
        scenarios=_of(Scenario, documents, findings),
        waivers=_of(Waiver, documents, findings),
        drills=_of(DrillRecord, documents, findings),
    )
    findings += [_no_effect(each.document, each.where) for each in shared.scenarios.values()]
    findings += [_no_effect(each.document, each.where) for each in shared.drills.values()]
    return shared, findings


def duplicate(kind: str, name: str, where: Where, first: Where) -> Finding:
    """Return the finding for a second document of the same kind and name."""
    return Finding(
        codes.DUPLICATE_NAME,
        f"there are two documents {kind} `{name}`",
        where.at("metadata", "name"),
        related=((first.at("metadata", "name"), "the first one"),),
        help="rename one of them",
        subject=name,
    )


def unknown(kind: str, name: str, known: Iterable[str], where: Where, subject: str = "") -> Finding:
    """Return the finding for a name that leads nowhere; `kind` reads like `location`."""
    known = list(known)
    near = closest(name, known)
    if near:
        advice = f"did you mean `{near}`?"
    elif known:
        advice = f"use one of {', '.join(f'`{n}`' for n in sorted(known)[:8])}"
    else:
        advice = f"declare the {kind}, or correct the name"
    return Finding(
        codes.UNKNOWN_REFERENCE,
        f"{kind} `{name}` does not exist",
        where,
        help=advice,
        subject=subject,
    )


def _of(
    kind: type[Kind], documents: Iterable[Declared[AnyDocument]], findings: list[Finding]
) -> dict[str, Declared[Kind]]:
    found: dict[str, Declared[Kind]] = {}
    for declared in documents:
        document = declared.document
        if not isinstance(document, kind):
            continue
        first = found.get(declared.name)
        if first is None:
            found[declared.name] = Declared(document, declared.where)
        else:
            findings.append(duplicate(document.kind, declared.name, declared.where, first.where))
    return found


def _no_effect(document: Scenario | DrillRecord, where: Where) -> Finding:
    return Finding(
        codes.NO_EFFECT,
        f"this release checks {document.kind} `{document.metadata.name}` but does nothing with it",
        where / "kind",
        help="keep it for the proof of a later release, or lower this rule in `bpc.yaml`",
        subject=document.metadata.name,
    )
