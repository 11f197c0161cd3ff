"""A physical copy of MySQL or MariaDB lacks something that its job needs to know.

The job reads the files of the server from its volume, with the programs of the server's own release, and
unpacks every copy to see that a server could start from it. So it must know the claim, the release, and how
much room it takes. `user` and `group` of the files are 999 unless set, `mount` is `/var/lib/mysql`.

Bad:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - {name: db, type: mariadb, method: physical, namespace: shop, connection: {host: db}}

Good:

    kind: Location
    metadata: {name: s3}
    spec:
      encryption: {secret: backup-key}
    ---
    kind: BackupPolicy
    spec:
      datasets:
        - name: db
          type: mariadb
          method: physical
          namespace: shop
          version: "10.11"
          size: 20Gi
          connection: {host: db}
          data: {claim: data-db-0, podLabels: {app: db}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding
from bpc.model.datasets.mysql import Mariadb, Mysql
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC731", "server-files-unknown")


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Look at what physical copies need."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Mysql | Mariadb) or spec.method != "physical":
            continue
        if spec.held_by is not None or spec.managed_by is not None:
            continue
        needs = (
            (
                spec.data,
                "where the files of",
                "are",
                "data: {claim: data-db-0, podLabels: {app: db}}",
            ),
            (spec.size, "how large the files of", "are", "size: 20Gi"),
            (spec.version, "of which release the server of", "is", 'version: "10.11"'),
        )
        for value, what, verb, example in needs:
            if value is None:
                yield Finding(
                    CODE,
                    f"nothing says {what} `{dataset.subject}` {verb}, and a physical copy needs that",
                    dataset.where,
                    help=f"add `{example}`, or use `method: dump`",
                    subject=dataset.subject,
                )
