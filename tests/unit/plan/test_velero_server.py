from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from bpc.model.chart_keys import unknown_values
from bpc.model.release import Release
from bpc.model.releases import VELERO
from bpc.plan.estate import ClusterPlan
from bpc.plan.velero_server import chart_version, installed, provider, velero_values
from tests.estates import estate


def _plan(release: str = "1.17", more: str = "", kubernetes: str = "1.31") -> ClusterPlan:
    changes = f"""
kind: Cluster
spec:
  kubernetes: "{kubernetes}"
  addons: {{velero: "{release}", snapshotter: "8.2"}}
{more}
"""
    return estate(changes).clusters["prod"]


def _at(values: Mapping[str, object], *path: str) -> object:
    found: object = values
    for step in path:
        found = found[step] if isinstance(found, Mapping) else None
    return found


@pytest.mark.parametrize("series", VELERO)
def test_only_the_server_is_installed_and_each_value_is_one_the_chart_reads(series: str) -> None:
    plan = _plan(series)
    values = velero_values(plan)
    assert chart_version(plan) == VELERO[series].chart
    assert unknown_values(chart_version(plan), values) == []
    assert values["backupsEnabled"] is False
    assert values["snapshotsEnabled"] is False
    assert values["cleanUpCRDs"] is False
    assert values["upgradeCRDs"] is True
    assert values["deployNodeAgent"] is True
    assert values["credentials"] == {"useSecret": False}
    assert "schedules" not in values
    assert _at(values, "configuration", "features") == "EnableCSI"
    assert _at(values, "configuration", "uploaderType") == "kopia"


@pytest.mark.parametrize(
    ("release", "tag"), [("1.17", "1.17.1"), ("1.17.2", "1.17.2"), ("1.10", "1.10.2")]
)
def test_the_image_is_that_of_the_release_or_the_chart_s_own_of_the_series(
    release: str, tag: str
) -> None:
    plan = _plan(release)
    assert installed(plan) == Release.parse(tag)
    assert velero_values(plan)["image"] == {
        "repository": "docker.io/velero/velero",
        "tag": f"v{tag}",
    }


def test_a_digest_that_is_known_pins_the_image() -> None:
    image = velero_values(_plan("1.18.1", kubernetes="1.34"))["image"]
    assert isinstance(image, dict)
    assert image["digest"].startswith("sha256:")
    assert image["tag"] == "v1.18.1"


@pytest.mark.parametrize(
    ("reference", "image"),
    [
        ("reg.example:5000/velero", {"repository": "reg.example:5000/velero", "tag": "v1.17.1"}),
        ("reg.example/velero:mine", {"repository": "reg.example/velero", "tag": "mine"}),
        (
            "reg.example/velero:mine@sha256:abc",
            {"repository": "reg.example/velero", "tag": "mine", "digest": "sha256:abc"},
        ),
    ],
)
def test_a_cluster_may_take_the_image_from_elsewhere(reference: str, image: dict[str, str]) -> None:
    plan = _plan(more=f'  images: {{velero: "{reference}"}}')
    assert velero_values(plan)["image"] == image


def _images(plan: ClusterPlan) -> list[str]:
    containers = velero_values(plan)["initContainers"]
    assert isinstance(containers, list)
    return [container["image"].partition("@")[0] for container in containers]


@pytest.mark.parametrize(
    ("release", "images"),
    [
        ("1.10", ["aws:v1.6.0", "csi:v0.4.0"]),
        ("1.13", ["aws:v1.9.2", "csi:v0.7.0"]),
        ("1.14", ["aws:v1.10.0"]),
        ("1.18", ["aws:v1.14.0"]),
    ],
)
def test_plugins_go_with_the_release(release: str, images: list[str]) -> None:
    assert _images(_plan(release)) == [f"docker.io/velero/velero-plugin-for-{i}" for i in images]


def test_only_the_plugins_of_locations_in_use_are_installed() -> None:
    blob = """
kind: Location
metadata: {name: blob}
spec:
  type: azure
  bucket: velero
  storageAccount: acmebackup
  resourceGroup: backup
  site: {provider: azure, region: westeurope, account: b, realm: b}
  medium: blob
---
kind: Tier
spec: {copies: {to: [blob]}}
"""
    plan = estate(blob).clusters["prod"]
    assert _images(plan) == ["docker.io/velero/velero-plugin-for-microsoft-azure:v1.13.0"]
    identity = {"azure.workload.identity/use": "true"}
    values = velero_values(plan)
    assert values["podLabels"] == identity
    assert _at(values, "nodeAgent", "podLabels") == identity


def test_locations_that_velero_cannot_use_have_no_provider() -> None:
    nfs = """
kind: Location
metadata: {name: attic}
spec:
  type: nfs
  server: nas
  path: /backup
  site: {provider: acme, region: attic, account: a, realm: a}
  medium: nas
---
kind: Tier
spec: {copies: {to: [s3, attic]}}
"""
    locations = estate(nfs).clusters["prod"].locations
    assert {location.name: provider(location) for location in locations} == {
        "attic": None,
        "s3": "aws",
    }


@pytest.mark.parametrize(
    ("release", "flags"),
    [
        ("1.14", None),
        (
            "1.15",
            [
                "--backup-repository-configmap=velero-backup-repository",
                "--repo-maintenance-job-configmap=velero-repository-maintenance",
            ],
        ),
        (
            "1.18",
            [
                "--backup-repository-configmap=velero-backup-repository",
                "--repo-maintenance-job-configmap=velero-repository-maintenance",
                "--concurrent-backups=4",
            ],
        ),
    ],
)
def test_what_has_no_value_is_a_flag_from_the_release_that_has_it(
    release: str, flags: list[str] | None
) -> None:
    plan = _plan(release, "  velero: {concurrentBackups: 4, nodeAgent: {loadConcurrency: 2}}")
    values = velero_values(plan)
    configuration = values["configuration"]
    assert isinstance(configuration, dict)
    assert configuration.get("extraArgs") == flags
    agent = values["nodeAgent"]
    assert isinstance(agent, dict)
    expected = ["--node-agent-configmap=node-agent-config"] if flags else None
    assert agent.get("extraArgs") == expected


def test_without_node_agents_neither_they_nor_their_settings_are_asked_for() -> None:
    only_objects = """
kind: BackupPolicy
spec: {datasets: [{name: shop, type: namespaces, include: [shop], volumes: none}]}
"""
    values = velero_values(estate(only_objects).clusters["prod"])
    assert values["deployNodeAgent"] is False
    assert "nodeAgent" not in values
    assert values["configuration"] == {"uploaderType": "kopia", "garbageCollectionFrequency": "1h"}


@pytest.mark.parametrize(
    ("release", "kubernetes", "image"),
    [
        ("1.17", "1.31", {"repository": "docker.io/bitnamilegacy/kubectl", "tag": "1.31"}),
        ("1.17", "1.34", {"repository": "docker.io/bitnamilegacy/kubectl", "tag": "1.33"}),
        ("1.18", "1.34", None),
    ],
)
def test_kubectl_comes_from_where_its_image_still_is(
    release: str, kubernetes: str, image: dict[str, str] | None
) -> None:
    kubectl = velero_values(_plan(release, kubernetes=kubernetes))["kubectl"]
    assert isinstance(kubectl, dict)
    assert kubectl.get("image") == image


def test_the_old_chart_is_told_the_provider_without_which_it_installs_nothing() -> None:
    assert _at(velero_values(_plan("1.10")), "configuration", "provider") == "aws"
    configuration = velero_values(_plan("1.11"))["configuration"]
    assert isinstance(configuration, dict)
    assert "provider" not in configuration


def test_monitors_need_the_prometheus_operator() -> None:
    assert _at(velero_values(_plan()), "metrics", "serviceMonitor") == {"enabled": False}
    plan = _plan()
    addons = plan.spec.addons.model_copy(update={"prometheus_operator": "0.75"})
    plan = replace(plan, spec=plan.spec.model_copy(update={"addons": addons}))
    assert _at(velero_values(plan), "metrics", "serviceMonitor") == {"enabled": True}


def test_a_person_s_values_come_last_except_over_what_the_compiler_decides() -> None:
    more = """
  velero:
    serviceAccountAnnotations: {eks.amazonaws.com/role-arn: arn}
    values:
      backupsEnabled: true
      schedules: {mine: {}}
      resources: {limits: {memory: 3Gi}}
      configuration:
        features: EnableAPIGroupVersions
        logLevel: debug
        extraArgs: [--fs-backup-timeout=8h]
        clientQPS: 0.5
      initContainers:
        - {name: velero-plugin-for-aws, image: reg.example/aws:1}
        - {name: mine, image: reg.example/mine:1}
"""
    values = velero_values(_plan(more=more))
    assert values["backupsEnabled"] is False
    assert "schedules" not in values
    assert _at(values, "resources") == {
        "requests": {"cpu": "250m", "memory": "256Mi"},
        "limits": {"memory": "3Gi"},
    }
    configuration = values["configuration"]
    assert isinstance(configuration, dict)
    assert configuration["features"] == "EnableCSI,EnableAPIGroupVersions"
    assert configuration["logLevel"] == "debug"
    assert configuration["extraArgs"][-1] == "--fs-backup-timeout=8h"
    assert len(configuration["extraArgs"]) == 3
    assert configuration["clientQPS"] == "0.5"
    containers = values["initContainers"]
    assert isinstance(containers, list)
    assert [container["image"] for container in containers] == [
        "reg.example/aws:1",
        "reg.example/mine:1",
    ]
    assert _at(values, "serviceAccount", "server", "annotations") == {
        "eks.amazonaws.com/role-arn": "arn"
    }


def test_a_cluster_without_a_known_velero_is_refused() -> None:
    plan = replace(_plan(), velero=None)
    with pytest.raises(ValueError, match="`prod` runs no known release"):
        velero_values(plan)
