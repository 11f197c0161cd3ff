from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpc.backends import runbook
from bpc.model.scalars import format_duration
from bpc.pipeline import Request, run
from bpc.plan import names
from bpc.plan.artifact import Artifact
from bpc.plan.steps import Step
from bpc.render import MarkdownRenderer
from bpc.resources import templates
from tests.compiling import compiled
from tests.conftest import ROOT
from tests.estates import Estate, estate

MARKDOWN = MarkdownRenderer(templates())
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STEP = Step(
    purpose="Look at `shop`",
    place="workstation",
    command='kubectl get pods "$X"',
    expected="`Running`",
    otherwise="wait",
    minutes=20,
)


def section(found: Estate, *steps: Step, scenario: str = "operator-error") -> str:
    (policy,) = found.policies
    (dataset,) = policy.datasets
    return runbook.section(policy, dataset, scenario, steps, MARKDOWN)


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    result, sink = compiled(ROOT)
    assert not result.failed
    return {p: a.content for p, a in sink.artifacts.items() if "/runbooks/" in p}


def test_every_cluster_has_an_index_and_a_page_for_each_scenario(pages: dict[str, str]) -> None:
    clusters = {path.partition("/")[0] for path in pages}
    assert len(clusters) == 10
    everywhere = {"readme", *runbook.SCENARIOS} - runbook.PARTIAL
    for cluster in clusters:
        here = {Path(path).stem for path in pages if path.startswith(f"{cluster}/")}
        assert everywhere <= here <= everywhere | runbook.PARTIAL


def test_no_page_leaves_anything_to_fill_in_but_time_and_initials(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        outside = BLOCK.sub("", text)
        assert not re.search(r"<[a-z][^>]*>", outside), path
        assert "${" not in text, path
        for block in BLOCK.findall(text):
            assert not re.search(r"<[a-z-]+>", block), path


def test_commands_fit_on_paper_and_are_shell(pages: dict[str, str], tmp_path: Path) -> None:
    blocks = sorted({block for text in pages.values() for block in BLOCK.findall(text)})
    assert len(blocks) > 50
    for number, block in enumerate(blocks):
        assert max(map(len, block.splitlines())) <= 100, block
        (tmp_path / f"{number}.sh").write_text(block, encoding="utf-8")
    files = sorted(str(path) for path in tmp_path.glob("*.sh"))
    checker = Path(sys.executable).with_name("shellcheck")
    # SC2154: what an earlier step has set. SC2016: templates of kubectl stand in single quotes on purpose.
    result = subprocess.run(
        [str(checker), "--shell", "bash", "--exclude", "SC2154,SC2034,SC2016", *files],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout
    for file in files:
        subprocess.run(["bash", "-n", file], check=True)


def test_steps_are_numbered_and_put_on_a_clock() -> None:
    text = section(estate(), STEP, STEP)
    assert "### OE-shop-shop-01 Look at `shop`" in text
    assert "### OE-shop-shop-02" in text
    assert "20 min, 40 min since the start of 4h" in text


def test_objectives_are_those_of_the_scenario() -> None:
    changes = "kind: Tier\nspec: {objectives: {cluster-loss: {rpo: 12h, rto: 2d}}}\n"
    text = section(estate(changes), STEP, scenario="cluster-loss")
    assert "lose at most 12h, be back within 2d" in text


def test_what_somebody_else_holds_is_said_so() -> None:
    changes = """
        kind: BackupPolicy
        spec:
          datasets: [{name: cp, type: etcd, heldBy: {who: provider, evidence: contract 17}}]
        """
    text = section(estate(changes))
    assert "Protected by somebody else (provider): contract 17" in text


def test_a_dataset_without_steps_says_that_nothing_comes_back() -> None:
    assert "Nothing can be brought back in this way" in section(estate())


def test_a_step_without_return_is_boxed_and_names_its_check() -> None:
    final = Step("Delete it", "workstation", "true", "nothing", "stop", 1, no_return=True)
    text = section(estate(), final)
    assert "No way back after this step" in text
    assert 'test "$(kubectl config current-context)" = "$CONTEXT"' in text


def test_an_owner_cannot_write_markup_into_a_page() -> None:
    changes = """
        kind: BackupPolicy
        spec: {owner: {team: "<b>x</b> | a", contact: "[click](javascript:alert)"}}
        """
    text = section(estate(changes), STEP)
    assert "<b>" not in text
    assert "\\[click\\](javascript" in text


def test_copies_are_listed_in_the_order_to_try() -> None:
    changes = """
        kind: Location
        metadata: {name: far}
        spec:
          type: s3
          bucket: far
          lock: {mode: compliance, period: 30d}
          site: {provider: aws, region: us-east-1, account: backup, realm: far-admins}
          medium: object-store
        ---
        kind: Tier
        spec: {copies: {to: [s3, {location: far, from: s3, lag: 15m}]}}
        """
    text = section(estate(changes), STEP)
    first, second = text.index("| 1 | s3: acme-backup/prod"), text.index("| 2 | far: far/prod")
    assert first < second
    assert "far-admins | compliance, 30d" in text.replace("\\", "")


def test_the_index_leads_to_a_page_or_to_a_person_at_every_end(pages: dict[str, str]) -> None:
    text = pages["minimal/runbooks/readme.md"]
    ends = [line for line in text.splitlines() if re.match(r"\s+- \*\*", line)]
    assert len(ends) == 6
    assert "operator-error.md" in text
    assert "cluster-loss.md" in text
    assert "| website/site | web" in text


def test_the_table_of_points_names_what_makes_each_at_its_own_times() -> None:
    changes = """
        kind: Location
        metadata: {name: far}
        spec:
          type: s3
          bucket: far
          site: {provider: aws, region: us-east-1, account: backup, realm: far-admins}
          medium: object-store
        ---
        kind: Tier
        spec:
          copies: {to: [s3, {location: far, every: 1d, retention: {daily: 30}}]}
          retention: {hourly: 24, daily: 14}
        """
    found = estate(changes)
    dataset = found.datasets["shop/shop"]
    text = section(found, STEP)
    rows = [
        f"| {r.name} | `{r.cron}` {r.zone} | {format_duration(r.keep)} "
        f"| `{names.velero_schedule('shop', 'shop', copy.location.name, r.name)}` |"
        for copy in dataset.copies
        for r in copy.rungs
    ]
    assert len(rows) == 3
    assert [row for row in rows if row not in text] == []


def test_a_cluster_whose_control_plane_is_saved_has_a_page_and_a_way_to_it() -> None:
    case = ROOT / "tests" / "golden" / "etcd"
    result, sink = compiled(case, "policy.yaml")
    assert not result.failed
    found = {path: each.content for path, each in sink.artifacts.items() if "/runbooks/" in path}
    for cluster, saved in (("stacked", True), ("cloudy", True), ("rented", False)):
        assert (f"{cluster}/runbooks/control-plane-loss.md" in found) is saved
        index = found[f"{cluster}/runbooks/readme.md"]
        assert ("control-plane-loss.md" in index) is saved


def age(text: str, location: str) -> str:
    (row,) = [line for line in text.splitlines() if f" | {location}: " in line]
    return row.split(" | ")[2]


def test_the_age_of_the_newest_point_counts_every_delay() -> None:
    changes = """
        kind: Location
        metadata: {name: far}
        spec:
          type: s3
          bucket: far
          site: {provider: aws, region: us-east-1, account: backup, realm: far-admins}
          medium: object-store
        ---
        kind: Location
        metadata: {name: farther}
        spec:
          type: s3
          bucket: farther
          site: {provider: aws, region: us-west-1, account: backup, realm: far-admins}
          medium: object-store
        ---
        kind: Tier
        spec:
          limits: {run: 20m, start: 10m}
          copies:
            to: [s3, {location: far, from: s3, lag: 15m}, {location: farther, from: far, lag: 1h}]
        ---
        kind: BackupPolicy
        spec:
          datasets:
            - name: shop
              type: namespaces
              include: [shop]
              schedule: {cron: "0 */6 * * *", timeZone: UTC}
        """
    text = section(estate(changes), STEP)
    # 6 h between runs, 10 min late, 20 min long, 1 min until Velero looks.
    assert age(text, "s3") == "6h31m"
    assert age(text, "far") == "6h46m"
    assert age(text, "farther") == "7h46m"


@pytest.mark.parametrize(
    ("field", "said"), [("schedule: manual", "by hand"), ("paused: true", "paused")]
)
def test_no_age_is_claimed_where_nothing_runs_by_itself(field: str, said: str) -> None:
    changes = f"""
        kind: BackupPolicy
        spec: {{datasets: [{{name: shop, type: namespaces, include: [shop], {field}}}]}}
        """
    assert said in age(section(estate(changes), STEP), "s3")


def test_snapshots_are_said_to_stay_on_their_storage_whatever_the_tier_says() -> None:
    changes = """
        kind: BackupPolicy
        spec:
          datasets: [{name: disks, type: volumes, claims: {namespace: media, names: [m]}}]
        """
    text = section(estate(changes), STEP)
    assert "| 1 | on the storage system ebs, with the data itself | " in text
    assert "acme-backup" not in text
    assert f"| `{names.snapshot_job('shop', 'disks', 'daily')}` |" in text


def test_the_last_step_of_a_new_cluster_is_boxed_with_its_check(pages: dict[str, str]) -> None:
    for path, text in pages.items():
        if path.endswith("cluster-loss.md"):
            end = text[text.index("## Afterwards") :]
            assert "> **No way back after this step.**" in end, path
            assert 'test "$(kubectl config current-context)" = "$CONTEXT"' in end, path


def test_steps_of_the_cluster_have_their_time_summed_for_those_of_datasets() -> None:
    found = estate()
    page = "".join(
        runbook.document(found.clusters["prod"], "cluster-loss", [STEP, STEP], [], [], MARKDOWN)
    )
    assert "These steps take 40 min together." in page
    assert "since the start of" not in page


STUB = """#!/bin/bash
{ printf '%s ' "${0##*/}"; printf '<%s>' "$@"; echo; } >>"$CALLS"
case "$*" in
  *.status.phase*) echo Completed ;;
  *{.data.*) echo cHJvZA== ;;
  *) echo prod ;;
esac
"""


def test_whole_pages_run_in_one_shell_with_every_variable_set(
    pages: dict[str, str], tmp_path: Path
) -> None:
    for tool in ("kubectl", "velero", "helm", "flux", "sleep"):
        (tmp_path / tool).write_text(STUB, encoding="utf-8")
        (tmp_path / tool).chmod(0o755)
    # Those of control planes need more stand-ins: `test_etcd_steps.py` runs them.
    usual = {path: text for path, text in pages.items() if "control-plane" not in path}
    for number, (path, text) in enumerate(sorted(usual.items())):
        calls = tmp_path / f"{number}.calls"
        calls.touch()
        result = subprocess.run(
            ["bash", "-uc", "\n".join(BLOCK.findall(text))],
            cwd=tmp_path,
            env={"PATH": f"{tmp_path}:/usr/bin:/bin", "CALLS": str(calls)},
            input="1\n" * 200,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert "unbound variable" not in result.stderr, (path, result.stderr)
        assert "command not found" not in result.stderr, (path, result.stderr)
        recorded = calls.read_text(encoding="utf-8")
        assert bool(recorded) is ("readme" not in path), path
        assert "<>" not in recorded, (path, recorded)


class Streams:
    """A sink that notes how the content of each runbook comes."""

    def __init__(self) -> None:
        self.seen: dict[str, bool] = {}

    def begin(self, inputs: object, options: object) -> None:
        """Do nothing."""

    def witness(self, plan: object) -> None:
        """Do nothing."""

    def add(self, cluster: str, artifact: Artifact) -> None:
        """Note whether the content is a stream that can be read now."""
        if artifact.template == runbook.NAME:
            self.seen[f"{cluster}/{artifact.path}"] = (
                not isinstance(artifact.content, str) and artifact.content.readable()
            )


def test_pages_of_a_fleet_are_never_whole_in_memory() -> None:
    sink = Streams()
    run(Request(ROOT), sink)
    assert len(sink.seen) >= 30
    assert all(sink.seen.values())
