"""Render manifests from templates with holes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources.abc import Traversable

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from bpc.render.embedded import json_text, yaml_text
from bpc.render.environment import Environment
from bpc.render.errors import TemplateError
from bpc.render.holes import Holes
from bpc.render.program import OMITTED, Filled
from bpc.render.scripts import load_script
from bpc.render.shape import shape
from bpc.render.values import Data

# No template can name a variable with a blank in it.
_HOLES = "the holes"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object: its data and the same as canonical YAML that ends in a newline."""

    data: dict[str, Data]
    text: str


class Renderer:
    """Templates in the shape of the YAML they produce, one document each.

    An expression alone in a plain scalar becomes its value: mapping, list, text, integer or boolean;
    None leaves out the key or item. Amid other text or in quotes, text and integers are put in. A
    mapping whose entries are all left out is left out too, and so is a key with nothing after it. What
    stays is a written `{}` or `[]`, an empty collection that is a value, and a list without items.

    Templates have four functions: `fragment(template, **context)`, the data of another template;
    `script(path)`, a script as it is; `json_text(value)` and `yaml_text(value)`, documents in strings.
    """

    def __init__(self, templates: Traversable) -> None:
        self._root = templates
        self._scripts: dict[str, str] = {}
        functions: dict[str, Callable[..., object]] = {
            "fragment": self._fragment,
            "script": self.script,
            "json_text": json_text,
            "yaml_text": yaml_text,
        }
        self._environment = Environment(templates, _punch, functions)

    def manifest(self, template: str, /, **context: object) -> Manifest:
        """Render a template that makes one mapping; raises TemplateError."""
        out: list[str] = []
        data = self._fill(template, context, out)
        if not isinstance(data, dict):
            raise TemplateError(template, (), "a manifest is a mapping with something in it")
        return Manifest(data, "".join(out))

    def script(self, path: str) -> str:
        """Return a script below the template directory; raises TemplateError."""
        if path not in self._scripts:
            self._scripts[path] = load_script(self._root, path)
        return self._scripts[path]

    def _fragment(self, template: str, /, **context: object) -> Data:
        data = self._fill(template, context, [])
        return None if data is OMITTED else data

    def _fill(self, template: str, context: dict[str, object], out: list[str]) -> Filled:
        holes = Holes()
        text = self._environment.text(template, {**context, _HOLES: holes})
        node = shape(template, text)
        return OMITTED if node is None else node.fill(holes.values, out)


@pass_context
def _punch(context: Context, value: object) -> str:
    """Put a value aside; asking for the context keeps Jinja from folding constants into the text."""
    if isinstance(value, Undefined):
        return str(value)
    holes: Holes = context.parent[_HOLES]
    return holes.punch(value)
