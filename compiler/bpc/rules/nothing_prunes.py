"""Nothing removes what the retention no longer keeps.

The jobs that make backups cannot delete. A maintenance job can, with an account of its own, and it also reads
a share of the copies each night, which is how silent damage is found. Without `pruning` there is no such job:
the location grows for ever, and nobody looks at old copies.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, connection: {host: db}}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
      pruning: {secret: prune-s3}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: postgresql, namespace: shop, connection: {host: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.location import PvcLocation
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC308", "nothing-prunes", Severity.WARNING)


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Find locations of jobs without an account that may delete; a volume needs none."""
    for location in plan.stores:
        if location.spec.pruning is None and not isinstance(location.spec, PvcLocation):
            yield Finding(
                CODE,
                f"nothing removes old points from `{location.name}`, or looks after those that stay",
                location.where / "spec",
                help="add `pruning: {secret: prune-s3}`, a Secret in the namespace of the maintenance jobs",
                subject=location.name,
            )
