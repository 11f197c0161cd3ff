"""The default location of a cluster is one that nothing there writes to.

Velero would have no default, and a backup made by hand during an incident would be refused.

Bad:

    kind: Cluster
    spec:
      velero: {defaultLocation: elsewhere}

Good:

    kind: Cluster
    spec:
      velero: {defaultLocation: s3}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC723", "default-location-unused")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the wanted default with the locations that the cluster writes to."""
    wanted = plan.spec.velero.default_location
    usable = [location.name for location in plan.locations if not location.read_only]
    if wanted is not None and wanted not in usable:
        yield Finding(
            CODE,
            f"no dataset on cluster `{plan.name}` is copied to its default location `{wanted}`",
            plan.where.at("spec", "velero", "defaultLocation"),
            help=f"use {' or '.join(f'`{name}`' for name in usable) or 'a location that is written to'}",
            subject=plan.name,
        )
