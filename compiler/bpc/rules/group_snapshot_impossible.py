"""Volumes cannot be cut together here.

A group snapshot needs a driver that makes one, a snapshot controller that serves the group kinds
(6.3 and newer), and claims that are chosen by label, since that is how a group is defined.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - name: m
          type: volumes
          claims: {namespace: media, names: [m]}
          copies: {to: []}
          together: true

Good:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: hostpath.csi.k8s.io, system: h}]
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: m
          type: volumes
          claims: {namespace: media, matchLabels: {app: m}}
          copies: {to: []}
          together: true
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.volumes import Volumes
from bpc.model.releases import group_snapshot_versions
from bpc.plan.drivers import driver
from bpc.plan.estate import DatasetPlan, PolicyPlan

CODE = Code("BPC716", "group-snapshot-impossible")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Check the three conditions of every dataset that is cut together."""
    for dataset in plan.datasets:
        if isinstance(dataset.spec, Volumes) and dataset.spec.together:
            for problem, advice in _problems(plan, dataset, dataset.spec):
                yield Finding(
                    CODE,
                    f"`{dataset.subject}` cannot be cut together: {problem}",
                    dataset.where / "together",
                    help=advice,
                    subject=dataset.subject,
                )


def _problems(plan: PolicyPlan, dataset: DatasetPlan, spec: Volumes) -> Iterator[tuple[str, str]]:
    if spec.claims.names:
        yield "its claims are chosen by name", "choose the claims by `matchLabels`"
    known = driver(dataset.storage.driver) if dataset.storage is not None else None
    if known is not None and not known.groups:
        yield f"the driver for {known.title} makes no group snapshots", "drop `together`"
    release = plan.cluster.snapshotter
    if release is not None and not group_snapshot_versions(release):
        yield (
            f"external-snapshotter {plan.cluster.spec.addons.snapshotter} serves no group snapshots",
            "move to external-snapshotter 8.2 or newer",
        )
