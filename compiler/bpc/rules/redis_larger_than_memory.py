"""A Redis server holds more than the memory of its restore job.

The job that restores loads the whole file into a server of its own before it writes to the target. Where the
memory that jobs may use is smaller than the data, and a quarter for its own needs, the copies are fine and
the restore job cannot bring them back. Raise what jobs may use; it is a limit, which only the restore job
reaches.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: cache, type: redis, namespace: shop, size: 4Gi, connection: {host: cache}}

Good:

    kind: Cluster
    spec:
      jobs: {memory: 5Gi}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: cache, type: redis, namespace: shop, size: 4Gi, connection: {host: cache}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.cluster import JOB_MEMORY
from bpc.model.datasets.redis import Redis
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC740", "redis-larger-than-memory")
_MEBIBYTE = 2**20


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find Redis servers that no restore job could load."""
    memory = plan.cluster.spec.jobs.memory or JOB_MEMORY
    there = f"jobs of cluster `{plan.cluster.name}` have {memory // _MEBIBYTE}Mi"
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Redis) or spec.held_by is not None or spec.size is None:
            continue
        needed = spec.size * 5 // 4
        least = f"{-(-needed // _MEBIBYTE)}Mi"
        if needed > memory:
            yield Finding(
                CODE,
                f"the restore job of `{dataset.subject}` needs {least} of memory, and {there}",
                dataset.where / "size",
                help=f"set `spec.jobs.memory` of the cluster to `{least}` or more",
                subject=dataset.subject,
            )
