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
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bpc.model.documents import KINDS, AnyDocument
from bpc.model.json_schema import DOCUMENT, Schema
from bpc.model.project import Project

DRAFT = "http://json-schema.org/draft-07/schema#"
_BULLET = re.compile(r"^- `([^`]+)`: (.+?)(?=^- |\Z)", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`([^`]+)` \(?((?:[^`(),;]|, (?!`))+)")
_SNIPPETS = {
    "Cluster": {
        "kubernetes": "${2:1.33}",
        "site": {
            "provider": "${3:aws}",
            "region": "${4:eu-central-1}",
            "account": "${5:prod}",
            "realm": "${6:prod-admins}",
        },
    },
    "Location": {
        "type": "${2|s3,oss,gcs,azure|}",
        "bucket": "${3:bucket}",
        "site": {
            "provider": "${4:aws}",
            "region": "${5:eu-west-1}",
            "account": "${6:backup}",
            "realm": "${7:backup-admins}",
        },
        "medium": "${8:object-store}",
    },
    "Tier": {
        "objectives": {"default": {"rpo": "${2:6h}", "rto": "${3:8h}"}},
        "copies": {"to": ["${4:location}"]},
        "retention": {"daily": "${5:14}"},
    },
    "BackupPolicy": {
        "clusters": ["${2:cluster}"],
        "tier": "${3:tier}",
        "owner": {"team": "${4:team}", "contact": "${5:#oncall}"},
        "datasets": [
            {"name": "${6:name}", "type": "${7:namespaces}", "include": ["${8:namespace}"]}
        ],
    },
}


class _ForEditors(GenerateJsonSchema):
    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)


def editor_schema() -> Schema:
    """Return the schema of one document of a policy file, for editors."""
    adapter: TypeAdapter[AnyDocument] = TypeAdapter(DOCUMENT)
    schema = adapter.json_schema(mode="validation", schema_generator=_ForEditors)
    friendly = _friendly(schema)
    friendly["defaultSnippets"] = [_snippet(kind) for kind in KINDS if kind in _SNIPPETS]
    return {"$schema": DRAFT, "title": "A document of a backup policy"} | friendly


def editor_project_schema() -> Schema:
    """Return the schema of `bpc.yaml`, for editors."""
    schema = Project.model_json_schema(mode="validation", schema_generator=_ForEditors)
    return {"$schema": DRAFT, "title": "The project file of bpc"} | _friendly(schema)


def _friendly(schema: Schema) -> Schema:
    made: Schema = _walk(schema)
    definitions = made.get("definitions")
    if isinstance(definitions, dict):
        for each in (made, *definitions.values()):
            for field in each.get("properties", {}).values():
                _describe_by_reference(field, definitions)
    return made


def _describe_by_reference(field: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Where a field says the same as its model, Pydantic leaves it to the model; editors do not look."""
    if "$ref" in field and "markdownDescription" not in field:
        model = definitions[field["$ref"].rpartition("/")[2]]
        field["markdownDescription"] = model["markdownDescription"]


def _walk(node: Any) -> Any:
    if isinstance(node, list):
        return [_walk(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {
        ("definitions" if key == "$defs" else key): _walk(value)
        for key, value in node.items()
        if key != "discriminator"
    }
    if isinstance(made.get("$ref"), str):
        made["$ref"] = made["$ref"].replace("#/$defs/", "#/definitions/")
    if isinstance(made.get("description"), str):
        _describe(made)
    return made


def _describe(node: dict[str, Any]) -> None:
    text: str = node["description"]
    lines = [text]
    if "default" in node:
        lines.append(f"Default: `{json.dumps(node['default'])}`")
    if node.get("examples"):
        lines.append("For example: " + ", ".join(f"`{each}`" for each in node["examples"]))
    node["markdownDescription"] = "\n\n".join(lines)
    if isinstance(node.get("enum"), list):
        told = _told(text)
        node["markdownEnumDescriptions"] = [told.get(str(value), "") for value in node["enum"]]
    if "pattern" in node:
        node["patternErrorMessage"] = text.partition("\n")[0]


def _told(text: str) -> dict[str, str]:
    """Return what a description says of single values: as a list, or in passing."""
    listed = {name: " ".join(words.split()) for name, words in _BULLET.findall(text)}
    return listed or {name: words.strip(" .") for name, words in _INLINE.findall(text)}


def _snippet(kind: str) -> Schema:
    return {
        "label": kind,
        "description": (KINDS[kind].__doc__ or "").partition("\n")[0],
        "body": {
            "apiVersion": "bpc/v1",
            "kind": kind,
            "metadata": {"name": "${1:name}"},
            "spec": _SNIPPETS[kind],
        },
    }
