"""The scripts that bring volumes back, run for real in several shells against a cluster in memory."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from bpc.plan import names
from tests.shells import every
from tests.unit.backends.csi_cluster import (
    CLAIMS,
    CONTENTS,
    DAY,
    GROUPS,
    SHELLS,
    SNAPSHOTS,
    Cluster,
    Shell,
    moment,
    shell_on_a_cluster,
)


@pytest.fixture(params=every(SHELLS))
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}: the scripts in one more shell")
    with shell_on_a_cluster(request.param, tmp_path) as shell:
        yield shell


@pytest.fixture
def cluster(shell: Shell) -> Cluster:
    return shell.cluster


def restore(shell: Shell, **values: str) -> CompletedProcess[str]:
    given = {"STORAGE_CLASS": "planned-class", "WAIT_SECONDS": "0", "TOGETHER": "false"}
    return shell.run("restore.sh", **(given | values))


def restored(cluster: Cluster, claim: str) -> dict[str, Any]:
    spec: dict[str, Any] = cluster.of(CLAIMS)[f"{claim}-restored"]["spec"]
    return spec


def test_a_claim_comes_back_beside_the_live_one_from_its_newest_snapshot(
    shell: Shell, cluster: Cluster
) -> None:
    cluster.claim("one")
    cluster.snapshot("one", 3)
    newest = cluster.snapshot("one", 1, rung="hourly")
    cluster.snapshot("one", 0.5, ready=False)
    result = restore(shell, CLAIMS="one")
    assert result.returncode == 0, result.stdout + result.stderr
    spec = restored(cluster, "one")
    assert spec["dataSource"]["name"] == newest
    assert spec["storageClassName"] == "live-class"
    assert spec["accessModes"] == ["ReadWriteMany"]
    assert spec["volumeMode"] == "Block"
    assert spec["resources"]["requests"]["storage"] == "10Gi"
    assert "claim one-restored is Bound" in result.stdout
    assert "dataSource" not in cluster.of(CLAIMS)["one"]["spec"]


def test_an_empty_point_means_the_newest(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 3)
    newest = cluster.snapshot("one", 1)
    assert restore(shell, CLAIMS="one", POINT="").returncode == 0
    assert restored(cluster, "one")["dataSource"]["name"] == newest


def test_a_point_before_every_snapshot_fails_the_restore(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 3)
    result = restore(shell, CLAIMS="one", POINT=moment(time.time() - 4 * DAY))
    assert result.returncode == 1
    assert "old enough" in result.stdout
    assert cluster.of(CLAIMS) == {}


def test_an_older_point_can_be_asked_for(shell: Shell, cluster: Cluster) -> None:
    older = cluster.snapshot("one", 3)
    cluster.snapshot("one", 1)
    at = moment(time.time() - 2 * DAY)
    assert restore(shell, CLAIMS="one", POINT=at).returncode == 0
    assert restored(cluster, "one")["dataSource"]["name"] == older


def test_the_moment_of_a_point_counts_as_that_point(shell: Shell, cluster: Cluster) -> None:
    exact = cluster.snapshot("one", 3)
    cluster.snapshot("one", 1)
    at = cluster.of(SNAPSHOTS)[exact]["status"]["creationTime"]
    assert restore(shell, CLAIMS="one", POINT=at).returncode == 0
    assert restored(cluster, "one")["dataSource"]["name"] == exact


@pytest.mark.parametrize(
    "point", ["yesterday", "1764000000", "2026-11-24", "2026-11-24T02:00:00+01:00", "$(id)"]
)
def test_a_point_that_is_no_moment_in_utc_is_refused(
    shell: Shell, cluster: Cluster, point: str
) -> None:
    cluster.snapshot("one", 1)
    result = restore(shell, CLAIMS="one", POINT=point)
    assert result.returncode == 1
    assert point in result.stdout
    assert not cluster.calls


def test_a_claim_that_is_gone_gets_the_class_of_the_plan(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 1)
    cluster.snapshot("two", 1)
    assert restore(shell).returncode == 0
    for claim in ("one", "two"):
        spec = restored(cluster, claim)
        assert spec["storageClassName"] == "planned-class"
        assert spec["accessModes"] == ["ReadWriteOnce"]
        assert spec["volumeMode"] == "Filesystem"


@pytest.mark.parametrize("size", [None, "0"])
def test_where_the_snapshot_has_no_size_the_live_claim_s_is_taken(
    shell: Shell, cluster: Cluster, size: str | None
) -> None:
    cluster.size = size
    cluster.claim("one")
    cluster.snapshot("one", 1)
    cluster.snapshot("two", 1)
    result = restore(shell, CLAIMS="one\ntwo")
    assert result.returncode == 1
    assert restored(cluster, "one")["resources"]["requests"]["storage"] == "7Gi"
    assert "does not say how large" in result.stdout
    assert "two-restored" not in cluster.of(CLAIMS)


def test_what_exists_is_never_overwritten(shell: Shell, cluster: Cluster) -> None:
    cluster.claim("one-restored")
    cluster.snapshot("one", 1)
    cluster.snapshot("two", 1)
    result = restore(shell, CLAIMS="one\ntwo")
    assert result.returncode == 1
    assert "exists already" in result.stdout
    assert "dataSource" not in restored(cluster, "one")
    assert "dataSource" in restored(cluster, "two")
    assert "2 claims, 1 failed" in result.stdout


@pytest.mark.parametrize("values", [{"CLAIMS": "one"}, {}])
def test_without_a_usable_snapshot_the_restore_fails(
    shell: Shell, cluster: Cluster, values: dict[str, str]
) -> None:
    cluster.snapshot("one", 1, ready=False)
    assert restore(shell, **values).returncode == 1
    assert cluster.of(CLAIMS) == {}


def test_a_claim_that_waits_for_a_pod_is_no_failure(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 1)
    cluster.pending = {"one-restored": "WaitForFirstConsumer"}
    result = restore(shell, CLAIMS="one")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "stays Pending until a pod mounts it" in result.stdout


def test_a_claim_that_waits_for_something_else_is_one(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 1)
    cluster.pending = {"one-restored": "ProvisioningFailed"}
    result = restore(shell, CLAIMS="one")
    assert result.returncode == 1
    assert "still Pending" in result.stdout


@pytest.mark.parametrize("fault", [("get", SNAPSHOTS), ("get", CLAIMS), ("create", CLAIMS)])
def test_an_api_that_fails_fails_the_restore(
    shell: Shell, cluster: Cluster, fault: tuple[str, str]
) -> None:
    cluster.snapshot("one", 1)
    cluster.broken = {fault}
    assert restore(shell, CLAIMS="one").returncode == 1
    assert cluster.of(CLAIMS) == {}


def test_long_names_stay_valid(shell: Shell, cluster: Cluster) -> None:
    long = [f"{'a' * 199}.{'b' * 50}{end}" for end in ("1", "2")]
    for claim in long:
        cluster.snapshot(claim, 1)
    assert restore(shell).returncode == 0
    assert len(cluster.of(CLAIMS)) == 2


def test_a_restored_claim_is_not_cut_by_label_nor_pruned(shell: Shell, cluster: Cluster) -> None:
    cluster.snapshot("one", 1)
    restore(shell)
    metadata = cluster.of(CLAIMS)["one-restored"]["metadata"]
    assert names.RUNG not in metadata["labels"]
    assert metadata["annotations"] == names.keep()


def test_all_claims_of_a_group_come_from_one_moment(shell: Shell, cluster: Cluster) -> None:
    cluster.group(3, "one", "two")
    newest = cluster.group(1, "one", "two")
    cluster.snapshot("one", 0.1)
    cluster.never_ready = {"one"}
    cluster.group(0.5, "one", "two")
    result = restore(shell, TOGETHER="true")
    assert result.returncode == 0, result.stdout + result.stderr
    for claim in ("one", "two"):
        assert restored(cluster, claim)["dataSource"]["name"] == f"{newest}-{claim}"


def test_an_older_group_can_be_asked_for(shell: Shell, cluster: Cluster) -> None:
    older = cluster.group(3, "one")
    cluster.group(1, "one")
    at = moment(time.time() - 2 * DAY)
    assert restore(shell, TOGETHER="true", POINT=at).returncode == 0
    assert restored(cluster, "one")["dataSource"]["name"] == f"{older}-one"


def test_without_a_group_single_snapshots_are_not_taken_for_one(
    shell: Shell, cluster: Cluster
) -> None:
    cluster.snapshot("one", 1)
    cluster.of(GROUPS)
    result = restore(shell, TOGETHER="true")
    assert result.returncode == 1
    assert cluster.of(CLAIMS) == {}


def take_over(shell: Shell, *words: str) -> CompletedProcess[str]:
    return shell.run(
        "take-over.sh",
        *words,
        DRIVER="csi.example.com",
        STORAGE_CLASS="planned-class",
        ACCESS="ReadWriteOnce",
    )


def test_a_snapshot_that_outlived_its_cluster_becomes_its_claim_again(
    shell: Shell, cluster: Cluster
) -> None:
    result = take_over(shell, "one", "snap-0123/abc=")
    assert result.returncode == 0, result.stdout + result.stderr
    ((_, content),) = cluster.of(CONTENTS).items()
    assert content["spec"]["source"] == {"snapshotHandle": "snap-0123/abc="}
    assert content["spec"]["deletionPolicy"] == "Retain"
    ((name, made),) = cluster.of(SNAPSHOTS).items()
    assert content["spec"]["volumeSnapshotRef"] == {"name": name, "namespace": "data"}
    assert made["spec"]["source"]["volumeSnapshotContentName"] == content["metadata"]["name"]
    spec = cluster.of(CLAIMS)["one"]["spec"]
    assert spec["dataSource"]["name"] == name
    assert spec["storageClassName"] == "planned-class"


def test_jobs_and_restores_treat_what_was_taken_over_rightly(
    shell: Shell, cluster: Cluster
) -> None:
    take_over(shell, "one", "snap-1")
    ((name, made),) = cluster.of(SNAPSHOTS).items()
    assert names.RUNG not in made["metadata"]["labels"]
    assert restore(shell, CLAIMS="one").returncode == 0
    assert restored(cluster, "one")["dataSource"]["name"] == name


def test_a_second_attempt_goes_on_where_the_first_stopped(shell: Shell, cluster: Cluster) -> None:
    cluster.broken = {("wait", SNAPSHOTS)}
    assert take_over(shell, "one", "snap-1").returncode == 1
    cluster.broken = set()
    assert take_over(shell, "one", "snap-1").returncode == 0
    assert len(cluster.of(SNAPSHOTS)) == 1
    assert "one" in cluster.of(CLAIMS)


def test_a_claim_that_exists_is_not_made_again(shell: Shell, cluster: Cluster) -> None:
    cluster.claim("one")
    assert take_over(shell, "one", "snap-1").returncode == 1
    assert not cluster.of(CONTENTS)


@pytest.mark.parametrize("size", [None, "0"])
def test_the_size_can_be_given_where_the_storage_is_silent(
    shell: Shell, cluster: Cluster, size: str | None
) -> None:
    cluster.size = size
    assert take_over(shell, "one", "snap-1").returncode == 1
    assert "third word" in (result := take_over(shell, "one", "snap-1")).stderr, result
    assert take_over(shell, "one", "snap-1", "120Gi").returncode == 0
    assert cluster.of(CLAIMS)["one"]["spec"]["resources"]["requests"]["storage"] == "120Gi"


@pytest.mark.parametrize(
    "words", [(), ("one",), ("one", ""), ("", "snap-1"), ("one", 'x"\n  evil: "'), ("one", "a\\b")]
)
def test_words_that_are_no_claim_and_handle_change_nothing(
    shell: Shell, cluster: Cluster, words: tuple[str, ...]
) -> None:
    assert take_over(shell, *words).returncode == 2
    assert not cluster.calls


def test_two_claims_of_one_name_s_beginning_get_their_own_objects(
    shell: Shell, cluster: Cluster
) -> None:
    long = [f"{'a' * 149}.{'b' * 90}{end}" for end in ("1", "2")]
    for claim in long:
        assert take_over(shell, claim, "snap-1").returncode == 0
    assert len(cluster.of(SNAPSHOTS)) == len(cluster.of(CONTENTS)) == 2
