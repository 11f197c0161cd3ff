"""A kind of API objects is named wrongly, or would do harm when it came back.

Kinds are named by the lower-case plural and the group, as `kubectl api-resources --output name` prints them,
and those that belong to no namespace have a list of their own, since permissions for them are given
differently. Objects that a controller makes again (pods), that would run once more (jobs), or that describe
a moment of a cluster (events, leases) must not come back.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: objects, type: resources, namespace: shop, kinds: [deployments, pods, namespaces]}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: objects
          type: resources
          namespace: shop
          kinds: [deployments.apps]
          clusterKinds: [namespaces]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.resources import Resources
from bpc.plan.estate import DatasetPlan, PolicyPlan
from bpc.plan.kinds import CLUSTER_WIDE, NAMESPACED, NOT_EXPORTED, whole_name

CODE = Code("BPC752", "kind-not-exported")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at each kind that is exported."""
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Resources):
            continue
        lists = (
            ("kinds", dataset.spec.kinds, CLUSTER_WIDE, "clusterKinds"),
            ("clusterKinds", dataset.spec.cluster_kinds, NAMESPACED, "kinds"),
        )
        for key, kinds, elsewhere, other in lists:
            for index, kind in enumerate(kinds):
                said = _fault(kind, elsewhere, other)
                if said is not None:
                    yield _finding(dataset, key, index, *said)


def _fault(kind: str, elsewhere: frozenset[str], other: str) -> tuple[str, str] | None:
    """Return what is wrong with a kind, and the way out."""
    whole = whole_name(kind)
    if whole is not None:
        return f"`{kind}` is only half a name", f"write `{whole}`"
    if kind in NOT_EXPORTED:
        return f"`{kind}` must not come back: {NOT_EXPORTED[kind]}", "take it out of the list"
    if kind in elsewhere:
        return f"`{kind}` stands in the wrong list", f"move it to `{other}`"
    return None


def _finding(dataset: DatasetPlan, key: str, index: int, message: str, remedy: str) -> Finding:
    return Finding(
        CODE, message, dataset.where.at(key, index), help=remedy, subject=dataset.subject
    )
