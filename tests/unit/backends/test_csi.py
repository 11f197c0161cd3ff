"""What the CSI back end writes: objects that their releases accept, classes, deadlines, rights."""

from __future__ import annotations

from typing import Any

import pytest

from bpc.backends import csi
from bpc.plan.artifact import Artifact
from bpc.render import Renderer
from bpc.resources import templates
from bpc.validate import pod_security, validator
from tests.estates import Estate, estate
from tests.unit.backends.velero_estates import target

RENDER = Renderer(templates())

STORE = """
kind: Cluster
spec:
  kubernetes: "{kubernetes}"
  addons: {{velero: null, snapshotter: "{snapshotter}"}}
  velero: null
  storageClasses:
    - name: block
      driver: rook-ceph.rbd.csi.ceph.com
      system: ceph
      parameters: {{clusterID: rook-ceph}}
      snapshotSecret: provisioner
      snapshotSecretNamespace: rook-ceph
---
kind: Tier
spec:
  copies: null
  limits: {{run: 20m, start: 5m}}
---
kind: BackupPolicy
spec:
  datasets:
    - {{name: named, type: volumes, claims: {{namespace: media, names: [one, two]}}}}
    - name: group
      type: volumes
      claims: {{namespace: shop, matchLabels: {{app: db}}}}
      together: {together}
    - {{name: cheap, type: volumes, claims: {{namespace: shop, names: [three]}}, deletion: {deletion}}}
"""
DATASETS = ("named", "group", "cheap")


def store(
    kubernetes: str = "1.31",
    snapshotter: str = "8.2",
    *,
    together: bool = True,
    deletion: str = "delete",
) -> Estate:
    values = {"kubernetes": kubernetes, "snapshotter": snapshotter, "deletion": deletion}
    found = estate(STORE.format(together=str(together).lower(), **values))
    assert not [each for each in found.findings if each.code.severity == "error"], found.findings
    return found


def files(found: Estate) -> list[Artifact]:
    (plan,) = found.clusters.values()
    return [
        *csi.cluster(plan, RENDER),
        *(file for policy in found.policies for file in csi.policy(policy, RENDER)),
    ]


def objects(found: Estate, kind: str) -> list[dict[str, Any]]:
    return [dict(f.data) for f in files(found) if f.data is not None and f.data["kind"] == kind]


@pytest.mark.parametrize("snapshotter", ["6.3", "8.2", "8.6"])
@pytest.mark.parametrize("kubernetes", ["1.27", "1.31", "1.34"])
def test_every_object_is_valid_for_the_releases_of_its_cluster(
    kubernetes: str, snapshotter: str
) -> None:
    found = store(kubernetes, snapshotter, together=snapshotter != "6.3")
    check = validator(target(found.clusters["prod"])).check
    made = [file for file in files(found) if file.data is not None]
    assert len({file.path for file in made}) == len(made)
    assert [f"{file.path}: {fault}" for file in made for fault in check(file.data)] == []


def test_each_driver_has_one_class_for_velero_and_it_retains() -> None:
    found = objects(store(), "VolumeSnapshotClass")
    labelled = [
        each for each in found if "velero.io/csi-volumesnapshot-class" in each["metadata"]["labels"]
    ]
    assert [each["deletionPolicy"] for each in labelled] == ["Retain"]
    assert sorted(each["deletionPolicy"] for each in found) == ["Delete", "Retain"]


def test_a_class_that_deletes_exists_only_when_it_is_asked_for() -> None:
    (only,) = objects(store(deletion="retain"), "VolumeSnapshotClass")
    assert only["deletionPolicy"] == "Retain"


def test_ceph_finds_its_secret_and_its_cluster() -> None:
    for each in objects(store(), "VolumeSnapshotClass"):
        assert each["parameters"] == {
            "clusterID": "rook-ceph",
            "csi.storage.k8s.io/snapshotter-secret-name": "provisioner",
            "csi.storage.k8s.io/snapshotter-secret-namespace": "rook-ceph",
        }


@pytest.mark.parametrize(("snapshotter", "version"), [("8.2", "v1beta1"), ("8.6", "v1")])
def test_the_class_of_groups_has_the_newest_version_that_is_served(
    snapshotter: str, version: str
) -> None:
    (only,) = objects(store(snapshotter=snapshotter), "VolumeGroupSnapshotClass")
    assert only["apiVersion"] == f"groupsnapshot.storage.k8s.io/{version}"
    assert only["deletionPolicy"] == "Retain"
    (job,) = [j for j in objects(store(snapshotter=snapshotter), "CronJob") if _of(j) == "group"]
    assert _environment(job)["GROUP_VERSION"] == only["apiVersion"]


def test_no_class_of_groups_is_written_when_nothing_is_cut_together() -> None:
    assert objects(store(together=False), "VolumeGroupSnapshotClass") == []


def test_jobs_end_in_time_never_overlap_and_start_in_time() -> None:
    jobs = objects(store(), "CronJob")
    assert {_of(job) for job in jobs} == set(DATASETS)
    for job in jobs:
        spec = job["spec"]
        assert spec["concurrencyPolicy"] == "Forbid"
        assert spec["startingDeadlineSeconds"] == 300
        assert spec["jobTemplate"]["spec"]["activeDeadlineSeconds"] == 1200
        assert int(_environment(job)["READY_SECONDS"]) < 1200


def test_pods_keep_to_the_restricted_level_with_a_pinned_image() -> None:
    found = store()
    for job in (*objects(found, "CronJob"), *objects(found, "Job")):
        template = job["spec"].get("jobTemplate", job)["spec"]["template"]
        assert pod_security(template["spec"]) == []
        for container in template["spec"]["containers"]:
            assert "@sha256:" in container["image"]
            assert set(container["resources"]) == {"requests", "limits"}


def test_a_job_may_only_touch_the_snapshots_of_its_own_namespace() -> None:
    for role in objects(store(), "Role"):
        granted = {resource for rule in role["rules"] for resource in rule["resources"]}
        assert "secrets" not in granted
        assert "*" not in {verb for rule in role["rules"] for verb in rule["verbs"]}
    (releaser,) = objects(store(), "ClusterRole")
    verbs = {verb for rule in releaser["rules"] for verb in rule["verbs"]}
    assert verbs <= {"get", "patch"}


def test_what_owns_data_is_never_pruned() -> None:
    for kind in ("VolumeSnapshotClass", "VolumeGroupSnapshotClass"):
        for each in objects(store(), kind):
            annotations = each["metadata"]["annotations"]
            assert annotations["kustomize.toolkit.fluxcd.io/prune"] == "disabled"
            assert annotations["argocd.argoproj.io/sync-options"] == "Prune=false,Delete=false"


def test_a_paused_dataset_keeps_its_jobs_suspended() -> None:
    changes = STORE.replace("deletion: {deletion}", "deletion: {deletion}, paused: true")
    found = estate(
        changes.format(kubernetes="1.31", snapshotter="8.2", together="false", deletion="retain")
    )
    for job in objects(found, "CronJob"):
        assert job["spec"].get("suspend", False) is (_of(job) == "cheap")


def _of(job: dict[str, Any]) -> str:
    return str(_environment(job)["DATASET"])


def _environment(job: dict[str, Any]) -> dict[str, str]:
    (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each["value"] for each in container["env"]}
