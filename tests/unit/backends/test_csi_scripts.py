"""The scripts of the CSI jobs, run for real in two shells against a stand-in for kubectl."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.unit.backends.stub_kubectl import jsonpath

SCRIPTS = ROOT / "templates" / "csi" / "scripts"
STUB = Path(__file__).with_name("stub_kubectl.py")
DAY = 86_400
SHELLS = ("dash", "bash", "busybox")


class Cluster:
    """A cluster in a file, and a shell to run scripts against it."""

    def __init__(self, home: Path, shell: str) -> None:
        self.home, self.shell = home, shell
        self.state_file = home / "state.json"
        (home / "bin").mkdir()
        stub = home / "bin" / "kubectl"
        stub.write_text(f'#!/bin/sh\nexec {sys.executable} {STUB} "$@"\n', encoding="utf-8")
        stub.chmod(0o755)
        # Scripts start themselves with /bin/sh; the shell under test takes its place.
        self.state: dict[str, Any] = {
            "objects": {"persistentvolumeclaims": {}, "volumesnapshots": {}},
            "contents": {},
            "calls": [],
            "never_ready": [],
            "broken": [],
            "unreadable": [],
            "undeletable": [],
        }

    def claim(self, name: str, **labels: str) -> None:
        self.state["objects"]["persistentvolumeclaims"][name] = {
            "metadata": {"name": name, "labels": labels},
            "spec": {"storageClassName": "live-class", "accessModes": ["ReadWriteMany"]},
        }

    def snapshot(
        self, claim: str, days: float, *, ready: bool = True, owner: str | None = None
    ) -> str:
        taken = int(time.time() - days * DAY)
        name = f"{claim}--daily--{taken}"
        self.state["objects"]["volumesnapshots"][name] = {
            "metadata": {
                "name": name,
                "creationTimestamp": "2026-01-01T00:00:00Z",
                "labels": {
                    "bpc/policy": "files",
                    "bpc/dataset": "media",
                    "bpc/rung": "daily",
                    "bpc/taken": str(taken),
                },
            },
            "spec": {"source": {"persistentVolumeClaimName": claim}},
            "status": {
                "readyToUse": ready,
                "boundVolumeSnapshotContentName": f"content-of-{name}",
                "restoreSize": "10Gi",
            },
        }
        self.state["contents"][f"content-of-{name}"] = {
            "deletionPolicy": "Retain",
            "volumeSnapshotRef": {"namespace": "data", "name": owner or name},
        }
        return name

    def run(self, script: str, **values: str) -> subprocess.CompletedProcess[str]:
        self.state_file.write_text(json.dumps(self.state), encoding="utf-8")
        text = (SCRIPTS / script).read_text(encoding="utf-8")
        shell = (
            f"{shutil.which('busybox')} sh" if self.shell == "busybox" else shutil.which(self.shell)
        )
        copy = self.home / "run.sh"
        copy.write_text(text.replace('/bin/sh "$0"', f'{shell} "$0"'), encoding="utf-8")
        environment = {
            "PATH": f"{self.home / 'bin'}:/usr/bin:/bin",
            "STUB_STATE": str(self.state_file),
            "TMPDIR": str(self.home),
            "NAMESPACE": "data",
            "CLAIMS": "",
            "SELECTOR": "",
            "SNAPSHOT_CLASS": "class",
            "POLICY": "files",
            "DATASET": "media",
            "RUNG": "daily",
            "KEEP_SECONDS": str(7 * DAY),
            "KEEP_AT_MOST": "8",
            "READY_SECONDS": "1",
            "RETAIN": "true",
            "STORAGE_CLASS": "planned-class",
            **values,
        }
        result = subprocess.run(
            [*str(shell).split(), str(copy)],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.state = json.loads(self.state_file.read_text(encoding="utf-8"))
        return result

    @property
    def snapshots(self) -> dict[str, Any]:
        found: dict[str, Any] = self.state["objects"]["volumesnapshots"]
        return found


@pytest.fixture(params=SHELLS)
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Cluster:
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}: the scripts in one more shell")
    return Cluster(tmp_path, request.param)


def of(cluster: Cluster, claim: str) -> list[str]:
    return sorted(
        name
        for name, each in cluster.snapshots.items()
        if each["spec"]["source"].get("persistentVolumeClaimName") == claim
    )


def test_every_claim_is_cut_and_what_is_too_old_goes(cluster: Cluster) -> None:
    for claim in ("one", "two"):
        cluster.claim(claim)
    old, young = cluster.snapshot("one", 8), cluster.snapshot("one", 3)
    result = cluster.run("snapshot.sh", CLAIMS="one\ntwo")
    assert result.returncode == 0, result.stderr
    assert old not in cluster.snapshots
    assert young in cluster.snapshots
    assert len(of(cluster, "one")) == 2
    assert len(of(cluster, "two")) == 1
    assert f"content-of-{old}" not in cluster.state["contents"]


def test_a_new_snapshot_carries_what_the_next_run_looks_for(cluster: Cluster) -> None:
    cluster.claim("one")
    cluster.run("snapshot.sh", CLAIMS="one")
    (made,) = cluster.snapshots.values()
    labels = made["metadata"]["labels"]
    assert labels["bpc/rung"] == "daily"
    assert abs(int(labels["bpc/taken"]) - time.time()) < 60
    assert made["spec"]["volumeSnapshotClassName"] == "class"
    assert made["metadata"]["annotations"]["kustomize.toolkit.fluxcd.io/prune"] == "disabled"
    assert "ownerReferences" not in made["metadata"]


def test_a_snapshot_that_is_not_ready_fails_the_job_and_removes_nothing(cluster: Cluster) -> None:
    cluster.claim("one")
    old = cluster.snapshot("one", 30)
    cluster.state["never_ready"] = ["one"]
    result = cluster.run("snapshot.sh", CLAIMS="one")
    assert result.returncode == 1
    assert "the storage is full" in result.stdout
    assert old in cluster.snapshots


def test_a_failing_claim_does_not_stop_the_others(cluster: Cluster) -> None:
    cluster.state["never_ready"] = ["bad"]
    result = cluster.run("snapshot.sh", CLAIMS="bad\ngood")
    assert result.returncode == 1
    assert "2 claims, 1 failed" in result.stdout
    (good,) = of(cluster, "good")
    assert cluster.snapshots[good]["status"]["readyToUse"]


def test_the_newest_ready_snapshot_stays_even_if_nothing_is_to_be_kept(cluster: Cluster) -> None:
    names = [cluster.snapshot("one", days) for days in (40, 50, 60)]
    result = cluster.run("snapshot.sh", CLAIMS="one", KEEP_SECONDS="-1", KEEP_AT_MOST="0")
    assert result.returncode == 0, result.stderr
    (left,) = of(cluster, "one")
    assert left not in names


def test_the_newest_that_is_ready_stays_when_a_clock_went_wrong(cluster: Cluster) -> None:
    ready = cluster.snapshot("one", -2)
    unready = cluster.snapshot("one", -3, ready=False)
    result = cluster.run("snapshot.sh", CLAIMS="one", KEEP_SECONDS="-999999", KEEP_AT_MOST="0")
    assert result.returncode == 0, result.stderr
    assert of(cluster, "one") == [ready]
    assert unready not in cluster.snapshots


def test_what_has_no_moment_is_never_removed(cluster: Cluster) -> None:
    by_hand = cluster.snapshot("one", 90)
    del cluster.snapshots[by_hand]["metadata"]["labels"]["bpc/taken"]
    assert cluster.run("snapshot.sh", CLAIMS="one", KEEP_AT_MOST="1").returncode == 0
    assert by_hand in cluster.snapshots


def test_more_than_the_schedule_can_make_are_removed_from_the_oldest_on(cluster: Cluster) -> None:
    names = [cluster.snapshot("one", days / 10) for days in range(1, 8)]
    cluster.run("snapshot.sh", CLAIMS="one", KEEP_AT_MOST="3")
    left = of(cluster, "one")
    assert len(left) == 3
    assert set(left) >= set(names[:2])


def test_snapshots_of_other_claims_and_rungs_are_not_touched(cluster: Cluster) -> None:
    other = cluster.snapshot("other", 90)
    weekly = cluster.snapshot("one", 90)
    cluster.snapshots[weekly]["metadata"]["labels"]["bpc/rung"] = "weekly"
    cluster.run("snapshot.sh", CLAIMS="one")
    assert {other, weekly} <= set(cluster.snapshots)


def test_content_of_somebody_else_is_left_alone_and_the_job_fails(cluster: Cluster) -> None:
    stolen = cluster.snapshot("one", 30, owner="another")
    result = cluster.run("snapshot.sh", CLAIMS="one")
    assert result.returncode == 1
    assert "belongs to data/another" in result.stdout
    assert stolen in cluster.snapshots
    assert cluster.state["contents"][f"content-of-{stolen}"]["deletionPolicy"] == "Retain"


def test_without_retain_contents_are_not_even_looked_at(cluster: Cluster) -> None:
    old = cluster.snapshot("one", 30)
    assert cluster.run("snapshot.sh", CLAIMS="one", RETAIN="false").returncode == 0
    assert old not in cluster.snapshots
    assert not [call for call in cluster.state["calls"] if "patch" in call]


def test_contents_are_told_before_their_snapshots_go(cluster: Cluster) -> None:
    old = cluster.snapshot("one", 30)
    young = cluster.snapshot("one", 1)
    cluster.run("snapshot.sh", CLAIMS="one")
    verbs = [
        next(word for word in call if word in ("patch", "delete", "wait", "create"))
        for call in cluster.state["calls"]
        if not {"get"} & set(call)
    ]
    assert verbs == ["create", "wait", "patch", "delete"]
    (patched,) = [call for call in cluster.state["calls"] if "patch" in call]
    assert f"content-of-{old}" in patched
    assert cluster.state["contents"][f"content-of-{young}"]["deletionPolicy"] == "Retain"


@pytest.mark.parametrize("fault", ["broken", "unreadable"])
def test_an_api_that_fails_fails_the_job(cluster: Cluster, fault: str) -> None:
    old = cluster.snapshot("one", 30)
    cluster.state[fault] = ["volumesnapshots"]
    assert cluster.run("snapshot.sh", CLAIMS="one").returncode == 1
    assert old in cluster.snapshots


def test_a_snapshot_that_cannot_be_deleted_fails_the_job(cluster: Cluster) -> None:
    old = cluster.snapshot("one", 30)
    cluster.state["undeletable"] = [old]
    assert cluster.run("snapshot.sh", CLAIMS="one").returncode == 1


def test_no_claim_at_all_fails_the_job(cluster: Cluster) -> None:
    result = cluster.run("snapshot.sh", SELECTOR="app=nothing")
    assert result.returncode == 1
    assert "nothing is protected" in result.stdout


def test_claims_are_found_by_label(cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    cluster.claim("two", app="x")
    assert cluster.run("snapshot.sh", SELECTOR="app=m").returncode == 0
    assert of(cluster, "one")
    assert not of(cluster, "two")


def group(**values: str) -> dict[str, str]:
    return {"GROUP_VERSION": "groupsnapshot.storage.k8s.io/v1", "LABELS": '{"app":"m"}', **values}


def test_a_group_is_cut_at_one_moment_and_old_groups_go(cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    assert cluster.run("snapshot-group.sh", **group(SELECTOR="app=m")).returncode == 0
    (made,) = cluster.state["objects"]["volumegroupsnapshots"].values()
    assert made["spec"]["source"]["selector"]["matchLabels"] == {"app": "m"}
    old_group(cluster, "old", owner="old")
    assert cluster.run("snapshot-group.sh", **group(SELECTOR="app=m")).returncode == 0
    assert "old" not in cluster.state["objects"]["volumegroupsnapshots"]
    assert "content-of-old" not in cluster.state["contents"]


def old_group(cluster: Cluster, name: str, owner: str) -> None:
    """Turn the only group into one of a month ago."""
    groups = cluster.state["objects"]["volumegroupsnapshots"]
    (made,) = groups.values()
    content = cluster.state["contents"].pop(made["status"]["boundVolumeGroupSnapshotContentName"])
    content["volumeGroupSnapshotRef"]["name"] = owner
    cluster.state["contents"][f"content-of-{name}"] = content
    made["status"]["boundVolumeGroupSnapshotContentName"] = f"content-of-{name}"
    made["metadata"]["name"] = name
    made["metadata"]["labels"]["bpc/taken"] = str(int(time.time()) - 30 * DAY)
    cluster.state["objects"]["volumegroupsnapshots"] = {name: made}


def test_the_group_of_somebody_else_is_left_alone(cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    cluster.run("snapshot-group.sh", **group(SELECTOR="app=m"))
    old_group(cluster, "old", owner="another")
    result = cluster.run("snapshot-group.sh", **group(SELECTOR="app=m"))
    assert result.returncode == 1
    assert "belongs to data/another" in result.stdout
    assert "old" in cluster.state["objects"]["volumegroupsnapshots"]
    assert {each["deletionPolicy"] for each in cluster.state["contents"].values()} == {"Retain"}


def test_a_group_that_is_not_ready_fails_the_job_and_removes_nothing(cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    cluster.run("snapshot-group.sh", **group(SELECTOR="app=m"))
    old_group(cluster, "old", owner="old")
    cluster.state["never_ready"] = ["group"]
    result = cluster.run("snapshot-group.sh", **group(SELECTOR="app=m"))
    assert result.returncode == 1
    assert "nothing older is removed" in result.stdout
    assert "the storage is full" in result.stdout
    assert "old" in cluster.state["objects"]["volumegroupsnapshots"]


def test_a_group_without_claims_fails_the_job(cluster: Cluster) -> None:
    result = cluster.run("snapshot-group.sh", **group(SELECTOR="app=nothing"))
    assert result.returncode == 1
    assert "nothing is protected" in result.stdout
    assert "volumegroupsnapshots" not in cluster.state["objects"]


def claims(cluster: Cluster) -> dict[str, Any]:
    found: dict[str, Any] = cluster.state["objects"]["persistentvolumeclaims"]
    return found


def test_a_claim_comes_back_beside_the_live_one_from_its_newest_snapshot(cluster: Cluster) -> None:
    cluster.claim("one")
    cluster.snapshot("one", 3)
    newest = cluster.snapshot("one", 1)
    cluster.snapshot("one", 0.5, ready=False)
    result = cluster.run("restore.sh", CLAIMS="one")
    assert result.returncode == 0, result.stderr
    spec = claims(cluster)["one-restored"]["spec"]
    assert spec["dataSource"]["name"] == newest
    assert spec["storageClassName"] == "live-class"
    assert spec["accessModes"] == ["ReadWriteMany"]
    assert spec["resources"]["requests"]["storage"] == "10Gi"


def test_an_empty_point_means_the_newest(cluster: Cluster) -> None:
    cluster.snapshot("one", 3)
    newest = cluster.snapshot("one", 1)
    assert cluster.run("restore.sh", CLAIMS="one", POINT_IN_TIME="").returncode == 0
    assert claims(cluster)["one-restored"]["spec"]["dataSource"]["name"] == newest


def test_a_point_before_every_snapshot_fails_the_restore(cluster: Cluster) -> None:
    cluster.snapshot("one", 3)
    moment = str(int(time.time() - 4 * DAY))
    result = cluster.run("restore.sh", CLAIMS="one", POINT_IN_TIME=moment)
    assert result.returncode == 1
    assert "old enough" in result.stdout
    assert claims(cluster) == {}


def test_a_raw_block_volume_comes_back_as_one(cluster: Cluster) -> None:
    cluster.claim("one")
    claims(cluster)["one"]["spec"]["volumeMode"] = "Block"
    cluster.snapshot("one", 1)
    assert cluster.run("restore.sh").returncode == 0
    assert claims(cluster)["one-restored"]["spec"]["volumeMode"] == "Block"


@pytest.mark.parametrize("size", ["0", None])
def test_a_snapshot_without_a_size_gets_that_of_the_live_claim(
    cluster: Cluster, size: str | None
) -> None:
    cluster.claim("one")
    claims(cluster)["one"]["status"] = {"capacity": {"storage": "7Gi"}}
    for claim in ("one", "gone"):
        cluster.snapshots[cluster.snapshot(claim, 1)]["status"]["restoreSize"] = size
    result = cluster.run("restore.sh")
    assert result.returncode == 1
    assert claims(cluster)["one-restored"]["spec"]["resources"]["requests"]["storage"] == "7Gi"
    assert "has no size and claim gone is gone" in result.stdout
    assert "gone-restored" not in claims(cluster)


def test_an_older_point_can_be_asked_for(cluster: Cluster) -> None:
    older = cluster.snapshot("one", 3)
    cluster.snapshot("one", 1)
    moment = str(int(time.time() - 2 * DAY))
    assert cluster.run("restore.sh", CLAIMS="one", POINT_IN_TIME=moment).returncode == 0
    assert claims(cluster)["one-restored"]["spec"]["dataSource"]["name"] == older


def test_a_claim_that_is_gone_gets_the_class_of_the_plan(cluster: Cluster) -> None:
    cluster.snapshot("one", 1)
    assert cluster.run("restore.sh").returncode == 0
    spec = claims(cluster)["one-restored"]["spec"]
    assert spec["storageClassName"] == "planned-class"
    assert spec["accessModes"] == ["ReadWriteOnce"]
    assert spec["volumeMode"] == "Filesystem"


def test_what_exists_is_never_overwritten(cluster: Cluster) -> None:
    cluster.claim("one-restored")
    cluster.snapshot("one", 1)
    result = cluster.run("restore.sh", CLAIMS="one")
    assert result.returncode == 1
    assert "exists already" in result.stdout
    assert "dataSource" not in claims(cluster)["one-restored"]["spec"]


@pytest.mark.parametrize("values", [{"CLAIMS": "one"}, {}])
def test_without_a_usable_snapshot_the_restore_fails(
    cluster: Cluster, values: dict[str, str]
) -> None:
    cluster.snapshot("two", 1, ready=False)
    assert cluster.run("restore.sh", **values).returncode == 1
    assert claims(cluster) == {}


def test_flux_finds_nothing_to_substitute() -> None:
    for script in SCRIPTS.glob("*.sh"):
        assert "${" not in script.read_text(encoding="utf-8"), script.name


def test_kubectl_understands_every_template_and_reads_it_as_the_stand_in_does(
    tmp_path: Path,
) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl: the scripts' jsonpath templates")
    given = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {
            "name": "one",
            "labels": {"bpc/taken": "17"},
            "creationTimestamp": "2026-01-01T00:00:00Z",
        },
        "spec": {
            "source": {"persistentVolumeClaimName": "claim"},
            "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "volumeSnapshotRef": {"namespace": "data", "name": "one"},
            "volumeGroupSnapshotRef": {"namespace": "data", "name": "group"},
        },
        "status": {"readyToUse": True, "restoreSize": "10Gi"},
    }
    file = tmp_path / "object.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    templates = [body for script in sorted(SCRIPTS.glob("*.sh")) for body in _templates(script)]
    assert len(templates) >= 9
    for template in templates:
        result = subprocess.run(
            [kubectl, "label", "--local", "-f", str(file), "x=y", "-o", f"jsonpath={template}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout == jsonpath(template, given)


def _templates(script: Path) -> list[str]:
    """Return the templates of a script, each without the loop around it."""
    text = re.sub(r"'\n[A-Z]+=\$[A-Z]+'", "", script.read_text(encoding="utf-8"))
    found = re.findall(r"'(?:jsonpath=)?(\{[.r][^']*\})'", text)
    return [each.removeprefix("{range .items[*]}").removesuffix("{end}") for each in found]


def test_scripts_are_clean() -> None:
    checker = Path(sys.executable).with_name("shellcheck")
    files = sorted(map(str, SCRIPTS.glob("*.sh")))
    result = subprocess.run(
        [str(checker), "--shell", "sh", *files], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stdout
