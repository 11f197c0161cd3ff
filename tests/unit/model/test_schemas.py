"""The JSON Schemas say what the models say, as far as JSON Schema can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bpc.model.editor_schema import editor_project_schema, editor_schema
from bpc.model.json_schema import project_schema, schema_json, strict_schema
from bpc.source import parse

CORPUS = Path(__file__).parents[2] / "corpus"
STRICT, EDITOR = strict_schema(), editor_schema()
CHECKS = {
    "strict": jsonschema.Draft202012Validator(STRICT),
    "editor": jsonschema.Draft7Validator(EDITOR),
}
# What no schema can say: units that follow each other, durations of nothing, a day that does not exist.
BEYOND_SCHEMA = {
    "claims-two-ways",
    "day-in-another-order",
    "no-points",
}


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("path", sorted((CORPUS / "good").glob("*.yaml")), ids=lambda p: p.stem)
def test_good_documents_fit(name: str, path: Path) -> None:
    for document in parse(path.read_bytes(), path.name).documents:
        assert list(CHECKS[name].iter_errors(document.data)) == []


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("path", sorted((CORPUS / "bad").glob("*.yaml")), ids=lambda p: p.stem)
def test_bad_documents_do_not_fit_unless_no_schema_could_tell(name: str, path: Path) -> None:
    (document,) = parse(path.read_bytes(), path.name).documents
    fits = CHECKS[name].is_valid(document.data)
    assert fits == (path.stem in BEYOND_SCHEMA)


def test_the_schemas_are_schemas() -> None:
    jsonschema.Draft202012Validator.check_schema(STRICT)
    jsonschema.Draft202012Validator.check_schema(project_schema())
    jsonschema.Draft7Validator.check_schema(EDITOR)
    jsonschema.Draft7Validator.check_schema(editor_project_schema())


def nodes(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(n for each in value.values() for n in nodes(each))]
    if isinstance(value, list):
        return [n for each in value for n in nodes(each)]
    return []


def test_editors_are_spared_what_misleads_them() -> None:
    for node in nodes(EDITOR):
        assert "prefixItems" not in node
        assert "discriminator" not in node
        assert node.get("type") != "null"
        assert "default" not in node or node["default"] is not None
    assert "$defs" not in EDITOR


def test_every_key_that_an_editor_offers_is_described() -> None:
    for node in nodes(EDITOR):
        for key, value in node.get("properties", {}).items():
            if isinstance(value, dict):
                assert value.get("markdownDescription"), key


def test_choices_are_explained_one_by_one() -> None:
    volumes = EDITOR["definitions"]["Namespaces"]["properties"]["volumes"]  # type: ignore[index]
    told = dict(zip(volumes["enum"], volumes["markdownEnumDescriptions"], strict=True))
    assert "dies with that system" in told["snapshot"]
    assert all(told.values())


def test_snippets_are_documents_of_their_kind() -> None:
    snippets = EDITOR["defaultSnippets"]
    assert isinstance(snippets, list)
    assert [each["body"]["kind"] for each in snippets] == [
        "Cluster",
        "Location",
        "Tier",
        "BackupPolicy",
    ]


def test_schemas_are_written_the_same_each_time() -> None:
    assert schema_json(strict_schema()) == schema_json(strict_schema())
    assert schema_json(STRICT).endswith("}\n")
