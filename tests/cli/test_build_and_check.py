"""`bpc build` and `bpc check`, as a user runs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.compiling import bpc
from tests.estates import BASE

SECOND = """\
---
apiVersion: bpc/v1
kind: Cluster
metadata: {name: other}
spec:
  kubernetes: "1.31"
  site: {provider: aws, region: eu-central-1, account: prod, realm: prod-admins}
  storageClasses: [{name: fast, driver: ebs.csi.aws.com, system: ebs}]
  addons: {velero: "1.17", snapshotter: "8.2"}
  velero: {repositorySecret: kopia-prod}
---
apiVersion: bpc/v1
kind: BackupPolicy
metadata: {name: second}
spec:
  clusters: [other]
  tier: gold
  owner: {team: shop, contact: "#shop"}
  datasets: [{name: web, type: namespaces, include: [web]}]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.yaml").write_text(BASE, encoding="utf-8")
    (tmp_path / "bpc.yaml").write_text("apiVersion: bpc/v1\nkind: Project\n", encoding="utf-8")
    return tmp_path


def policy(project: Path) -> Path:
    return project / "policies" / "all.yaml"


def schedule(project: Path) -> Path:
    (found,) = (project / "output" / "prod" / "30-schedules").rglob("schedule-*.yaml")
    return found


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_build_writes_a_tree_and_a_second_one_touches_nothing(project: Path) -> None:
    first = bpc("build", cwd=project)
    assert "1 clusters" in first.stderr
    assert first.stdout == ""
    times = {path: path.stat().st_mtime_ns for path in (project / "output").rglob("*")}
    second = bpc("build", cwd=project)
    assert "0 files written, 0 removed" in second.stderr
    assert times == {path: path.stat().st_mtime_ns for path in (project / "output").rglob("*")}


def test_check_tells_a_changed_policy_from_an_edited_file(project: Path) -> None:
    bpc("build", cwd=project)
    assert "is up to date" in bpc("check", cwd=project).stderr
    change(policy(project), "daily: 14", "daily: 21")
    result = bpc("check", cwd=project, code=1)
    assert "policy changed, run `bpc build`" in result.stdout.replace(": run", ", run")
    change(policy(project), "daily: 21", "daily: 14")
    change(schedule(project), "ttl:", "ttl: 1h0m0s #")
    result = bpc("check", cwd=project, code=1)
    assert "hand-edited: output/prod/30-schedules/" in result.stdout
    assert "edited by hand" in result.stdout


def test_a_hand_edited_file_stops_the_build_until_it_is_forced(project: Path) -> None:
    bpc("build", cwd=project)
    change(schedule(project), "ttl:", "ttl: 1h0m0s #")
    edited = schedule(project).read_text(encoding="utf-8")
    result = bpc("build", cwd=project, code=1)
    assert schedule(project).name in result.stderr
    assert schedule(project).read_text(encoding="utf-8") == edited
    bpc("build", "--force", cwd=project)
    assert schedule(project).read_text(encoding="utf-8") != edited
    bpc("check", cwd=project)


def test_an_error_leaves_the_old_tree_alone(project: Path) -> None:
    bpc("build", cwd=project)
    before = {p: p.read_bytes() for p in (project / "output").rglob("*") if p.is_file()}
    change(policy(project), "tier: gold", "tier: glod")
    result = bpc("build", cwd=project, code=1)
    assert "did you mean `gold`?" in result.stderr
    assert before == {p: p.read_bytes() for p in (project / "output").rglob("*") if p.is_file()}


def test_a_dry_run_says_what_it_would_do_and_does_nothing(project: Path) -> None:
    result = bpc("build", "--dry-run", cwd=project)
    assert "write prod/bpc.lock" in result.stdout
    assert not (project / "output").exists()


def test_what_no_policy_makes_any_more_is_removed_and_nothing_else(project: Path) -> None:
    with policy(project).open("a", encoding="utf-8") as file:
        file.write(SECOND)
    bpc("build", cwd=project)
    assert (project / "output" / "other" / "bpc.lock").exists()
    (project / "output" / "other" / "NOTES").write_text("mine", encoding="utf-8")
    policy(project).write_text(BASE, encoding="utf-8")
    assert "stale: output/other/" in bpc("check", cwd=project, code=1).stdout
    bpc("build", cwd=project)
    assert [path.name for path in (project / "output" / "other").iterdir()] == ["NOTES"]
    assert (project / "output" / "prod" / "bpc.lock").exists()


def test_shards_together_build_what_one_run_builds(project: Path) -> None:
    with policy(project).open("a", encoding="utf-8") as file:
        file.write(SECOND)
    bpc("build", cwd=project)
    whole = {
        p.relative_to(project): p.read_bytes() for p in project.rglob("output/**/*") if p.is_file()
    }
    shutil.rmtree(project / "output")
    bpc("build", "--shard", "1/2", cwd=project)
    assert [path.name for path in (project / "output").iterdir() if path.is_dir()] == ["other"]
    bpc("build", "--shard", "2/2", cwd=project)
    assert whole == {
        p.relative_to(project): p.read_bytes() for p in project.rglob("output/**/*") if p.is_file()
    }


def test_one_cluster_can_be_built_alone(project: Path) -> None:
    with policy(project).open("a", encoding="utf-8") as file:
        file.write(SECOND)
    bpc("build", "--cluster", "other", cwd=project)
    assert not (project / "output" / "prod").exists()
    result = bpc("build", "--cluster", "nowhere", cwd=project, code=2)
    assert "known clusters: `other`, `prod`" in result.stderr


def test_a_retargeted_location_is_refused_until_it_is_meant(project: Path) -> None:
    bpc("build", cwd=project)
    change(policy(project), "bucket: acme-backup", "bucket: acme-elsewhere")
    result = bpc("build", cwd=project, code=1)
    assert "BPC801 location-retargeted" in result.stderr
    assert "`acme-backup/prod`" in result.stderr
    bpc("build", "--allow-retarget", cwd=project)
    bpc("check", cwd=project)


def test_an_emptied_project_is_refused_and_nothing_found_is_its_own_answer(project: Path) -> None:
    bpc("build", cwd=project)
    policy(project).unlink()
    result = bpc("build", cwd=project, code=3)
    assert (project / "output" / "prod" / "bpc.lock").exists(), result.stderr


@pytest.mark.parametrize("shard", ["0/2", "3/2", "x", "1"])
def test_a_shard_that_makes_no_sense_is_no_answer(project: Path, shard: str) -> None:
    assert "no part of the clusters" in bpc("build", "--shard", shard, cwd=project, code=2).stderr


def test_output_through_a_symbolic_link_is_refused(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (project / "output").symlink_to(elsewhere)
    bpc("build", cwd=project, code=2)
    assert list(elsewhere.iterdir()) == []


def test_warnings_do_not_stop_a_build_unless_asked_to(project: Path) -> None:
    change(policy(project), "repositorySecret: kopia-prod", "namespace: velero")
    assert "BPC602" in bpc("build", cwd=project).stderr
    bpc("lint", "--fail-on", "warning", cwd=project, code=1)
    bpc("lint", "--fail-on", "warning", "--exit-zero", cwd=project)


def test_a_waiver_takes_a_finding_away_until_its_last_day(project: Path) -> None:
    change(policy(project), "repositorySecret: kopia-prod", "namespace: velero")
    waiver = (
        "---\napiVersion: bpc/v1\nkind: Waiver\nmetadata: {name: w}\nspec: {rule: BPC602, object: prod, "
        "reason: new cluster, owner: ann, expires: '2999-01-01'}\n"
    )
    with policy(project).open("a", encoding="utf-8") as file:
        file.write(waiver)
    assert "BPC602" not in bpc("lint", cwd=project).stdout
    change(policy(project), "2999-01-01", "2020-01-01")
    result = bpc("lint", cwd=project, code=1)
    assert "waiver-expired" in result.stdout
    assert "BPC602" in result.stdout


def test_names_of_files_cannot_act_on_the_terminal(project: Path) -> None:
    bpc("build", cwd=project)
    (project / "output" / "prod" / "30-schedules" / "a\x1b[2Jb.yaml").write_text("{}\n")
    change(policy(project), "daily: 14", "daily: 15")
    result = bpc("build", cwd=project)
    assert "\x1b" not in result.stderr
    assert "a\\x1b[2Jb.yaml was not written by bpc" in result.stderr
