"""The certificate of a Redis server is checked against every public authority, and its name is not.

`redis-cli` checks who signed a certificate, but never for which name. With the authorities of the image, the
certificate of any public web site would do, and whoever has one can read the password. With an authority of
your own, only what it signed is accepted.

Bad:

    kind: BackupPolicy
    spec:
      datasets:
        - {name: cache, type: redis, namespace: shop, connection: {host: cache}}

Good:

    kind: BackupPolicy
    spec:
      datasets:
        - name: cache
          type: redis
          namespace: shop
          connection: {host: cache, tls: {caSecret: cache-ca}}
"""

from __future__ import annotations

from collections.abc import Iterator

from bpc.diagnostics import Code, Finding, Severity
from bpc.model.datasets.redis import Redis
from bpc.plan.estate import PolicyPlan

CODE = Code("BPC741", "redis-authority-missing", Severity.WARNING)


def check(plan: PolicyPlan) -> Iterator[Finding]:
    """Find Redis servers whose certificate might be anybody's."""
    for dataset in plan.datasets:
        spec = dataset.spec
        if not isinstance(spec, Redis) or spec.held_by is not None or spec.connection is None:
            continue
        if spec.connection.tls.mode == "verify" and spec.connection.tls.ca_secret is None:
            yield Finding(
                CODE,
                f"any certificate of a public authority would pass for that of `{spec.connection.host}`, "
                "because `redis-cli` does not look at the name",
                dataset.where / "connection",
                help="name the Secret with your authority under `tls.caSecret`, or say "
                "`tls: {mode: disable}` if the server has no TLS",
                subject=dataset.subject,
            )
