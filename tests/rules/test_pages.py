"""The pages of the rules: complete, and true of the rules they describe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from bpc.diagnostics import Finding
from bpc.rules import (
    CLUSTER_RULES,
    LOAD_RULES,
    POLICY_RULES,
    ClusterRule,
    LoadRule,
    PolicyRule,
)
from bpc.rules.pages import page_of
from tests.estates import estate

RULES = (*POLICY_RULES, *CLUSTER_RULES, *LOAD_RULES)
Rule = PolicyRule | ClusterRule | LoadRule
IDS = [rule.CODE.name for rule in RULES]
HERE = Path(__file__).parent
MODULES = Path(__file__).parents[2] / "compiler" / "bpc" / "rules"


def findings(rule: Rule, text: str) -> Iterator[Finding]:
    found = estate(text)
    if hasattr(rule, "check"):
        for policy in found.policies:
            yield from rule.check(policy)
    elif hasattr(rule, "check_load"):
        for cluster in found.clusters.values():
            total = sum((rule.load(policy) for policy in found.policies), Fraction(0))
            yield from rule.check_load(cluster, total)
    else:
        for cluster in found.clusters.values():
            yield from rule.check_cluster(cluster)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_bad_example_is_found(rule: Rule) -> None:
    found = list(findings(rule, page_of(rule).bad))
    assert found
    assert all(finding.code is rule.CODE for finding in found)


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_the_good_example_is_not_found(rule: Rule) -> None:
    assert list(findings(rule, page_of(rule).good)) == []


@pytest.mark.parametrize("rule", RULES, ids=IDS)
def test_every_finding_has_a_place_a_reason_and_a_way_out(rule: Rule) -> None:
    for finding in findings(rule, page_of(rule).bad):
        assert finding.where.pointer
        assert finding.help
        assert finding.subject
        assert (
            finding.message[0] == "`"
            or finding.message[0].islower()
            or finding.message[0].isupper()
        )
        assert not finding.message.endswith(".")


def test_codes_and_names_are_unique() -> None:
    assert max(Counter(rule.CODE.number for rule in RULES).values()) == 1
    assert max(Counter(IDS).values()) == 1


def test_every_module_is_registered_under_the_name_of_its_code() -> None:
    modules = {path.stem for path in MODULES.glob("*.py")} - {"__init__", "pages"}
    assert modules == {name.replace("-", "_") for name in IDS}


def test_the_base_estate_breaks_no_rule() -> None:
    assert [finding for rule in RULES for finding in findings(rule, "")] == []
