"""What people are told: what is wrong, and one thing to do."""

from __future__ import annotations

import pytest

from bpc.diagnostics import Finding
from bpc.model.reading import read_document
from bpc.model.scalars import DURATION
from bpc.source import parse

TIER = "apiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\nspec:\n  "
CLUSTER = (
    "apiVersion: bpc/v1\nkind: Cluster\nmetadata: {name: prod}\nspec:\n  "
    "site: {provider: aws, region: r, account: a, realm: b}\n  "
)


def only(text: str) -> Finding:
    (document,) = parse(text.encode(), "p.yaml").documents
    (finding,) = read_document(document)[1]
    return finding


@pytest.mark.parametrize(
    ("text", "message", "advice"),
    [
        (
            CLUSTER + "kubernetes: 1.31\n",
            "`kubernetes` takes text, and `1.31` is a number here",
            "write it in quotes",
        ),
        (
            CLUSTER + 'kubernetes: "1.31.4"\n',
            "`1.31.4` is not a minor release",
            "use two numbers and a dot, such as `1.31`",
        ),
        (
            TIER + "limits: {run: 90 min}\n",
            "`90 min` is not a duration",
            f"write `90m`: {DURATION.use}",
        ),
        (TIER + "limits: {run: 90}\n", "`90` is not a duration", f"use {DURATION.use}"),
        (TIER + "limits: {run: 6M}\n", "`6M` is not a duration", f"use {DURATION.use}"),
        (
            TIER.replace("gold", "Gold_Tier") + "{}\n",
            "`Gold_Tier` is not a name",
            "write `gold-tier`: words of lower-case letters and digits, joined by single dashes",
        ),
        (
            TIER + "copies: {rule: 3-2-2}\n",
            "`3-2-2` is not one of the values of `rule`",
            "use `3-2-1-1-0`, `3-2-1` or `none`",
        ),
        (
            TIER + "metadata: {}\n",
            "`metadata` means nothing here",
            "it belongs at the top of the document",
        ),
        (
            TIER + "copies: {to: {s3: {}}}\n",
            "`to` takes a list, and this is a mapping",
            "begin each entry with `- `",
        ),
        (
            TIER + "copies: [s3]\n",
            "`copies` takes a mapping, and this is a list",
            "write a mapping with keys such as `rule` or `to`, without `- ` before them",
        ),
        (
            TIER + "rpo: 6h\n",
            "`rpo` means nothing here",
            "it belongs under `spec.objectives.*` or `spec.guardrails`",
        ),
        (
            TIER + "banana: 6h\n",
            "`banana` means nothing here",
            "remove it; `bpc explain Tier.spec` lists what can be said here",
        ),
        (
            TIER + "retention: {daily: 20000}\n",
            "`daily` must be at most 10000",
            "write at most 10000",
        ),
        (
            TIER + "guardrails: {copies: true}\n",
            "`copies` takes a whole number, and `true` is true or false here",
            "write a whole number",
        ),
    ],
)
def test_a_mistake_is_named_with_what_to_do(text: str, message: str, advice: str) -> None:
    finding = only(text)
    assert (finding.message, finding.help) == (message, advice)


@pytest.mark.parametrize(
    ("dataset", "advice", "value"),
    [
        ("type: etcd, paused: yes", "write `true`", True),
        ("type: etcd, paused: 'Off'", "write `false`", False),
        (
            "type: mysql, namespace: a, connection: {host: b, port: '3306'}",
            "write it without quotes",
            3306,
        ),
        ("type: namespaces, volumes: mve", "did you mean `move`?", "move"),
        ("type: etcd, paused: 1", "write `true` or `false`", None),
    ],
)
def test_an_edit_is_offered_where_only_one_can_be_meant(
    dataset: str, advice: str, value: object
) -> None:
    finding = only(
        "apiVersion: bpc/v1\nkind: BackupPolicy\nmetadata: {name: shop}\nspec:\n"
        "  clusters: [prod]\n  tier: gold\n  owner: {team: a, contact: b}\n"
        f"  datasets: [{{name: d, {dataset}}}]\n"
    )
    assert finding.help == advice
    assert (finding.edit.value if finding.edit else None) == value


def test_the_key_that_chooses_is_named_for_a_key_of_another_choice() -> None:
    finding = only(
        "apiVersion: bpc/v1\nkind: Location\nmetadata: {name: a}\nspec:\n"
        "  {type: gcs, bucket: abc, medium: m, network: internal,\n"
        "   site: {provider: a, region: b, account: c, realm: d}}\n"
    )
    assert finding.help == "remove it, or write `type`: `oss`"


@pytest.mark.parametrize(
    "spec",
    [
        "repositories: ['https://ann:hunter2x@git.example/x']",
        "repositories: ['https://git.example/x'], credentials: {password: [hunter2x]}",
        "repositories: ['https://git.example/x'], credentials: {secret: 'AKIAIOSFODNN7HUNTER2'}",
        "repositories: ['https://git.example/x'], AKIAIOSFODNN7HUNTER2: a",
        "connection: {host: h, tls: {mode: AKIAIOSFODNN7HUNTER2}}",
    ],
)
def test_what_looks_like_a_secret_is_not_repeated(spec: str) -> None:
    text = (
        "apiVersion: bpc/v1\nkind: BackupPolicy\nmetadata: {name: shop}\nspec:\n"
        "  clusters: [prod]\n  tier: gold\n  owner: {team: a, contact: b}\n"
        f"  datasets: [{{name: d, type: git, namespace: n, {spec}}}]\n"
    )
    (document,) = parse(text.encode(), "p.yaml").documents
    findings = read_document(document)[1]
    assert findings
    assert "hunter2" not in str([(f.message, f.help) for f in findings]).lower()
