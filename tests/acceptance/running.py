"""Compiles a policy and runs what comes out: its jobs in containers, against real servers and stores."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bpc.plan.artifact import Artifact
from tests.acceptance import tools
from tests.acceptance.kubelet import Image, Kubelet, Outcome, World
from tests.compiling import compiled

DIGEST = "@sha256:" + "0" * 64

CLUSTER = """
apiVersion: bpc/v1
kind: Cluster
metadata: {name: prod}
spec:
  kubernetes: "1.31"
  site: {provider: own, region: dc1, account: prod, realm: prod-admins}
"""
DISK = """
apiVersion: bpc/v1
kind: Location
metadata: {name: disk}
spec:
  type: pvc
  claim: backups
  namespace: shop
  site: {provider: own, region: dc1, account: prod, realm: prod-admins}
  medium: disk
  encryption: {secret: backup-key}
"""
TIER = """
apiVersion: bpc/v1
kind: Tier
metadata: {name: gold}
spec:
  objectives: {default: {rpo: 6h, rto: 4h}}
  copies: {to: [{location: disk, engine: ENGINE}]}
  retention: {daily: 14}
"""
POLICY = """
apiVersion: bpc/v1
kind: BackupPolicy
metadata: {name: shop}
spec:
  clusters: [prod]
  tier: gold
  owner: {team: shop, contact: "#shop"}
  datasets:
"""


def estate_of(dataset: str, engine: str = "restic") -> str:
    """Return a policy of one dataset, copied to a volume by an engine."""
    documents = [CLUSTER, DISK, TIER.replace("ENGINE", engine)]
    return "---\n".join([*documents, POLICY + textwrap.indent(textwrap.dedent(dataset), "    ")])


def machine_images(path: str | None = None) -> Callable[[str], Image]:
    """Return the machine's own programs as every image, with the engines where their images have them."""

    def image(reference: str) -> Image:
        mounts = {}
        if "/restic/" in reference:
            mounts = {"/usr/bin/restic": str(tools.require("restic"))}
        elif "/rclone/" in reference:
            mounts = {"/usr/local/bin/rclone": str(tools.require("rclone"))}
        return Image(mounts=mounts, path=path)

    return image


@dataclass
class Estate:
    """What a policy compiles to, in a world in which its jobs run."""

    directory: Path
    policy: str
    world: World
    artifacts: dict[str, Artifact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Compile the policy and hand its ConfigMaps to the world."""
        policies = self.directory / "project" / "policies"
        policies.mkdir(parents=True)
        (policies / "estate.yaml").write_text(self.policy, encoding="utf-8")
        result, sink = compiled(self.directory / "project")
        assert not result.failed, [each.message for each in result.diagnostics]
        self.artifacts = sink.artifacts
        for artifact in self.artifacts.values():
            if artifact.applied and artifact.data and artifact.data["kind"] == "ConfigMap":
                self.world.add(artifact.data)

    def objects(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the applied objects of a kind by name."""
        found = {}
        for artifact in self.artifacts.values():
            if artifact.applied and artifact.data and artifact.data["kind"] == kind:
                manifest: Any = artifact.data
                found[manifest["metadata"]["name"]] = dict(manifest)
        return found

    def job(self, name: str, **options: Any) -> Outcome:
        """Run a CronJob once."""
        return self._run(self.objects("CronJob")[name], **options)

    def restore(
        self, directory: str, wanted: Mapping[str, str] | None = None, **options: Any
    ) -> Outcome:
        """Apply the objects of a restore directory, such as `shop/orders/disk`, and run its Job.

        `wanted` is what a person puts into the ConfigMap: point, target, confirm.
        """
        prefix = f"prod/restore/{directory}/"
        found = {
            path.removeprefix(prefix): artifact.data
            for path, artifact in self.artifacts.items()
            if path.startswith(prefix) and artifact.data is not None
        }
        self.world.add(found["configmap.yaml"])
        job: Any = found["job.yaml"]
        self._want(job, wanted or {})
        return self._run(job, **options)

    def _want(self, job: Any, wanted: Mapping[str, str]) -> None:
        pod = job["spec"]["template"]["spec"]
        env = pod["containers"][0]["env"]
        reference = next(e for e in env if e["name"] == "WANTED")["valueFrom"]["configMapKeyRef"]
        key = (job["metadata"]["namespace"], reference["name"])
        self.world.configmaps.pop(key, None)
        if wanted:
            self.world.configmaps[key] = dict(wanted)

    def _run(self, manifest: Mapping[str, Any], **options: Any) -> Outcome:
        workdir = self.directory / "pods"
        workdir.mkdir(exist_ok=True)
        outcome: Outcome = Kubelet(self.world, workdir).run(manifest, **options)
        return outcome


def points(store: Path) -> list[str]:
    """Return the ids of the points that have a record below a directory, oldest first."""
    return sorted(path.stem for path in store.rglob("records/*.json"))


def secrets(world: World, namespace: str, values: Mapping[str, Mapping[str, str]]) -> None:
    """Put Secrets into the world."""
    for name, keys in values.items():
        world.secrets[namespace, name] = {key: value.encode() for key, value in keys.items()}
