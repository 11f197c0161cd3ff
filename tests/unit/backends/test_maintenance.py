"""The namespace of the jobs that may delete."""

from __future__ import annotations

from typing import Any

from bpc.backends import maintenance
from bpc.render import Renderer
from bpc.resources import templates
from tests.estates import estate

DATABASE = """
kind: Location
metadata: {name: s3}
spec:
  encryption: {secret: backup-key}
  pruning: {secret: prune-s3}
---
kind: BackupPolicy
spec:
  datasets: [{name: db, type: postgresql, namespace: shop, connection: {host: db}}]
"""


def made(text: str) -> list[Any]:
    [plan] = estate(text).clusters.values()
    return [each.data for each in maintenance.cluster(plan, Renderer(templates()))]


def test_the_namespace_takes_only_pods_without_privileges() -> None:
    [namespace] = made(DATABASE)
    labels = namespace["metadata"]["labels"]
    assert namespace["metadata"]["name"] == "bpc-maintenance"
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    assert labels["pod-security.kubernetes.io/enforce-version"] == "v1.31"


def test_gitops_does_not_prune_it() -> None:
    [namespace] = made(DATABASE)
    notes = namespace["metadata"]["annotations"]
    assert notes["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_its_name_can_be_chosen() -> None:
    named = f"kind: Cluster\nspec: {{jobs: {{maintenanceNamespace: keepers}}}}\n---{DATABASE}"
    [namespace] = made(named)
    assert namespace["metadata"]["name"] == "keepers"


def test_there_is_none_when_nothing_runs_in_it() -> None:
    assert made("kind: Cluster\nspec: {}") == []
    assert made(DATABASE.replace("  pruning: {secret: prune-s3}\n", "")) == []
