"""The JSON Schemas by name, as text."""

from __future__ import annotations

from importlib.resources import files
from typing import Literal

from bpc.model.editor_schema import editor_project_schema, editor_schema
from bpc.model.json_schema import project_schema, schema_json, strict_schema


def schema_text(which: Literal["policy", "project", "report"], *, editor: bool = False) -> str:
    """Return the schema of policies, of `bpc.yaml`, or of JSON reports."""
    if which == "report":
        return (files("bpc.report") / "schemas" / "report.schema.json").read_text(encoding="utf-8")
    if which == "project":
        return schema_json(editor_project_schema() if editor else project_schema())
    return schema_json(editor_schema() if editor else strict_schema())
