"""The strict JSON Schemas of the language, made from the models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, TypeAdapter

from bpc.model.documents import AnyDocument
from bpc.model.project import Project

DRAFT = "https://json-schema.org/draft/2020-12/schema"
DOCUMENT = Annotated[AnyDocument, Field(discriminator="kind")]
"""Any document of a policy file, told apart by its kind."""

Schema = dict[str, object]


def strict_schema() -> Schema:
    """Return the schema of one document of a policy file, of any kind."""
    adapter: TypeAdapter[AnyDocument] = TypeAdapter(DOCUMENT)
    return _titled("A document of a backup policy", adapter.json_schema(mode="validation"))


def project_schema() -> Schema:
    """Return the schema of `bpc.yaml`."""
    return _titled("The project file of bpc", Project.model_json_schema(mode="validation"))


def schema_json(schema: Mapping[str, object]) -> str:
    """Write a schema for people to review: two spaces, in the order of the models."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _titled(title: str, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": title} | {k: v for k, v in schema.items() if k != "title"}
