"""The strict JSON Schemas of the language, made from the models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bpc.model.documents import AnyDocument
from bpc.model.project import Project
from bpc.model.shape import keys

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENT = Annotated[AnyDocument, Field(discriminator="kind")]
"""Any document of a policy file, told apart by its kind."""

Schema = dict[str, object]
_FOREIGN = {"discriminator", "patternErrorMessage"}


class DescribedSchema(GenerateJsonSchema):
    """Pydantic's schemas, with the docstrings and defaults of fields, and maps that refuse other keys."""

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Describe each property in the words of its field, with its default as people write it."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        known = keys(model)
        for name, field in made.get("properties", {}).items():
            field["description"] = known[name].description
            field.pop("default", None)
            if not known[name].required and known[name].written is not None:
                field["default"] = known[name].written
        return made

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Say of keys all that the model says; Pydantic leaves their length out."""
        made: JsonSchemaValue = {"type": "object"}
        if "keys_schema" in schema:
            names = self.generate_inner(schema["keys_schema"])
            made["propertyNames"] = {k: v for k, v in names.items() if k != "type"}
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        made["additionalProperties"] = values or True
        self.update_with_validations(made, schema, self.ValidationsMapping.object)
        return made


def strict_schema() -> Schema:
    """Return the schema of one document of a policy file, of any kind."""
    adapter: TypeAdapter[AnyDocument] = TypeAdapter(DOCUMENT)
    return _strict(
        "A document of a backup policy", adapter.json_schema(schema_generator=DescribedSchema)
    )


def project_schema() -> Schema:
    """Return the schema of `bpc.yaml`."""
    schema = Project.model_json_schema(schema_generator=DescribedSchema)
    return _strict("The project file of bpc", schema)


def schema_json(schema: Mapping[str, object]) -> str:
    """Write a schema for people to review: two spaces, in the order of the models."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _strict(title: str, schema: Schema) -> Schema:
    made: Schema = _standard(schema)
    return {"$schema": DRAFT, "title": title} | {k: v for k, v in made.items() if k != "title"}


def _standard(node: Any) -> Any:
    """Return a schema without the keywords that JSON Schema does not have."""
    if isinstance(node, list):
        return [_standard(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {key: _standard(value) for key, value in node.items() if key not in _FOREIGN}
