"""A CSI driver ignores a parameter of its snapshot class.

Whoever wrote it expects an effect that does not come. `forceDelete` of the Alibaba Cloud driver,
for one, has done nothing since 2023: every deletion is forced.

Bad:

    kind: Cluster
    spec:
      storageClasses:
        - name: fast
          driver: diskplugin.csi.alibabacloud.com
          system: essd
          parameters: {forceDelete: "false"}

Good:

    kind: Cluster
    spec:
      storageClasses:
        - name: fast
          driver: diskplugin.csi.alibabacloud.com
          system: essd
          parameters: {retentionDays: "30"}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.plan.drivers import driver
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC714", "driver-parameter-ignored", Severity.WARNING)


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the parameters of lenient drivers with those that they act on."""
    if not plan.uses.csi:
        return
    for index, storage in enumerate(plan.spec.storage_classes):
        known = driver(storage.driver)
        if known is None or known.strict:
            continue
        for name in storage.parameters:
            if known.knows(name):
                continue
            reason = known.idle.get(name, "the driver does not know it")
            yield Finding(
                CODE,
                f"`{storage.driver}` ignores the snapshot parameter `{name}`: {reason}",
                plan.where.at("spec", "storageClasses", index, "parameters", name).as_key(),
                help="remove it",
                subject=plan.name,
            )
