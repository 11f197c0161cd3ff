"""Secrets are to be exported from every namespace, or by the wrong key.

A job that may read every Secret of a cluster is worth as much as the cluster. Secrets are exported only from
namespaces that are named, and only by `secrets: encrypt`, which somebody has to write on purpose.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: objects, type: resources, namespace: shop, kinds: [configmaps], secrets: encrypt}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: objects
          type: resources
          namespace: shop
          namespaces: [shop]
          kinds: [configmaps]
          secrets: encrypt
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.resources import Resources
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC753", "secrets-not-chosen")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find exports that could read more Secrets than somebody chose."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Resources):
            continue
        if spec.secrets == "encrypt" and not spec.namespaces:
            yield Finding(
                CODE,
                f"`{dataset.subject}` would have to read the Secrets of every namespace",
                dataset.where / "secrets",
                help="name the namespaces under `namespaces`",
                subject=dataset.subject,
            )
        for key, kinds in (("kinds", spec.kinds), ("clusterKinds", spec.cluster_kinds)):
            if "secrets" in kinds:
                yield Finding(
                    CODE,
                    "Secrets are not exported like other objects",
                    dataset.where.at(key, kinds.index("secrets")),
                    help="take `secrets` out of the list, and write `secrets: encrypt` if they are meant",
                    subject=dataset.subject,
                )
