"""A dataset asks for something that the cluster's Velero cannot do.

The cluster would drop the field without a word, and the backup would still be called completed.

Bad:

    kind: Cluster
    spec:
      kubernetes: "1.25"
      addons: {velero: "1.11"}

Good:

    kind: Cluster
    spec:
      kubernetes: "1.25"
      addons: {velero: "1.12"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Where
from bpc.model.datasets.namespaces import Namespaces
from bpc.model.release import Release
from bpc.model.releases import FEATURES, first_release
from bpc.plan.estate import DatasetPlan, PolicyPlan

CODE = Code("BPC704", "needs-newer-velero")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare what each dataset asks for with the cluster's release."""
    release = plan.cluster.velero
    if release is None:
        return
    for dataset in plan.datasets:
        if not isinstance(dataset.spec, Namespaces):
            continue
        for what, since, where in _asked(dataset, dataset.spec):
            if since is not None and release < since:
                yield Finding(
                    CODE,
                    f"`{dataset.subject}` asks for {what}, which Velero has since {since.series}, and "
                    f"cluster `{dataset.cluster}` runs {plan.cluster.spec.addons.velero}",
                    where,
                    related=((plan.cluster.where.at("spec", "addons", "velero"), "the release"),),
                    help=f"move to Velero {since.series}, or do without",
                    subject=dataset.subject,
                )


def _asked(dataset: DatasetPlan, spec: Namespaces) -> Iterator[tuple[str, Release | None, Where]]:
    if spec.volumes == "move":
        yield (
            "moving volume data (`volumes: move`)",
            _feature("data-mover"),
            dataset.where / "volumes",
        )
    if spec.paused:
        yield "a pause", _field("Schedule", "spec", "paused"), dataset.where / "paused"
    for index, policy in enumerate(spec.volume_policies):
        where = dataset.where.at("volumePolicies", index)
        yield "volume policies", _feature("resource-policies"), where
        if policy.action != "skip":
            action = "fs-backup" if policy.action == "filesystem" else "snapshot"
            yield (
                f"the action `{policy.action}`",
                _feature(f"policy-action-{action}"),
                where / "action",
            )
        if policy.claim_labels:
            since = _field("ResourcePolicies", "volumePolicies", "conditions", "pvcLabels")
            yield "labels of claims", since, where / "claimLabels"


def _feature(name: str) -> Release:
    return FEATURES[name].first


def _field(kind: str, *path: str) -> Release | None:
    since = first_release(kind, path)
    return None if since is None else Release.parse(since)
