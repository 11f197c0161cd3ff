"""The cluster's CloudNativePG is too old for how a database is to be backed up.

An older one drops fields that it does not know, and then makes its backups in another way, or none. Without
`addons.cnpg` the newest release that bpc knows is taken.

Bad:

    kind: Cluster
    spec:
      addons: {cnpg: "1.22"}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: orders, type: postgresql, namespace: shop, managedBy: cnpg}]

Good:

    kind: Cluster
    spec:
      addons: {cnpg: "1.26"}
    ---
    kind: BackupPolicy
    spec:
      datasets: [{name: orders, type: postgresql, namespace: shop, managedBy: cnpg}]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.cnpg import CnpgBackups
from bpc.model.datasets.postgresql import Postgresql
from bpc.model.release import Release
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC748", "needs-newer-cnpg")
_FIRST = {"barman-object-store": "1.20", "volume-snapshot": "1.21", "plugin": "1.24"}


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Compare the method of each database with the release that runs on the cluster."""
    release = plan.cluster.spec.addons.cnpg
    if release is None:
        return
    for dataset in plan.datasets:
        spec = dataset.spec
        if (
            not isinstance(spec, Postgresql)
            or spec.managed_by != "cnpg"
            or spec.held_by is not None
        ):
            continue
        method = (spec.cnpg or CnpgBackups()).method
        if Release.parse(release) < Release.parse(_FIRST[method]):
            yield Finding(
                CODE,
                f"CloudNativePG {release} cannot back `{dataset.subject}` up with `{method}`, which came "
                f"with {_FIRST[method]}",
                dataset.where / "managedBy",
                related=((plan.cluster.where.at("spec", "addons", "cnpg"), "the release"),),
                help="choose another `cnpg.method`, or upgrade and correct the release",
                subject=dataset.subject,
            )
