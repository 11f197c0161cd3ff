"""How much faster a policy is read than by ruamel.yaml; run with `python -m tests.unit.source.speed`.

Both give data and the place of every key. The two are timed in turn, so that what else the machine does
falls on both. Exit status 1 says that reading has become slow.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from ruamel.yaml import YAML

from bpc.source import parse

POLICY = """\
apiVersion: bpc/v1
kind: BackupPolicy
metadata:
  name: shop
  labels: {env: prod, team: shop}
spec:
  clusters: [prod-hz, prod-bj]
  tier: gold
  owner: {team: shop, contact: "#shop-oncall"}
  datasets:
""" + "".join(
    f"""\
    - name: orders-{number}
      type: postgresql
      namespace: shop
      connection:
        host: orders-{number}.shop.svc
        port: 5432
        credentials: {{secret: orders-backup}}
      databases: [orders, invoices]
      size: 120Gi
      limits: {{run: 30m, start: 10m}}
      schedule: {{cron: "{number} */6 * * *", timeZone: UTC}}
"""
    for number in range(4)
)
LEAST = 8
ROUNDS = 15


def _seconds(read: Callable[[], object], times: int) -> float:
    begin = time.process_time()
    for _ in range(times):
        read()
    return (time.process_time() - begin) / times


def main() -> int:
    """Print the time per policy of both readers and their ratio."""
    content = POLICY.encode()
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: parse(content, "policy.yaml"), 50))
        theirs.append(_seconds(lambda: YAML().load(POLICY), 3))
    fast, slow = sorted(ours)[ROUNDS // 2], sorted(theirs)[ROUNDS // 2]
    ratio = slow / fast
    sys.stdout.write(
        f"{len(content)} bytes: bpc {fast * 1e3:.2f} ms, ruamel.yaml {slow * 1e3:.2f} ms, {ratio:.1f}x\n"
    )
    return 0 if ratio >= LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
