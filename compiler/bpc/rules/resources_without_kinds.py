"""An export of API objects does not say of which kinds.

The job may read exactly the kinds that are named: a permission for all kinds would be one for every Secret,
and for everything that is ever installed. `kubectl api-resources --verbs list --output name` prints the
kinds of a cluster.

Bad:

    kind: BackupPolicy
    spec:
      datasets: [{name: objects, type: resources, namespace: shop, namespaces: [shop]}]

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: objects
          type: resources
          namespace: shop
          namespaces: [shop]
          kinds: [deployments.apps, configmaps]
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.resources import Resources
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC751", "resources-without-kinds")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find exports without a kind."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Resources) or spec.kinds or spec.cluster_kinds:
            continue
        if spec.secrets == "exclude":
            yield Finding(
                CODE,
                f"nothing says which kinds of objects `{dataset.subject}` exports",
                dataset.where,
                help="list them under `kinds`, such as `kinds: [deployments.apps, configmaps]`",
                subject=dataset.subject,
            )
