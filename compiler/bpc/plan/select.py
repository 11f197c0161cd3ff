"""What selectors stand for: clusters by label, namespaces by pattern and label."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bpc.diagnostics import Finding, Where
from bpc.model.cluster import ClusterSpec
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.release import Release
from bpc.model.suggest import closest
from bpc.plan import codes

_GLOBS_SINCE = Release(1, 18)
_EVERYTHING = "*"


def matches(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Whether every wanted label is there with its value."""
    return all(labels.get(key) == value for key, value in wanted.items())


@dataclass(frozen=True, slots=True)
class Selected:
    """The namespaces that a dataset stands for, and what was wrong on the way."""

    included: tuple[str, ...]
    excluded: tuple[str, ...]
    findings: tuple[Finding, ...] = ()


def namespaces(
    dataset: Namespaces, cluster: ClusterSpec, velero: Release | None, where: Where
) -> Selected:
    """Expand patterns and labels from the cluster's inventory.

    A lone `*` stays, since every Velero knows it. Other patterns stay only without an inventory, for a
    Velero that expands them itself.
    """
    if not dataset.include and not dataset.include_labels:
        return Selected((), (), (_nothing(dataset, where),))
    known = {namespace.name: namespace.labels for namespace in cluster.inventory}
    findings: list[Finding] = []
    included = _expand(dataset.include, known, velero, where / "include", findings)
    if dataset.include_labels:
        included += _labelled(dataset.include_labels, known, where / "includeLabels", findings)
    excluded = _expand(dataset.exclude, known, velero, where / "exclude", findings, optional=True)
    if _EVERYTHING in included:
        return Selected((_EVERYTHING,), tuple(sorted(set(excluded))), tuple(findings))
    left = set(included) - set(excluded)
    if not left and not findings:
        findings.append(_nothing(dataset, where))
    patterns = {name for name in excluded if _is_pattern(name)}
    return Selected(tuple(sorted(left)), tuple(sorted(patterns)), tuple(findings))


def _nothing(dataset: Namespaces, where: Where) -> Finding:
    return Finding(
        codes.NOTHING_SELECTED,
        f"dataset `{dataset.name}` selects no namespace",
        (where / "include") if dataset.include else where,
        help='name the namespaces under `include`, or write `include: ["*"]` for all of them',
    )


def _is_pattern(name: str) -> bool:
    return "*" in name or "?" in name


def _expand(
    names: Iterable[str],
    known: Mapping[str, Mapping[str, str]],
    velero: Release | None,
    where: Where,
    findings: list[Finding],
    *,
    optional: bool = False,
) -> list[str]:
    found: list[str] = []
    for index, name in enumerate(names):
        if name == _EVERYTHING or (name in known) or not (known or _is_pattern(name)):
            found.append(name)
        elif known:
            hits = fnmatch.filter(known, name)
            found += hits
            if not hits and optional and not _is_pattern(name):
                found.append(name)
            elif not hits:
                findings.append(_unknown(name, known, where / index))
        elif velero is not None and velero >= _GLOBS_SINCE:
            found.append(name)
        else:
            findings.append(_no_inventory(f"`{name}` is a pattern", where / index))
    return found


def _labelled(
    wanted: Mapping[str, str],
    known: Mapping[str, Mapping[str, str]],
    where: Where,
    findings: list[Finding],
) -> list[str]:
    if not known:
        findings.append(_no_inventory("namespaces are chosen by label", where))
        return []
    hits = [name for name, labels in known.items() if matches(labels, wanted)]
    if not hits:
        text = ", ".join(f"{key}={value}" for key, value in sorted(wanted.items()))
        findings.append(
            Finding(
                codes.UNRESOLVED_NAMESPACES,
                f"no namespace of the cluster's inventory has the labels {text}",
                where,
                help="correct the labels, or add the namespace to `spec.inventory` of the cluster",
            )
        )
    return hits


def _no_inventory(problem: str, where: Where) -> Finding:
    return Finding(
        codes.UNRESOLVED_NAMESPACES,
        f"{problem}, and the cluster has no inventory to expand it from",
        where,
        help="list the cluster's namespaces under `spec.inventory`",
    )


def _unknown(name: str, known: Mapping[str, object], where: Where) -> Finding:
    near = closest(name, known)
    return Finding(
        codes.UNRESOLVED_NAMESPACES,
        f"namespace `{name}` is not in the cluster's inventory",
        where,
        help=f"did you mean `{near}`?" if near else "add it to `spec.inventory` of the cluster",
    )
