"""What the CSI back end writes: objects that their releases accept, classes, deadlines, rights."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from bpc.backends import csi
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.drivers import DRIVERS
from bpc.plan.points import most_points
from bpc.render import Renderer
from bpc.resources import templates
from bpc.validate import kubernetes_minors, pod_security, validator
from tests.conftest import ROOT
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


@pytest.mark.parametrize("snapshotter", ["6.3", "7.0", "8.0", "8.2", "8.6"])
@pytest.mark.parametrize("kubernetes", ["1.25", "1.31", kubernetes_minors()[-1]])
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


def test_the_class_of_groups_finds_its_secret_and_only_what_the_driver_reads() -> None:
    for each in objects(store(), "VolumeGroupSnapshotClass"):
        assert each["parameters"] == {
            "clusterID": "rook-ceph",
            "csi.storage.k8s.io/group-snapshotter-secret-name": "provisioner",
            "csi.storage.k8s.io/group-snapshotter-secret-namespace": "rook-ceph",
        }


@pytest.mark.parametrize(
    ("snapshotter", "version"),
    [("7.0", "v1alpha1"), ("8.0", "v1alpha1"), ("8.2", "v1beta1"), ("8.6", "v1")],
)
def test_the_class_of_groups_has_the_newest_version_that_is_served(
    snapshotter: str, version: str
) -> None:
    found = store(snapshotter=snapshotter, deletion="retain")
    (only,) = objects(found, "VolumeGroupSnapshotClass")
    assert only["apiVersion"] == f"groupsnapshot.storage.k8s.io/{version}"
    assert only["deletionPolicy"] == "Retain"
    (job,) = [each for each in objects(found, "CronJob") if _of(each) == "group"]
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
        assert spec["jobTemplate"]["spec"]["backoffLimit"] == 1


def test_jobs_keep_no_more_than_their_schedule_makes() -> None:
    found = store()
    rungs = {
        (dataset.name, rung.name): rung
        for dataset in found.datasets.values()
        for rung in dataset.rungs
    }
    for job in objects(found, "CronJob"):
        rung = rungs[_of(job), _environment(job)["RUNG"]]
        assert _environment(job)["KEEP_AT_MOST"] == str(most_points(rung))
        assert _environment(job)["KEEP_SECONDS"] == str(rung.keep)
        assert job["spec"]["schedule"] == rung.cron
        assert job["spec"]["timeZone"] == rung.zone


@pytest.mark.parametrize("deletion", ["retain", "delete"])
@pytest.mark.parametrize("name", DATASETS)
def test_each_job_uses_a_class_that_does_what_its_dataset_says(name: str, deletion: str) -> None:
    text = STORE.format(
        kubernetes="1.31", snapshotter="8.2", together="true", deletion="retain"
    ).replace("claims:", f"deletion: {deletion}, claims:", 1)
    text = text.replace("together: true", f"together: true\n      deletion: {deletion}")
    text = text.replace("deletion: retain}", f"deletion: {deletion}}}")
    found = estate(text)
    kind = "VolumeGroupSnapshotClass" if name == "group" else "VolumeSnapshotClass"
    classes = {each["metadata"]["name"]: each for each in objects(found, kind)}
    jobs = [each for each in objects(found, "CronJob") if _of(each) == name]
    assert jobs
    for job in jobs:
        used = classes[_environment(job)["SNAPSHOT_CLASS"]]
        assert used["deletionPolicy"].lower() == deletion
        assert (_environment(job)["RETAIN"] == "true") is (deletion == "retain")
    bound = {each["metadata"]["name"] for each in objects(found, "ClusterRoleBinding")}
    assert (f"shop--{name}" in bound) is (deletion == "retain")


def test_a_group_that_goes_with_its_object_has_the_class_for_it_even_alone() -> None:
    text = STORE.format(kubernetes="1.31", snapshotter="8.2", together="true", deletion="retain")
    found = estate(text.replace("together: true", "together: true\n      deletion: delete"))
    used = {_environment(job)["SNAPSHOT_CLASS"] for job in objects(found, "CronJob")}
    kinds = ("VolumeSnapshotClass", "VolumeGroupSnapshotClass")
    made = {each["metadata"]["name"] for kind in kinds for each in objects(found, kind)}
    assert len(used) == 2
    assert used <= made


def test_velero_finds_one_class_of_groups_from_the_release_on_that_looks_for_it() -> None:
    for release, labelled in (("null", 0), ('"1.16"', 0), ('"1.17"', 1)):
        text = STORE.format(
            kubernetes="1.31", snapshotter="8.2", together="true", deletion="delete"
        ).replace("velero: null, snap", f"velero: {release}, snap")
        classes = objects(estate(text), "VolumeGroupSnapshotClass")
        label = "velero.io/csi-volumegroupsnapshot-class"
        found = [each for each in classes if label in each["metadata"]["labels"]]
        assert len(classes) == 2
        assert [each["deletionPolicy"] for each in found] == ["Retain"] * labelled


def test_the_time_to_wait_for_the_storage_leaves_room_for_the_rest() -> None:
    for limit, ready in (("20m", 1080), ("3m", 90)):
        text = STORE.format(
            kubernetes="1.31", snapshotter="8.2", together="true", deletion="delete"
        ).replace("run: 20m", f"run: {limit}")
        for job in objects(estate(text), "CronJob"):
            assert _environment(job)["READY_SECONDS"] == str(ready)


def test_names_fit_however_long_their_parts_are() -> None:
    long = "a" * 63
    found = estate(
        STORE.format(kubernetes="1.31", snapshotter="8.2", together="true", deletion="delete")
        .replace("name: named", f"name: {long}")
        .replace("rook-ceph.rbd.csi.ceph.com", f"{'r' * 46}.rbd.csi.ceph.com")
    )
    check = validator(target(found.clusters["prod"])).check
    for file in files(found):
        if file.data is None:
            continue
        name = dict(file.data).get("metadata", {}).get("name", "")
        limit = names.CRONJOB_LIMIT if file.data["kind"] == "CronJob" else names.LABEL_LIMIT
        assert len(name) <= limit
        assert [*check(file.data)] == []


def test_kustomize_builds_what_restores_a_dataset(tmp_path: Path) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl: kustomize build of a restore directory")
    for file in files(store()):
        path = tmp_path / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file.content, encoding="utf-8")
    for dataset in DATASETS:
        directory = tmp_path / names.restore_directory("shop", dataset)
        result = subprocess.run(
            [kubectl, "kustomize", str(directory)], capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stderr
        kinds = sorted(each["kind"] for each in yaml.safe_load_all(result.stdout))
        assert kinds == ["ConfigMap", "Job", "Role", "RoleBinding", "ServiceAccount"]


def test_the_page_names_every_driver_with_its_parameters() -> None:
    page = (ROOT / "docs" / "backends" / "csi.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    for driver in DRIVERS:
        (row,) = [line for line in rows if f"`{driver.name}`" in line.split("|")[1]]
        _, _, strict, groups, parameters, _note, _ = row.split("|")
        assert strict.strip() == ("yes" if driver.strict else "no"), driver.name
        assert groups.strip() == ("yes" if driver.groups else "no"), driver.name
        assert set(parameters.replace("`", "").strip().split(", ")) == (
            set(driver.parameters) or {"none"}
        ), driver.name


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
    return {each["name"]: each.get("value", "") for each in container["env"]}


def test_a_second_attempt_knows_the_run_that_it_belongs_to() -> None:
    for job in objects(store(), "CronJob"):
        (container,) = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
        (run,) = [each for each in container["env"] if each["name"] == "RUN"]
        assert run["valueFrom"] == {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}


def test_scripts_get_every_word_that_they_use_from_their_job() -> None:
    own = {"KIND", "CONTENTS", "BOUND", "REFERENCE", "HANDLE", "FIELDS", "MEMBERS", "SCRATCH"}
    own |= {"DEADLINE", "MANIFEST", "SINGLE", "END", "LIVE", "GROUPS_KIND"}
    jobs = [*objects(store(), "CronJob"), *objects(store(), "Job")]
    maps = {each["metadata"]["name"]: each["data"] for each in objects(store(), "ConfigMap")}
    assert len(jobs) == 2 * len(DATASETS)
    for job in jobs:
        pod = job["spec"].get("jobTemplate", job)["spec"]["template"]["spec"]
        (scripts,) = [v["configMap"]["name"] for v in pod["volumes"] if "configMap" in v]
        text = "\n".join(maps[scripts].values())
        used = set(re.findall(r"\$([A-Z_]+)", text)) - own
        assert used == {each["name"] for each in pod["containers"][0]["env"]} & used
        assert used


def test_what_is_made_by_hand_only_can_still_be_restored() -> None:
    text = STORE.format(kubernetes="1.31", snapshotter="8.2", together="true", deletion="retain")
    found = estate(text.replace("{name: named, type", "{name: named, schedule: manual, type"))
    assert "named" not in {_of(job) for job in objects(found, "CronJob")}
    assert "shop--named--restore" in {each["metadata"]["name"] for each in objects(found, "Job")}


def test_what_somebody_else_holds_is_left_to_them() -> None:
    text = STORE.format(kubernetes="1.31", snapshotter="8.2", together="true", deletion="retain")
    held = "{name: named, heldBy: {who: provider, evidence: contract}, type"
    found = estate(text.replace("{name: named, type", held))
    assert not [file.path for file in files(found) if "named" in file.path]
