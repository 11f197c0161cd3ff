"""`lint`, `explain`, `schema`, `init`, `rules` and `version`, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpc.cli.options import Format
from bpc.report import FORMATS
from bpc.version import __version__
from tests.compiling import bpc
from tests.conftest import ROOT
from tests.estates import BASE


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "all.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path


def broken(project: Path) -> Path:
    path = project / "policies" / "all.yaml"
    path.write_text(BASE.replace("tier: gold", "tier: glod"), encoding="utf-8")
    return path


def test_lint_shows_the_line_the_reason_and_the_way_out(project: Path) -> None:
    broken(project)
    result = bpc("lint", cwd=project, code=1)
    assert "error[BPC202 unknown-reference]: tier `glod` does not exist" in result.stdout
    assert "  --> policies/all.yaml:" in result.stdout
    assert "^^^^" in result.stdout
    assert "did you mean `gold`?" in result.stdout


def test_validate_is_another_name_for_lint(project: Path) -> None:
    assert bpc("validate", cwd=project).stdout == bpc("lint", cwd=project).stdout


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_answers(project: Path, form: str) -> None:
    broken(project)
    result = bpc("lint", "--format", form, cwd=project, code=1)
    assert "BPC202" in result.stdout or "unknown-reference" in result.stdout


def test_the_command_offers_exactly_the_formats_that_exist() -> None:
    assert Format.__args__ == FORMATS  # type: ignore[attr-defined] # a Literal has its values there


def test_unreadable_yaml_is_no_answer_and_has_a_place(project: Path) -> None:
    (project / "policies" / "bad.yaml").write_text("a: [1\n", encoding="utf-8")
    result = bpc("lint", "--format", "concise", cwd=project, code=2)
    assert result.stdout.startswith("policies/bad.yaml:")


def test_a_broken_document_does_not_accuse_those_that_refer_to_it(project: Path) -> None:
    path = project / "policies" / "all.yaml"
    path.write_text(
        BASE.replace("retention: {daily: 14}", "retnetion: {daily: 14}"), encoding="utf-8"
    )
    result = bpc("lint", "--format", "concise", cwd=project, code=1)
    assert "unknown-key" in result.stdout
    assert "unknown-reference" not in result.stdout


def test_fix_renames_a_misspelt_key_and_keeps_the_comments(project: Path) -> None:
    path = project / "policies" / "all.yaml"
    text = BASE.replace("retention: {daily: 14}", "retnetion: {daily: 14}  # two weeks")
    path.write_text(text, encoding="utf-8")
    bpc("lint", "--fix", cwd=project)
    assert path.read_text(encoding="utf-8") == text.replace("retnetion", "retention")


def test_secrets_are_refused_and_never_printed(project: Path) -> None:
    path = project / "policies" / "all.yaml"
    text = BASE.replace('contact: "#shop-oncall"', 'contact: "AKIAIOSFODNN7EXAMPLE"')
    path.write_text(text, encoding="utf-8")
    for form in FORMATS:
        result = bpc("lint", "--format", form, cwd=project, code=1)
        assert "AKIAIOSFODNN7EXAMPLE" not in result.stdout + result.stderr
        assert "BPC601" in result.stdout or "inline-secret" in result.stdout


@pytest.mark.parametrize("name", ["BPC301", "bpc301", "rpo-not-met"])
def test_explain_takes_number_and_name(name: str, tmp_path: Path) -> None:
    result = bpc("explain", name, cwd=tmp_path)
    assert result.stdout.startswith("BPC301 rpo-not-met")
    assert "This is found:" in result.stdout


def test_explain_a_field(tmp_path: Path) -> None:
    assert "Velero" in bpc("explain", "Cluster.spec.addons.velero", cwd=tmp_path).stdout


def test_explain_a_dataset_and_where_its_settings_come_from(project: Path) -> None:
    result = bpc("explain", "shop/shop", cwd=project)
    assert "setting     retention: tier gold policies/all.yaml:" in result.stdout
    assert "30-schedules/shop/schedule-shop--shop--s3--daily.yaml" in result.stdout
    chain = bpc("explain", "shop/shop", "--origin", "retention", cwd=project).stdout
    assert "set by tier gold  policies/all.yaml:" in chain


def test_explain_a_generated_file(project: Path) -> None:
    result = bpc("explain", "prod/20-storage/backupstoragelocation-s3.yaml", cwd=project)
    assert "template" in result.stdout
    assert "policies/all.yaml:" in result.stdout


def test_explain_what_does_not_exist_suggests_something(project: Path) -> None:
    assert "did you mean" in bpc("explain", "rpo-not-mett", cwd=project, code=2).stderr
    bpc("explain", "shop/nothing", cwd=project, code=2)


@pytest.mark.parametrize("which", ["policy", "project", "report"])
def test_schemas_are_json(which: str, tmp_path: Path) -> None:
    assert json.loads(bpc("schema", which, cwd=tmp_path).stdout)["$schema"]


def test_schemas_are_written_and_editors_led_to_them(project: Path) -> None:
    bpc("schema", "--write", "schemas", "--modeline", "policies/all.yaml", cwd=project)
    first = (project / "policies" / "all.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=../schemas/policy.schema.json"
    assert (project / "schemas" / "project.schema.json").exists()
    bpc("lint", cwd=project)


@pytest.mark.parametrize("engine", ["plain", "flux", "argocd"])
def test_a_new_project_builds_at_once(engine: str, tmp_path: Path) -> None:
    bpc("init", "new", "--gitops", engine, "--ci", "github", cwd=tmp_path)
    result = bpc("build", "--chdir", "new", cwd=tmp_path)
    assert "warning" not in result.stderr
    assert (tmp_path / "new" / "output" / "prod" / "bpc.lock").exists()
    again = bpc("init", "new", cwd=tmp_path, code=2)
    assert "exists already" in again.stderr


def test_rules_lists_every_code(tmp_path: Path) -> None:
    rows = json.loads(bpc("rules", "--format", "json", cwd=tmp_path).stdout)
    assert len({row["code"] for row in rows}) == len(rows) > 60
    assert len(bpc("rules", cwd=tmp_path).stdout.splitlines()) == len(rows)


@pytest.mark.parametrize("arguments", [("--version",), ("version",), ("version", "--verbose")])
def test_the_version_is_told(arguments: tuple[str, ...], tmp_path: Path) -> None:
    assert bpc(*arguments, cwd=tmp_path).stdout.startswith(f"bpc {__version__}\n")


def test_help_is_shown_without_arguments(tmp_path: Path) -> None:
    result = bpc(cwd=tmp_path, code=None)
    assert "build" in result.stdout + result.stderr


def test_completion_scripts_exist(tmp_path: Path) -> None:
    result = bpc("--show-completion", "bash", cwd=tmp_path, code=None)
    assert "_BPC_COMPLETE" in result.stdout or "complete" in result.stdout


def test_a_project_can_require_another_release(project: Path) -> None:
    (project / "bpc.yaml").write_text(
        'apiVersion: bpc/v1\nkind: Project\nrequires: ">=99"\n', encoding="utf-8"
    )
    assert "other-release-required" in bpc("build", cwd=project, code=1).stderr


def test_rules_can_be_weighed_but_not_all(project: Path) -> None:
    (project / "bpc.yaml").write_text(
        "apiVersion: bpc/v1\nkind: Project\nrules: {repository-password-public: off, "
        "unknown-reference: warning, no-such: off}\n".replace("off", "'off'"),
        encoding="utf-8",
    )
    result = bpc("lint", "--format", "concise", cwd=project, code=1)
    assert "rule-not-adjustable" in result.stdout
    assert "unknown-rule" in result.stdout


def test_the_shipped_examples_have_nothing_to_report() -> None:
    result = bpc("lint", "--format", "concise", cwd=ROOT)
    assert result.stdout == ""
