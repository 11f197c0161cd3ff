"""The account that makes backups may delete them.

Whoever takes over a job that makes backups, or the namespace that it runs in, has its credentials. Let that
account write and read, and give what deletes an account of its own: only the maintenance jobs hold it, in a
namespace where nothing else runs.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
      pruning: {secret: backup-s3}
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

from bpc.diagnostics import Code, Finding
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC608", "pruning-by-writer")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the Secrets of those who write and of those who delete."""
    for location in plan.stores:
        spec = location.spec
        if spec.pruning is None or spec.credentials is None:
            continue
        if (spec.pruning.secret, spec.pruning.key) == (
            spec.credentials.secret,
            spec.credentials.key,
        ):
            yield Finding(
                CODE,
                f"the jobs that write to `{location.name}` hold the credentials that may delete there",
                location.where.at("spec", "pruning"),
                related=((location.where.at("spec", "credentials"), "what writes"),),
                help="name a Secret with an account of its own, such as `pruning: {secret: prune-s3}`",
                subject=location.name,
            )
