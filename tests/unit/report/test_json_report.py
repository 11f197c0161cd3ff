from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import jsonschema
import pytest

from bpc.diagnostics import Diagnostic, Edit, Where
from bpc.report.contents import Report
from bpc.report.json_report import render


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    text = files("bpc.report").joinpath("schemas/report.schema.json").read_text("utf-8")
    jsonschema.Draft202012Validator.check_schema(json.loads(text))
    return jsonschema.Draft202012Validator(json.loads(text))


def test_says_all_there_is_to_say(report: Report, unknown_location: Diagnostic) -> None:
    document = json.loads(render(report))
    assert document | {"diagnostics": None} == {
        "apiVersion": "report.bpc/v1",
        "kind": "Diagnostics",
        "tool": {"name": "bpc", "version": "0.1.0"},
        "command": "lint",
        "summary": {"errors": 1, "warnings": 1, "infos": 0},
        "checked": ["shop", "billing"],
        "diagnostics": None,
    }
    assert document["diagnostics"][0] == {
        "code": "BPC204",
        "name": "unknown-location",
        "level": "error",
        "category": "policy",
        "message": "location `oss-hangzhuo` does not exist",
        "label": "no such Location",
        "help": "did you mean `oss-hangzhou`",
        "source": {
            "file": "policies/shop.yaml",
            "line": 7,
            "column": 9,
            "endLine": 7,
            "endColumn": 21,
        },
        "document": 0,
        "pointer": "/spec/copies/to/0",
        "subject": "shop/orders",
        "related": [
            {
                "source": {
                    "file": "policies/base.yaml",
                    "line": 3,
                    "column": 9,
                    "endLine": 3,
                    "endColumn": 21,
                },
                "label": "declared here",
            }
        ],
        "fingerprint": unknown_location.fingerprint,
        "edit": {
            "file": "policies/shop.yaml",
            "document": 0,
            "pointer": "/spec/copies/to/0",
            "value": "oss-hangzhou",
        },
    }


@pytest.mark.parametrize(
    "edit",
    [
        None,
        Edit(Where("a.yaml"), value=None),
        Edit(Where("a.yaml"), value=True),
        Edit(Where("a.yaml", 1, ("a/b", "c~d")), rename="x"),
    ],
)
def test_keeps_to_its_schema(
    edit: Edit | None,
    report: Report,
    unknown_location: Diagnostic,
    schema: jsonschema.Draft202012Validator,
) -> None:
    edited = replace(unknown_location, edit=edit)
    schema.validate(json.loads(render(replace(report, diagnostics=(edited,)))))


def test_keeps_to_its_schema_when_nothing_was_found(
    empty: Report, schema: jsonschema.Draft202012Validator
) -> None:
    schema.validate(json.loads(render(empty)))


def test_the_schema_refuses_what_it_does_not_know(
    report: Report, schema: jsonschema.Draft202012Validator
) -> None:
    document = json.loads(render(report))
    document["diagnostics"][0]["edit"]["rename"] = "both"
    document["diagnostics"][1]["surprise"] = 1
    found = {tuple(error.absolute_path) for error in schema.iter_errors(document)}
    assert found == {("diagnostics", 0, "edit"), ("diagnostics", 1)}
