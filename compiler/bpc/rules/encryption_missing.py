"""A location for bpc's own jobs names no password to encrypt with.

What the jobs copy is encrypted before it leaves the pod, always: dumps hold password hashes, and a snapshot
of etcd holds every Secret. Name a Secret with the password under `encryption`, and keep the password outside
of the cluster too: without it nobody can read the copies.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, connection: {host: db}}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, connection: {host: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC607", "encryption-missing")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find locations of jobs that have no password."""
    for location in plan.stores:
        if location.spec.encryption is None:
            yield Finding(
                CODE,
                f"nothing says what the jobs of cluster `{plan.name}` encrypt with at `{location.name}`",
                location.where / "spec",
                help="add `encryption: {secret: backup-key}`, a Secret whose key `password` holds it",
                subject=location.name,
            )
