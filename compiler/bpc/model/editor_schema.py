"""The JSON Schemas for editors: the same language, with what makes completion and hover useful.

Editors read draft-07. They show `markdownDescription` before `description`, list `enum` values with
`markdownEnumDescriptions`, insert `defaultSnippets`, and print `patternErrorMessage` instead of a
pattern. A null default would be inserted as the word `null`, so optional fields have neither.
"""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from bpc.model.documents import KINDS, AnyDocument
from bpc.model.json_schema import DOCUMENT, DescribedSchema, Schema
from bpc.model.project import Project
from bpc.model.snippets import DATABASE, DATASETS, DOCUMENTS

DRAFT = "http://json-schema.org/draft-07/schema#"
_BULLET = re.compile(r"^- `([^`]+)`: (.+?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)


class _ForEditors(DescribedSchema):
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def editor_schema() -> Schema:
    """Return the schema of one document of a policy file, for editors."""
    adapter: TypeAdapter[AnyDocument] = TypeAdapter(DOCUMENT)
    made: Schema = _friendly(adapter.json_schema(schema_generator=_ForEditors))
    definitions: Any = made["definitions"]
    datasets = definitions["BackupPolicySpec"]["properties"]["datasets"]["items"]
    for branch in datasets["oneOf"]:
        model = definitions[branch["$ref"].rpartition("/")[2]]
        model["defaultSnippets"] = [_dataset_snippet(model)]
    made["defaultSnippets"] = [_snippet(kind) for kind in KINDS]
    return {"$schema": DRAFT, "title": "A document of a backup policy"} | made


def editor_project_schema() -> Schema:
    """Return the schema of `bpc.yaml`, for editors."""
    made: Schema = _friendly(Project.model_json_schema(schema_generator=_ForEditors))
    return made | {"$schema": DRAFT, "title": "The project file of bpc"}


def _friendly(node: Any) -> Any:
    if isinstance(node, list):
        return [_friendly(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {
        ("definitions" if key == "$defs" else key): _friendly(value)
        for key, value in node.items()
        if key != "discriminator"
    }
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/$defs/", "#/definitions/")
    if isinstance(made.get("description"), str):
        _describe(made)
    for field in made.get("properties", {}).values():
        if "const" in field and "description" in made:
            field["markdownDescription"] = made["markdownDescription"]
    return made


def _describe(node: dict[str, Any]) -> None:
    text: str = node["description"]
    lines = [text]
    if "default" in node:
        lines.append(f"Default: {_shown(node['default'])}")
    if node.get("examples"):
        lines.append(f"For example: {_shown(node['examples'])}")
    node["markdownDescription"] = "\n\n".join(lines)
    told = {name: " ".join(words.split()) for name, words in _BULLET.findall(text)}
    for choice in _choices(node) if told else ():
        choice["markdownEnumDescriptions"] = [told.get(str(word), "") for word in choice["enum"]]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    return f"`{value if isinstance(value, str) else json.dumps(value)}`"


def _choices(node: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the choices of words that a field has, alone or beside other forms."""
    return [each for each in (node, *node.get("oneOf", [])) if isinstance(each.get("enum"), list)]


def _snippet(kind: str) -> Schema:
    body = {
        "apiVersion": "bpc/v1",
        "kind": kind,
        "metadata": {"name": "${1:name}"},
        "spec": DOCUMENTS[kind],
    }
    return {"label": kind, "description": KINDS[kind].__doc__, "body": body}


def _dataset_snippet(model: Any) -> Schema:
    word = model["properties"]["type"]["const"]
    body = {"name": "${1:name}", "type": word, **DATASETS.get(word, DATABASE)}
    return {"label": word, "description": model["description"], "body": body}
