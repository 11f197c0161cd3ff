"""Nothing is known of a CSI driver.

Its snapshot class is emitted with the parameters as written. Whether the driver takes snapshots,
and what it does with a parameter that it does not know, only its manual says.

Bad:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: csi.example.com, system: x}]

Good:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: ebs.csi.aws.com, system: ebs}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.suggest import closest
from bpc.plan.drivers import DRIVERS, driver
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC712", "driver-unknown", Severity.WARNING)


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Look up the driver of each storage class."""
    if not plan.uses.csi:
        return
    for index, storage in enumerate(plan.spec.storage_classes):
        if driver(storage.driver) is None:
            near = closest(storage.driver, [known.name for known in DRIVERS])
            yield Finding(
                CODE,
                f"the CSI driver `{storage.driver}` is not known",
                plan.where.at("spec", "storageClasses", index, "driver"),
                help=f"did you mean `{near}`?"
                if near
                else "check its manual for snapshot parameters",
                subject=plan.name,
            )
