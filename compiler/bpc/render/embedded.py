"""Documents that travel inside a string of another one, as in a ConfigMap."""

from __future__ import annotations

import json

from bpc.render.values import plain
from bpc.render.writer import dump_one


def json_text(value: object) -> str:
    """Write JSON for people to review: two spaces, the order given, one final newline."""
    return json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n"


def yaml_text(value: object) -> str:
    """Write canonical YAML."""
    return dump_one(plain(value))
