"""A CSI driver refuses a parameter of its snapshot class.

The drivers of AWS and Google check every parameter when a snapshot is made, so each snapshot would
fail.

Bad:

    kind: Cluster
    spec:
      storageClasses:
        - {name: fast, driver: ebs.csi.aws.com, system: ebs, parameters: {incremental: "true"}}

Good:

    kind: Cluster
    spec:
      storageClasses: [{name: fast, driver: ebs.csi.aws.com, system: ebs}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.suggest import closest
from bpc.plan.drivers import driver
from bpc.plan.estate import ClusterPlan

CODE = Code("BPC713", "driver-parameter-refused")


def check_cluster(plan: ClusterPlan) -> Iterator[Finding]:
    """Compare the parameters of strict drivers with those that they know."""
    if not plan.uses.csi:
        return
    for index, storage in enumerate(plan.spec.storage_classes):
        known = driver(storage.driver)
        if known is None or not known.strict:
            continue
        for name in storage.parameters:
            if not known.knows(name):
                near = closest(name, known.parameters)
                yield Finding(
                    CODE,
                    f"`{storage.driver}` refuses the snapshot parameter `{name}`",
                    plan.where.at("spec", "storageClasses", index, "parameters", name).as_key(),
                    help=f"did you mean `{near}`?" if near else "remove it",
                    subject=plan.name,
                )
