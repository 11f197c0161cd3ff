"""The scripts of the jobs that cut volumes, run for real in several shells against a cluster in memory."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bpc.plan import names
from tests.shells import every
from tests.unit.backends.csi_cluster import (
    CLAIMS,
    CONTENTS,
    GROUP_CONTENTS,
    GROUPS,
    SCRIPTS,
    SHELLS,
    SNAPSHOTS,
    Cluster,
    Shell,
    fill,
    shell_on_a_cluster,
)

GROUP = {
    "GROUP_VERSION": "groupsnapshot.storage.k8s.io/v1",
    "LABELS": '{"app":"m"}',
    "SELECTOR": "app=m",
}


@pytest.fixture(params=every(SHELLS))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}: the scripts in one more shell")
    with shell_on_a_cluster(request.param, tmp_path) as shell:
        yield shell


@pytest.fixture
def cluster(shell: Shell) -> Cluster:
    return shell.cluster


def of(cluster: Cluster, claim: str) -> set[str]:
    return {
        name
        for name, each in cluster.of(SNAPSHOTS).items()
        if each["spec"]["source"].get("persistentVolumeClaimName") == claim
    }


def verbs(cluster: Cluster) -> list[str]:
    known = ("create", "get", "wait", "patch", "delete")
    return [word for call in cluster.calls for word in call if word in known]


def test_every_claim_is_cut_and_what_is_too_old_goes_from_the_storage(
    shell: Shell, cluster: Cluster
) -> None:
    old, young = cluster.snapshot("one", 8), cluster.snapshot("one", 3)
    result = shell.run("snapshot.sh", CLAIMS="one\ntwo")
    assert result.returncode == 0, result.stdout + result.stderr
    assert old not in cluster.of(SNAPSHOTS)
    assert f"handle-of-{old}" not in cluster.storage
    assert young in cluster.of(SNAPSHOTS)
    assert len(of(cluster, "one")) == 2
    assert len(of(cluster, "two")) == 1
    assert "2 claims, 0 failed" in result.stdout


def test_all_claims_are_cut_before_anything_is_waited_for(shell: Shell, cluster: Cluster) -> None:
    shell.run("snapshot.sh", CLAIMS="one\ntwo\nthree")
    found = verbs(cluster)
    assert found.index("wait") > len(found) - 1 - found[::-1].index("create")


def test_a_new_snapshot_carries_what_the_next_run_looks_for(shell: Shell, cluster: Cluster) -> None:
    shell.run("snapshot.sh", CLAIMS="one")
    ((name, made),) = cluster.of(SNAPSHOTS).items()
    assert re.fullmatch(r"one--daily--[0-9]{14}", name)
    labels = made["metadata"]["labels"]
    assert labels[names.POLICY] == "files"
    assert labels[names.DATASET] == "media"
    assert labels[names.RUNG] == "daily"
    assert abs(int(labels["bpc/taken"]) - time.time()) < 60
    assert made["metadata"]["annotations"] == names.keep()
    assert made["spec"]["volumeSnapshotClassName"] == "class"
    assert "ownerReferences" not in made["metadata"]


def test_the_log_tells_the_moment_and_the_storage_s_own_name(shell: Shell) -> None:
    lines = shell.run("snapshot.sh", CLAIMS="one").stdout.splitlines()
    (ready,) = [line for line in lines if "is ready" in line]
    assert re.match(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:]{8}Z snapshot one--daily--", ready)
    assert "; its handle is handle-of-one--daily--" in ready


def test_a_snapshot_that_is_not_ready_fails_the_job_and_removes_nothing(
    shell: Shell, cluster: Cluster
) -> None:
    old = cluster.snapshot("one", 30)
    cluster.never_ready = {"one"}
    result = shell.run("snapshot.sh", CLAIMS="one")
    assert result.returncode == 1
    assert "the storage is full" in result.stdout
    assert old in cluster.of(SNAPSHOTS)
    assert "delete" not in verbs(cluster)


def test_a_failing_claim_does_not_stop_the_others(shell: Shell, cluster: Cluster) -> None:
    old = cluster.snapshot("good", 30)
    cluster.never_ready = {"bad"}
    result = shell.run("snapshot.sh", CLAIMS="bad\ngood")
    assert result.returncode == 1
    assert "2 claims, 1 failed" in result.stdout
    assert len(of(cluster, "good")) == 1
    assert old not in cluster.of(SNAPSHOTS)


def test_a_second_attempt_goes_on_with_what_the_first_one_cut(
    shell: Shell, cluster: Cluster
) -> None:
    cluster.never_ready = {"bad"}
    shell.run("snapshot.sh", CLAIMS="bad\ngood")
    before = dict(cluster.of(SNAPSHOTS))
    for each in before.values():
        each["status"]["readyToUse"] = True
    assert shell.run("snapshot.sh", CLAIMS="bad\ngood").returncode == 0
    assert set(cluster.of(SNAPSHOTS)) == set(before)


def test_another_run_cuts_anew(shell: Shell, cluster: Cluster) -> None:
    earlier = cluster.snapshot("one", 1)
    cluster.of(SNAPSHOTS)[earlier]["metadata"]["labels"]["bpc/run"] = "files--media--daily-0"
    assert shell.run("snapshot.sh", CLAIMS="one").returncode == 0
    assert len(of(cluster, "one")) == 2


def test_without_a_run_every_attempt_cuts(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 1)
    assert shell.run("snapshot.sh", CLAIMS="one", RUN="").returncode == 0
    assert len(of(cluster, "one")) == 2


def test_the_newest_ready_snapshot_stays_however_old_it_is(shell: Shell, cluster: Cluster) -> None:
    # Its clock is ahead, so the one that was cut just now counts as older, and both are long expired.
    future = cluster.snapshot("one", -1)
    result = shell.run("snapshot.sh", CLAIMS="one", KEEP_SECONDS="-200000")
    assert result.returncode == 0, result.stdout
    assert of(cluster, "one") == {future}


def test_nothing_is_removed_while_the_schedule_stands_still(shell: Shell, cluster: Cluster) -> None:
    kept = {cluster.snapshot("one", days) for days in (40, 50, 60)}
    cluster.broken = {("create", SNAPSHOTS)}
    assert shell.run("snapshot.sh", CLAIMS="one").returncode == 1
    assert of(cluster, "one") == kept


def test_more_than_the_schedule_can_make_are_removed_from_the_oldest_on(
    shell: Shell, cluster: Cluster
) -> None:
    made = [cluster.snapshot("one", tenths / 10) for tenths in range(1, 8)]
    shell.run("snapshot.sh", CLAIMS="one", KEEP_AT_MOST="3")
    assert len(of(cluster, "one")) == 3
    assert of(cluster, "one") >= {*made[:2]}


def test_what_never_became_ready_goes_when_it_is_too_old_and_is_not_counted(
    shell: Shell, cluster: Cluster
) -> None:
    dead = cluster.snapshot("one", 8, ready=False)
    fresh = cluster.snapshot("one", 1, ready=False)
    older = cluster.snapshot("one", 2)
    assert shell.run("snapshot.sh", CLAIMS="one", KEEP_AT_MOST="2").returncode == 0
    assert dead not in cluster.of(SNAPSHOTS)
    assert {fresh, older} < of(cluster, "one")


def test_snapshots_of_other_claims_and_rungs_are_not_touched(
    shell: Shell, cluster: Cluster
) -> None:
    others = {cluster.snapshot("other", 90), cluster.snapshot("one", 90, rung="weekly")}
    hand_made = cluster.snapshot("one", 90)
    del cluster.of(SNAPSHOTS)[hand_made]["metadata"]["labels"][names.POLICY]
    shell.run("snapshot.sh", CLAIMS="one")
    assert others | {hand_made} <= set(cluster.of(SNAPSHOTS))


@pytest.mark.parametrize("taken", ["", "yesterday", "-5", "0x10", "010", "1;x"])
def test_a_snapshot_that_does_not_say_when_it_was_taken_is_left_alone(
    shell: Shell, cluster: Cluster, taken: str
) -> None:
    odd = cluster.snapshot("one", 90)
    cluster.of(SNAPSHOTS)[odd]["metadata"]["labels"]["bpc/taken"] = taken
    old = cluster.snapshot("one", 91)
    result = shell.run("snapshot.sh", CLAIMS="one")
    assert result.returncode == 0, result.stdout
    assert odd in of(cluster, "one")
    assert old not in of(cluster, "one")


def test_content_of_somebody_else_is_left_alone_and_the_rest_is_removed(
    shell: Shell, cluster: Cluster
) -> None:
    stolen, old = cluster.snapshot("one", 30), cluster.snapshot("one", 40)
    content = cluster.of(CONTENTS)[f"content-of-{stolen}"]
    content["spec"]["volumeSnapshotRef"]["name"] = "another"
    result = shell.run("snapshot.sh", CLAIMS="one")
    assert result.returncode == 1
    assert "belongs to data/another" in result.stdout
    assert "1 could not be removed" in result.stdout
    assert stolen in cluster.of(SNAPSHOTS)
    assert content["spec"]["deletionPolicy"] == "Retain"
    assert old not in cluster.of(SNAPSHOTS)


def test_only_contents_of_what_is_removed_are_patched(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 3)
    cluster.snapshot("one", 30)
    shell.run("snapshot.sh", CLAIMS="one")
    assert {each["spec"]["deletionPolicy"] for each in cluster.of(CONTENTS).values()} == {"Retain"}
    assert verbs(cluster).count("patch") == 1


def test_without_retain_contents_are_not_even_looked_at(shell: Shell, cluster: Cluster) -> None:
    old = cluster.snapshot("one", 30)
    assert shell.run("snapshot.sh", CLAIMS="one", RETAIN="false").returncode == 0
    assert old not in cluster.of(SNAPSHOTS)
    assert not [call for call in cluster.calls if any("contents" in word for word in call)]


@pytest.mark.parametrize(
    "fault",
    [
        ("create", SNAPSHOTS),
        ("get", SNAPSHOTS),
        ("wait", SNAPSHOTS),
        ("delete", SNAPSHOTS),
        ("get", CONTENTS),
        ("patch", CONTENTS),
    ],
)
def test_an_api_that_fails_fails_the_job_and_the_old_one_stays(
    shell: Shell, cluster: Cluster, fault: tuple[str, str]
) -> None:
    old = cluster.snapshot("one", 30)
    cluster.broken = {fault}
    result = shell.run("snapshot.sh", CLAIMS="one")
    assert result.returncode == 1
    assert "1 claims, 1 failed" in result.stdout
    assert old in cluster.of(SNAPSHOTS)


@pytest.mark.parametrize("selector", ["app=nothing", ""])
def test_no_claim_at_all_fails_the_job(shell: Shell, selector: str) -> None:
    result = shell.run("snapshot.sh", SELECTOR=selector)
    assert result.returncode == 1
    assert "nothing is protected" in result.stdout


def test_claims_that_cannot_be_listed_fail_the_job(shell: Shell, cluster: Cluster) -> None:
    cluster.broken = {("get", CLAIMS)}
    assert shell.run("snapshot.sh", SELECTOR="app=m").returncode == 1
    assert "create" not in verbs(cluster)


def test_claims_are_found_by_label(shell: Shell, cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    cluster.claim("two", app="x")
    assert shell.run("snapshot.sh", SELECTOR="app=m").returncode == 0
    assert of(cluster, "one")
    assert not of(cluster, "two")


def test_names_at_their_limits_stay_apart_and_valid(shell: Shell, cluster: Cluster) -> None:
    long = [f"{'a' * 199}.{'b' * 50}{end}" for end in ("1", "2")]
    dotted = ["x.y--daily", "0"]
    result = shell.run("snapshot.sh", CLAIMS="\n".join(long + dotted))
    assert result.returncode == 0, result.stdout + result.stderr
    assert all(len(of(cluster, claim)) == 1 for claim in long + dotted)


def test_hostile_words_reach_kubectl_as_words_or_not_at_all(shell: Shell, cluster: Cluster) -> None:
    evil = "$(touch pwned) `touch pwned`; touch pwned #"
    cluster.claim("one", app="m")
    result = shell.run("snapshot.sh", SELECTOR=f"app={evil}")
    assert result.returncode == 1
    (call,) = [call for call in cluster.calls if CLAIMS in call]
    assert call[call.index("--selector") + 1] == f"app={evil}"
    assert not list(Path(str(shell._home)).glob("**/pwned"))


def test_a_group_is_cut_at_one_moment(shell: Shell, cluster: Cluster) -> None:
    for claim in ("one", "two"):
        cluster.claim(claim, app="m")
    result = shell.run("snapshot-group.sh", **GROUP)
    assert result.returncode == 0, result.stdout + result.stderr
    ((name, made),) = cluster.of(GROUPS).items()
    assert re.fullmatch(r"media--daily--[0-9]{14}", name)
    assert made["apiVersion"] == GROUP["GROUP_VERSION"]
    assert made["spec"]["volumeGroupSnapshotClassName"] == "class"
    assert made["metadata"]["annotations"] == names.keep()
    assert len(of(cluster, "one") | of(cluster, "two")) == 2


def test_old_groups_go_with_all_their_contents(shell: Shell, cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    old, young = cluster.group(30, "one", "two"), cluster.group(1, "one", "two")
    result = shell.run("snapshot-group.sh", **GROUP)
    assert result.returncode == 0, result.stdout + result.stderr
    assert old not in cluster.of(GROUPS)
    assert young in cluster.of(GROUPS)
    for kind in (CONTENTS, GROUP_CONTENTS):
        assert not [name for name in cluster.of(kind) if old in name]
    assert not [handle for handle in cluster.storage if old in handle]


def test_the_newest_group_that_is_ready_is_never_removed(shell: Shell, cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    future = cluster.group(-1, "one")
    assert shell.run("snapshot-group.sh", KEEP_SECONDS="-200000", **GROUP).returncode == 0
    assert set(cluster.of(GROUPS)) == {future}


def test_a_group_that_is_not_ready_fails_the_job_and_removes_nothing(
    shell: Shell, cluster: Cluster
) -> None:
    cluster.claim("one", app="m")
    old = cluster.group(30, "one")
    cluster.never_ready = {"one"}
    result = shell.run("snapshot-group.sh", **GROUP)
    assert result.returncode == 1
    assert "nothing older is removed" in result.stdout
    assert old in cluster.of(GROUPS)


def test_members_that_belong_to_somebody_else_keep_their_group(
    shell: Shell, cluster: Cluster
) -> None:
    cluster.claim("one", app="m")
    old = cluster.group(30, "one")
    cluster.of(CONTENTS)[f"content-of-{old}-one"]["spec"]["volumeSnapshotRef"]["name"] = "another"
    result = shell.run("snapshot-group.sh", **GROUP)
    assert result.returncode == 1
    assert old in cluster.of(GROUPS)
    assert cluster.of(GROUP_CONTENTS)[f"content-of-{old}"]["spec"]["deletionPolicy"] == "Retain"


def test_a_group_without_retain_is_just_deleted(shell: Shell, cluster: Cluster) -> None:
    cluster.claim("one", app="m")
    old = cluster.group(30, "one")
    assert shell.run("snapshot-group.sh", RETAIN="false", **GROUP).returncode == 0
    assert old not in cluster.of(GROUPS)
    assert "patch" not in verbs(cluster)


def test_a_second_attempt_goes_on_with_the_group_of_the_first(
    shell: Shell, cluster: Cluster
) -> None:
    cluster.claim("one", app="m")
    assert shell.run("snapshot-group.sh", **GROUP).returncode == 0
    assert shell.run("snapshot-group.sh", **GROUP).returncode == 0
    assert len(cluster.of(GROUPS)) == 1


def test_a_group_of_nothing_fails_the_job(shell: Shell, cluster: Cluster) -> None:
    result = shell.run("snapshot-group.sh", **GROUP)
    assert result.returncode == 1
    assert "nothing is protected" in result.stdout
    assert not cluster.of(GROUPS)


@pytest.mark.parametrize("shell", SHELLS[:1], indirect=True)
def test_kubectl_reads_every_template_as_the_cluster_in_memory_does(
    shell: Shell, cluster: Cluster, tmp_path: Path
) -> None:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("needs kubectl: the scripts' jsonpath templates")
    cluster.claim("one", app="m")
    for script in ("snapshot.sh", "snapshot-group.sh"):
        cluster.snapshot("one", 30)
        cluster.group(30, "one")
        assert shell.run(script, **GROUP).returncode == 0
    for together in ("true", "false"):
        shell.run("restore.sh", STORAGE_CLASS="x", WAIT_SECONDS="0", TOGETHER=together)
    given = {
        "apiVersion": "snapshot.storage.k8s.io/v1",
        "kind": "VolumeSnapshot",
        "metadata": {
            "name": "one",
            "labels": {"bpc/taken": "17"},
            "annotations": {"bpc/claim": "x"},
        },
        "spec": {
            "source": {"persistentVolumeClaimName": "claim"},
            "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "volumeSnapshotRef": {"namespace": "data", "name": "one"},
        },
        "status": {"readyToUse": True, "capacity": {"storage": "10Gi"}, "snapshotHandle": "h"},
    }
    file = tmp_path / "object.json"
    file.write_text(json.dumps(given), encoding="utf-8")
    outputs = {word for call in cluster.calls for word in call if word.startswith("jsonpath={")}
    outputs |= {word for call in cluster.calls for word in call if word.startswith("jsonpath=;")}
    assert len(outputs) >= 12
    for output in sorted(outputs):
        template = output.removeprefix("jsonpath=").removeprefix("{range .items[*]}")
        template = template.removesuffix("{end}")
        result = subprocess.run(
            [kubectl, "label", "--local", "-f", str(file), "x=y", "-o", f"jsonpath={template}"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stderr
        assert result.stdout == fill(template, given)


def test_scripts_are_clean() -> None:
    checker = Path(sys.executable).with_name("shellcheck")
    files = sorted(map(str, SCRIPTS.glob("*.sh")))
    result = subprocess.run(
        [str(checker), "--external-sources", "--shell", "sh", *files],
        cwd=SCRIPTS.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
