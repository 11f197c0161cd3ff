from __future__ import annotations

import json
from dataclasses import replace

import jsonschema

from bpc.diagnostics import Diagnostic
from bpc.report.contents import Report
from bpc.report.gitlab import render

# What GitLab documents for a custom tool; unknown fields are left out on purpose.
SCHEMA = {
    "type": "array",
    "items": {
        "type": "object",
        "additionalProperties": False,
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "additionalProperties": False,
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "not": {"pattern": "^(\\./|/)"}},
                    "lines": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}


def test_is_a_flat_array_of_issues(report: Report, unknown_location: Diagnostic) -> None:
    issues = json.loads(render(report))
    jsonschema.validate(issues, SCHEMA)
    assert issues[0] == {
        "description": "location `oss-hangzhuo` does not exist",
        "check_name": "BPC204 unknown-location",
        "fingerprint": unknown_location.fingerprint,
        "severity": "critical",
        "location": {"path": "policies/shop.yaml", "lines": {"begin": 7}},
    }
    assert issues[1]["severity"] == "minor"


def test_no_two_issues_share_a_fingerprint(report: Report, unknown_location: Diagnostic) -> None:
    issues = json.loads(render(replace(report, diagnostics=(unknown_location,) * 5)))
    assert len({issue["fingerprint"] for issue in issues}) == 5


def test_is_an_empty_array_when_nothing_was_found(empty: Report) -> None:
    assert render(empty) == "[]\n"
