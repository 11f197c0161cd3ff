"""Velero cannot write to a location of this kind.

Velero needs an object store. A directory of an NFS server or a volume serves other kinds of
dataset.

Bad:

    kind: Location
    metadata:
      name: s3
    spec:
      type: nfs
      bucket: null
      credentials: null
      server: nas.example
      path: /export/backup

Good:

    kind: Tier
    spec:
      copies: {to: [s3]}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC711", "location-not-for-velero")
_STORES = ("s3", "oss", "gcs", "azure")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find locations of the cluster's Velero that are not object stores."""
    for location in plan.locations:
        if location.spec.type not in _STORES:
            yield Finding(
                CODE,
                f"Velero cannot write to `{location.name}`, a location of type {location.spec.type}",
                location.where.at("spec", "type"),
                help="give datasets of namespaces a location of type s3, oss, gcs or azure",
                subject=location.name,
            )
