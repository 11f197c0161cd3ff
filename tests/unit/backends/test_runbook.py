from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from bpc.backends import runbook
from bpc.plan.estate import DatasetPlan
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
    return {p: a.text for p, a in sink.artifacts.items() if "/runbooks/" in p}


def test_every_cluster_has_an_index_and_a_page_for_each_scenario(pages: dict[str, str]) -> None:
    clusters = {path.partition("/")[0] for path in pages}
    assert len(clusters) == 10
    assert len(pages) == len(clusters) * (1 + len(runbook.SCENARIOS))


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
    assert "kubectl config current-context" in text


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


def rungs(dataset: DatasetPlan) -> list[str]:
    return [rung.name for rung in dataset.rungs]


def test_the_table_of_points_names_every_rung() -> None:
    found = estate("kind: Tier\nspec: {retention: {hourly: 24, daily: 14, weekly: 8}}\n")
    text = section(found, STEP)
    for name in rungs(found.datasets["shop/shop"]):
        assert f"| {name} | `" in text
