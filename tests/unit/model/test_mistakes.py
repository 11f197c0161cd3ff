"""All mistakes at once, each told one time."""

from __future__ import annotations

import textwrap

import pytest

from bpc.diagnostics import Finding
from bpc.model import codes
from bpc.model.reading import read_document
from bpc.source import parse

HEAD = "apiVersion: bpc/v1\nkind: {}\nmetadata: {{name: a}}\nspec:\n"
POLICY = """
  clusters: [prod]
  tier: gold
  owner: {team: shop, contact: "#shop"}
  datasets:
"""


def found(kind: str, spec: str) -> list[Finding]:
    text = HEAD.format(kind) + textwrap.indent(textwrap.dedent(spec), "  ")
    (document,) = parse(text.encode(), "p.yaml").documents
    return read_document(document)[1]


def dataset(text: str) -> list[Finding]:
    return found("BackupPolicy", textwrap.dedent(POLICY) + f"  - {text}\n")


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.where.json_pointer, finding.code.name) for finding in findings]


def test_what_a_misspelt_key_hides_is_told_in_the_authors_words() -> None:
    assert told(found("Tier", "retnetion: {daily: 0, wekly: 3}")) == [
        ("/spec/retnetion", "unknown-key"),
        ("/spec/retnetion/wekly", "unknown-key"),
        ("/spec/retnetion/daily", "out-of-range"),
    ]


def test_what_a_misspelt_type_hides_is_told() -> None:
    assert told(dataset("{name: a, type: namespace, includ: [b], size: 5}")) == [
        ("/spec/datasets/0/type", "not-one-of"),
        ("/spec/datasets/0/includ", "unknown-key"),
        ("/spec/datasets/0/size", "bad-format"),
    ]


def test_a_type_under_a_misspelt_key_that_is_wrong_too_is_told_at_that_key() -> None:
    assert told(dataset("{name: a, tipe: namespace, size: 5}")) == [
        ("/spec/datasets/0/tipe", "unknown-key"),
        ("/spec/datasets/0/tipe", "not-one-of"),
        ("/spec/datasets/0/size", "bad-format"),
    ]


def test_a_missing_key_is_not_told_beside_the_misspelt_one() -> None:
    assert told(dataset("{nmae: a, type: etcd}")) == [("/spec/datasets/0/nmae", "unknown-key")]
    assert told(dataset("{name: a, typ: etcd}")) == [("/spec/datasets/0/typ", "unknown-key")]


def test_two_slips_for_one_key_are_one_suggestion() -> None:
    first, second = found("Tier", "retenton: {daily: 1}\nretnetion: {daily: 1}\n")
    assert first.edit is not None
    assert first.edit.rename == "retention"
    assert second.edit is None


def test_a_key_is_not_suggested_where_it_is_already_written() -> None:
    (finding,) = found("Tier", "retention: {daily: 1}\nretentions: {daily: 1}\n")
    assert finding.edit is None


def test_a_missing_type_is_told_with_all_that_can_be_chosen() -> None:
    (finding,) = dataset("{name: a}")
    assert finding.code == codes.MISSING_KEY
    assert finding.where.pointer == ("spec", "datasets", 0)
    assert "`etcd`, `namespaces`" in finding.help


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        ("{name: a, type: redis, namespace: b, redis: 5}", "/spec/datasets/0/redis"),
        ("{name: a, type: redis, namespace: b, '[key]': 5}", "/spec/datasets/0/[key]"),
        ("{name: a, type: etcd, schedule: {cron: '* * * * *', times: 5}}", "…/schedule/times"),
        ("{name: a, type: etcd, schedule: {cron: 5, timeZone: UTC}}", "…/schedule/cron"),
        ("{name: a, type: etcd, objectives: {rpo: {rpo: 5}}}", "…/objectives/rpo/rpo"),
        ("{name: a, type: etcd, copies: {to: [A]}}", "…/copies/to/0"),
    ],
)
def test_steps_of_pydantics_paths_are_told_from_keys_of_the_same_name(
    text: str, pointer: str
) -> None:
    (finding,) = dataset(text)
    assert finding.where.json_pointer == pointer.replace("…", "/spec/datasets/0")


def test_a_list_is_not_called_too_short_because_of_its_entries() -> None:
    assert [code for _, code in told(dataset("5"))] == ["wrong-type"]


def test_of_very_many_mistakes_the_first_are_told_and_that_there_are_more() -> None:
    findings = found("Tier", "".join(f"k{i}: {i}\n" for i in range(5_000)))
    assert len(findings) == 101
    assert "only the first 100" in findings[-1].message
