"""The work of the benchmarks: fleets of any size, the same on every machine."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

PROJECT = """\
apiVersion: bpc/v1
kind: Project
policies: [policies]
output: output
"""

SHARED = """\
apiVersion: bpc/v1
kind: Cluster
metadata: {name: c0}
spec:
  kubernetes: "1.32"
  site: {provider: aws, region: eu-central-1, account: fleet, realm: fleet-admins}
  storageClasses: [{name: fast, driver: ebs.csi.aws.com, system: ebs}]
  addons: {snapshotter: "8.2"}
---
apiVersion: bpc/v1
kind: Tier
metadata: {name: gold}
spec:
  objectives: {default: {rpo: 30h, rto: 4h}}
  retention: {daily: 14}
  limits: {run: 30m, start: 10m}
"""

POLICY = """\
apiVersion: bpc/v1
kind: BackupPolicy
metadata:
  name: NAME
  labels: {team: NAME}
spec:
  clusters: [c0]
  tier: gold
  owner: {team: NAME, contact: "#NAME"}
  datasets:
    - name: media
      type: volumes
      # Files that users sent, and the index of them.
      claims: {namespace: NAME, names: [NAME-uploads, NAME-index]}
      schedule: {cron: "CRON", timeZone: UTC}
      size: 40Gi
"""


@dataclass(frozen=True)
class Policy:
    """What differs from one policy to the next; peers get exactly these values."""

    name: str
    cron: str


def policies(number: int) -> list[Policy]:
    """Return so many policies, each with a name and a minute of its own."""
    return [
        Policy(f"team-{index:05d}", f"{index * 7 % 60} {index * 5 % 24} * * *")
        for index in range(number)
    ]


def write(root: Path, number: int) -> list[Policy]:
    """Write a project with so many policies, one file for each, and return them."""
    shutil.rmtree(root, ignore_errors=True)
    (root / "policies").mkdir(parents=True)
    (root / "bpc.yaml").write_text(PROJECT, encoding="utf-8")
    (root / "policies" / "shared.yaml").write_text(SHARED, encoding="utf-8")
    found = policies(number)
    for policy in found:
        text = POLICY.replace("NAME", policy.name).replace("CRON", policy.cron)
        (root / "policies" / f"{policy.name}.yaml").write_text(text, encoding="utf-8")
    return found
