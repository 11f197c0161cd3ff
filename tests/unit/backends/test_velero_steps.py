from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpc.backends import velero
from bpc.plan.commands import assigned, wrapped
from bpc.plan.steps import Step
from tests.estates import Estate
from tests.unit.backends.velero_estates import PROVIDERS, RELEASES, files, with_release

_SHELLCHECK = Path(sys.executable).with_name("shellcheck")


def _steps(found: Estate, scenario: str, dataset: str = "") -> list[Step]:
    (policy,) = found.policies
    steps = list(velero.cluster_steps(policy.cluster, scenario))
    for each in policy.datasets:
        if dataset in ("", each.name):
            steps += velero.dataset_steps(policy, each, scenario)
    return steps


def _script(steps: list[Step]) -> str:
    """All commands in their order, each undone at the end so that its variables count as used."""
    lines = [step.command for step in steps] + [step.undo for step in steps if step.undo]
    return "\n".join(["#!/bin/bash", *lines, ""])


@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss"])
@pytest.mark.parametrize("release", [RELEASES[0], "1.17", "1.18"])
def test_the_commands_are_sound_bash(release: str, scenario: str, tmp_path: Path) -> None:
    found = with_release(release)
    for dataset in ("shop", "media", "flat", "still"):
        script = tmp_path / f"{dataset}.sh"
        script.write_text(_script(_steps(found, scenario, dataset)))
        subprocess.run(["bash", "-n", str(script)], check=True)
        result = subprocess.run(
            [str(_SHELLCHECK), str(script)], capture_output=True, text=True, check=False
        )
        assert result.stdout == ""


@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss"])
@pytest.mark.parametrize("release", RELEASES)
def test_every_step_is_complete_and_can_be_printed_and_pasted(release: str, scenario: str) -> None:
    for step in _steps(with_release(release), scenario):
        assert all((step.purpose, step.place, step.command, step.expected, step.otherwise))
        assert 0 < step.minutes <= 120
        for text in (step.command, step.undo):
            assert "${" not in text
            assert "<" not in text
            assert max(map(len, text.splitlines()), default=0) <= 100


def test_long_names_are_printable_too() -> None:
    long = "a" * 63
    found = with_release(
        "1.17",
        f"""
        kind: Cluster
        spec:
          velero: {{namespace: {long}}}
          inventory: [{{name: shop}}, {{name: media}}, {{name: {long}}}]
        ---
        kind: BackupPolicy
        spec:
          datasets: [{{name: {long}, type: namespaces, include: [shop, {long}]}}]
        """,
    )
    for scenario in ("operator-error", "cluster-loss"):
        for step in _steps(found, scenario):
            assert max(map(len, step.command.splitlines())) <= 100


def test_other_scenarios_are_not_velero_s() -> None:
    assert _steps(with_release("1.17"), "node-failure") == []


@pytest.mark.parametrize("scenario", ["operator-error", "cluster-loss"])
def test_each_command_names_manifests_that_exist(scenario: str) -> None:
    found = with_release("1.17")
    written = {file.path for file in files(found)}
    named = [
        line.removeprefix("MANIFEST=")
        for step in _steps(found, scenario)
        for line in step.command.splitlines()
        if line.startswith("MANIFEST=restore/") and line.endswith(".yaml")
    ]
    assert named
    assert set(named) <= written


@pytest.mark.parametrize(
    ("scenario", "dataset", "variables", "spec"),
    [
        ("operator-error", "shop", "", {}),
        ("operator-error", "flat", "NAMESPACE=media", {}),
        (
            "operator-error",
            "still",
            "NAMESPACE=a RESTORED=b",
            {
                "includedNamespaces": ["a"],
                "namespaceMapping": {"a": "b"},
                "excludedResources": ["cronjobs.batch", "ingresses.networking.k8s.io"],
            },
        ),
        ("cluster-loss", "still", "", {}),
    ],
)
def test_a_restore_starts_under_a_new_name_from_the_chosen_backup(
    scenario: str, dataset: str, variables: str, spec: dict[str, object]
) -> None:
    found = with_release("1.17")
    (step,) = [s for s in _steps(found, scenario, dataset) if "PATCH=" in s.command]
    stand_in = 'kubectl() { if [ "$1" = create ]; then cat; else printf "%s\\n" "$@"; fi; }'
    script = "\n".join([stand_in, "BACKUP=point", *variables.split(), step.command])
    words = subprocess.run(
        ["bash", "-uc", script], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    patch = json.loads(words[words.index("--patch") + 1])
    name = patch["metadata"]["name"]
    assert re.fullmatch(rf"shop--{dataset}--restored-[0-9]{{14}}", name)
    assert len(name) <= 63
    assert patch["spec"] == {"backupName": "point", "scheduleName": None} | spec
    assert words[words.index("--filename") + 1] in {file.path for file in files(found)}


def _connect(release: str, policy: str = PROVIDERS) -> Step:
    (step,) = [
        step
        for step in _steps(with_release(release, policy), "cluster-loss")
        if step.purpose.startswith("Connect the locations")
    ]
    return step


@pytest.mark.parametrize(
    ("release", "read_only"),
    [
        *(("1.15", True), ("1.16", False), ("1.17", False), ("1.17.2", False)),
        *(("1.18.0", False), ("1.18.1", True), ("1.18", True)),
    ],
)
def test_locations_are_connected_read_only_unless_that_release_cannot_restore_so(
    release: str, read_only: bool
) -> None:
    step = _connect(release)
    assert ("ReadOnly" in step.command) is read_only
    assert ("9626" in step.purpose) is not read_only


def test_without_volume_data_the_defect_does_not_matter() -> None:
    policy = """
        kind: BackupPolicy
        spec: {datasets: [{name: shop, type: namespaces, include: [shop], volumes: snapshot}]}
    """
    assert "ReadOnly" in _connect("1.17", policy).command


def test_the_new_cluster_gets_its_secrets_first_and_only_restores() -> None:
    steps = _steps(with_release("1.17"), "cluster-loss")
    assert "get secrets backup-s3 minio velero-repo-credentials" in steps[0].command
    assert "kopia-prod" in steps[0].otherwise
    assert "--version 11.4.0" in steps[1].command
    assert "configuration.restoreOnlyMode=true" in steps[1].command
    assert all("30-schedules" not in step.command for step in steps[:-1])


def test_the_new_cluster_is_protected_last_and_only_where_no_engine_does_it() -> None:
    (last,) = velero.closing_steps(with_release("1.17").clusters["prod"], "cluster-loss")
    assert last.no_return
    assert "kubectl apply --kustomize 30-schedules" in last.command
    engine = """
        kind: Cluster
        spec: {addons: {flux: "2.6"}, gitops: {engine: flux, source: {}}}
    """
    assert velero.closing_steps(with_release("1.17", engine).clusters["prod"], "cluster-loss") == ()
    assert velero.closing_steps(with_release("1.17").clusters["prod"], "operator-error") == ()


def test_claims_that_exist_already_are_looked_for_before_anything_is_restored() -> None:
    found = with_release("1.17")
    purposes = [step.purpose for step in _steps(found, "cluster-loss", "shop")]
    claims = next(i for i, text in enumerate(purposes) if "claims" in text)
    restore = next(i for i, text in enumerate(purposes) if text.startswith("Restore"))
    assert claims < restore
    assert 'get namespace --ignore-not-found "$RESTORED"' in (
        _steps(found, "operator-error", "shop")[0].command
    )


def test_the_operator_chooses_among_real_namespaces() -> None:
    found = with_release("1.17")
    assert _steps(found, "operator-error", "shop")[0].command.startswith("NAMESPACE=shop\n")
    assert _steps(found, "operator-error", "flat")[0].command.startswith(
        "select NAMESPACE in media shop; do break; done\n"
    )
    assert "read -r NAMESPACE" in _steps(found, "operator-error", "still")[0].command


@pytest.mark.parametrize(
    ("dataset", "kinds"),
    [
        ("shop", "datadownloads.velero.io,podvolumerestores.velero.io"),
        ("media", "podvolumerestores.velero.io"),
        ("flat", ""),
    ],
)
def test_the_data_of_each_volume_is_looked_at(dataset: str, kinds: str) -> None:
    steps = _steps(with_release("1.17"), "operator-error", dataset)
    (check,) = [step for step in steps if step.purpose == "Check what came back"]
    assert kinds in check.command
    assert ("velero.io/restore-name" in check.command) is bool(kinds)


def test_the_time_to_wait_follows_from_size_and_throughput() -> None:
    location = """
        kind: Location
        metadata: {name: s3}
        spec: {throughput: {read: 50MiB/s, basis: assumed}}
        ---
        kind: BackupPolicy
        spec: {datasets: [{name: shop, type: namespaces, include: [shop], size: 120Gi}]}
    """
    steps = _steps(with_release("1.17", location), "operator-error")
    (wait,) = [step for step in steps if step.purpose.startswith("Wait")]
    assert wait.minutes == 120 * 1024 // (50 * 60) + 1 + 10


def test_texts_too_long_for_a_line_are_put_together_from_pieces() -> None:
    text = "x" * 200
    lines = assigned("NAME", text).splitlines()
    assert len(lines) == 3
    echoed = subprocess.run(
        ["bash", "-c", f'{assigned("NAME", text)}\necho "$NAME"'],
        capture_output=True,
        text=True,
        check=True,
    )
    assert echoed.stdout.strip() == text


def test_long_commands_are_broken_between_words() -> None:
    words = [f"word-{number:02}" for number in range(30)]
    text = wrapped(*words, end="|")
    assert max(map(len, text.splitlines())) <= 100
    assert text.replace("\\\n", "").split() == [*words, "|"]
