"""Plan values to files: manifests from templates with holes, canonical YAML, and Markdown."""

from __future__ import annotations

from bpc.render.embedded import json_text, yaml_text
from bpc.render.errors import TemplateError
from bpc.render.markdown import MarkdownRenderer
from bpc.render.renderer import Manifest, Renderer
from bpc.render.writer import dump, dump_one, header

__all__ = [
    "Manifest",
    "MarkdownRenderer",
    "Renderer",
    "TemplateError",
    "dump",
    "dump_one",
    "header",
    "json_text",
    "yaml_text",
]
