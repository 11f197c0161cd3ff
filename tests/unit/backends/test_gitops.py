from __future__ import annotations

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

from bpc.backends import gitops
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.estate import ClusterPlan
from bpc.plan.velero_server import chart_version, velero_values
from bpc.render import Renderer
from bpc.resources import templates
from bpc.validate import Target, validator
from tests.estates import estate

RENDER = Renderer(templates())
ALL = list(names.APPLIED)


def plan(engine: str, release: str, rest: str = "") -> ClusterPlan:
    changes = f"""
        kind: Cluster
        spec:
          addons: {{{engine}: "{release}"}}
          gitops:
            engine: {engine}
            source: {{name: fleet, namespace: gitops, url: https://git.example/fleet.git, path: out{rest}}}
        """
    return estate(changes).clusters["prod"]


def made(cluster: ClusterPlan, directories: list[str] = ALL) -> list[Artifact]:
    operator = gitops.cluster(cluster, RENDER)
    return [*operator, *gitops.delivery(cluster, directories, RENDER)]


@pytest.mark.parametrize("release", ["2.3", "2.4", "2.5", "2.6", "2.8"])
def test_every_object_for_flux_is_served_by_its_release(release: str) -> None:
    check = validator(Target("1.31", velero="1.17", snapshotter="8.2", flux=release)).check
    found = made(plan("flux", release))
    assert len(found) == 6
    assert [fault for each in found for fault in check(each.data or {})] == []


@pytest.mark.parametrize("release", ["2.8", "2.14", "3.1", "3.5"])
def test_every_object_for_argo_is_served_by_its_release(release: str) -> None:
    check = validator(Target("1.31", velero="1.17", snapshotter="8.2", argocd=release)).check
    found = made(plan("argocd", release), [d for d in ALL if d != names.OPERATOR])
    assert len(found) == 4
    assert [fault for each in found for fault in check(each.data or {})] == []


def test_flux_waits_for_each_directory_before_the_next() -> None:
    found = [e.data for e in made(plan("flux", "2.6")) if e.path.startswith("flux/")]
    chain = [(d["metadata"]["name"], d["spec"].get("dependsOn")) for d in found if d]  # type: ignore[index]
    assert chain[0][1] is None
    for before, after in pairwise(chain):
        assert after[1] == [{"name": before[0]}]
    paths = [d["spec"]["path"] for d in found if d]  # type: ignore[index]
    assert paths == [f"./out/prod/{directory}" for directory in ALL]


def test_what_leads_to_data_stays_when_a_kustomization_goes() -> None:
    found = {e.path: e.data["spec"] for e in made(plan("flux", "2.6")) if e.data}
    assert found["flux/kustomization-20-storage.yaml"]["deletionPolicy"] == "Orphan"
    assert "deletionPolicy" not in found["flux/kustomization-30-schedules.yaml"]
    assert all(spec["prune"] for path, spec in found.items() if path.startswith("flux/"))


def test_no_engine_substitutes_anything() -> None:
    for each in made(plan("flux", "2.6")):
        assert "postBuild" not in each.content


def test_directories_without_files_are_not_applied() -> None:
    found = list(
        gitops.delivery(plan("flux", "2.6"), [names.PREREQUISITES, names.SCHEDULES], RENDER)
    )
    assert [e.path for e in found] == [
        "flux/kustomization-00-prerequisites.yaml",
        "flux/kustomization-30-schedules.yaml",
    ]
    spec = found[1].data["spec"]  # type: ignore[index]
    assert spec["dependsOn"] == [{"name": names.gitops_object("prod", names.PREREQUISITES)}]


def test_argo_goes_in_waves_and_never_deletes_with_the_application() -> None:
    found = made(plan("argocd", "3.1"), [d for d in ALL if d != names.OPERATOR])
    waves = {
        e.path: int(e.data["metadata"]["annotations"]["argocd.argoproj.io/sync-wave"])
        for e in found
        if e.data
    }
    assert [waves[f"argocd/application-{d}.yaml"] for d in ALL] == [-20, -10, 0, 10]
    assert all("finalizers" not in e.data["metadata"] for e in found if e.data)


@pytest.mark.parametrize(("engine", "release"), [("flux", "2.6"), ("argocd", "3.1")])
def test_velero_is_installed_with_the_values_of_the_cluster(engine: str, release: str) -> None:
    cluster = plan(engine, release)
    specs = [e.data["spec"] for e in made(cluster, []) if e.data]
    if engine == "flux":
        (spec,) = [s for s in specs if "values" in s]
        assert spec["chart"]["spec"]["version"] == chart_version(cluster)
        assert spec["values"] == velero_values(cluster)
    else:
        (spec,) = specs
        assert spec["source"]["targetRevision"] == chart_version(cluster)
        assert spec["source"]["helm"]["valuesObject"] == velero_values(cluster)


def test_plain_makes_nothing_but_lists() -> None:
    assert made(estate().clusters["prod"]) == []


def test_a_list_names_its_files_in_order_and_nothing_else() -> None:
    made_list = gitops.kustomization(
        estate().clusters["prod"], "20-storage", ["b.yaml", "a/c.yaml"]
    )
    assert made_list.path == "20-storage/kustomization.yaml"
    assert set(yaml.safe_load(made_list.content)) == {"apiVersion", "kind", "resources"}
    assert made_list.data is not None
    assert made_list.data["resources"] == ["a/c.yaml", "b.yaml"]
    assert not made_list.applied


def words_of(command: str, folder: Path) -> list[str]:
    """Run a command with a kubectl that prints each word that it was given on a line."""
    stub = folder / "kubectl"
    stub.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    stub.chmod(0o755)
    return subprocess.run(
        [shutil.which("bash") or "sh", "-euc", command],
        env={"PATH": f"{folder}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()


ENGINES = pytest.mark.parametrize(("engine", "release"), [("flux", "2.6"), ("argocd", "3.1")])


@ENGINES
def test_an_engine_is_stopped_before_a_restore_and_started_after_it(
    engine: str, release: str, tmp_path: Path
) -> None:
    cluster = plan(engine, release)
    (freeze,) = gitops.cluster_steps(cluster, "operator-error")
    (thaw,) = gitops.closing_steps(cluster, "operator-error")
    assert freeze.undo == thaw.command
    assert freeze.command != thaw.command
    for step in (freeze, thaw):
        assert max(map(len, step.command.splitlines())) <= 100
        words = words_of(step.command, tmp_path)
        assert names.gitops_object("prod", names.SCHEDULES) in words
        assert words[words.index("--namespace") + 1] == "gitops"


@ENGINES
def test_every_object_that_applies_a_directory_is_switched(
    engine: str, release: str, tmp_path: Path
) -> None:
    cluster = plan(engine, release)
    (freeze,) = gitops.cluster_steps(cluster, "operator-error")
    kinds = {"Kustomization", "Application"}
    found = [e.data for e in made(cluster) if e.data and e.data["kind"] in kinds]
    assert found
    words = words_of(freeze.command, tmp_path)
    assert {each["metadata"]["name"] for each in found} <= set(words)  # type: ignore[index]


def test_flux_does_not_take_back_that_it_was_stopped(tmp_path: Path) -> None:
    cluster = plan("flux", "2.6")
    for steps in (gitops.cluster_steps, gitops.closing_steps):
        for scenario in ("operator-error", "cluster-loss"):
            (step,) = steps(cluster, scenario)
            words = words_of(step.command, tmp_path)
            assert words[words.index("--field-manager") + 1] == "flux-client-side-apply"


@ENGINES
def test_a_new_cluster_is_handed_over_last_and_held_back_before(
    engine: str, release: str, tmp_path: Path
) -> None:
    cluster = plan(engine, release)
    (hold,) = gitops.cluster_steps(cluster, "cluster-loss")
    (freeze,) = gitops.cluster_steps(cluster, "operator-error")
    (hand_over,) = gitops.closing_steps(cluster, "cluster-loss")
    assert hold.command == freeze.command
    assert hand_over.no_return
    words = words_of(hand_over.command, tmp_path)
    assert words[:3] == ["apply", "--kustomize", engine]
    assert words[3:] == words_of(hold.undo, tmp_path)


@ENGINES
@pytest.mark.parametrize("scenario", ["node-failure", "security"])
def test_other_scenarios_leave_the_engine_alone(engine: str, release: str, scenario: str) -> None:
    cluster = plan(engine, release)
    assert gitops.cluster_steps(cluster, scenario) == ()
    assert gitops.closing_steps(cluster, scenario) == ()


@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss"])
def test_a_plain_tree_has_no_engine_to_stop(scenario: str) -> None:
    cluster = estate().clusters["prod"]
    assert gitops.cluster_steps(cluster, scenario) == ()
    assert gitops.closing_steps(cluster, scenario) == ()
