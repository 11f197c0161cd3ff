"""The Jinja environment that manifests and Markdown share: sandboxed, strict, and free of surprises."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from importlib.resources.abc import Traversable

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bpc.render.errors import TemplateError
from bpc.render.holes import OPEN
from bpc.render.values import RefusedValueError

# What may write: every other statement can carry a value into the text around `finalize` (a filter
# block, a macro), or builds text out of other templates, where indentation breaks.
_STATEMENTS: tuple[type[nodes.Stmt], ...] = (nodes.Output, nodes.If, nodes.For, nodes.Assign)


class Environment(ImmutableSandboxedEnvironment):
    """Templates from a directory, wheel or zip, whose every expression passes `finalize`."""

    def __init__(
        self,
        root: Traversable,
        finalize: Callable[..., str],
        names: Mapping[str, Callable[..., object]],
        statements: tuple[type[nodes.Stmt], ...] = (),
    ) -> None:
        # With autoescape on, Jinja would escape constants before `finalize` sees them.
        super().__init__(
            loader=jinja2.FunctionLoader(lambda name: (read(root, name), name, None)),
            undefined=jinja2.StrictUndefined,
            finalize=finalize,
            autoescape=False,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            cache_size=-1,
            auto_reload=False,
        )
        self._statements = _STATEMENTS + statements
        self._safe: dict[tuple[type, str], bool] = {}
        self.globals = dict(names)
        del self.filters["random"]

    def is_safe_attribute(self, obj: object, attr: str, value: object) -> bool:
        """Judge as the sandbox does, which looks at nothing but the type and the name: once for each."""
        known = (type(obj), attr)
        if known not in self._safe:
            self._safe[known] = super().is_safe_attribute(obj, attr, value)
        return self._safe[known]

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for statement in template.find_all(nodes.Stmt):
            if not isinstance(statement, self._statements):
                kind = type(statement).__name__.lower()
                raise jinja2.TemplateSyntaxError(
                    f"statement `{kind}` is not allowed here", statement.lineno, name
                )
        return template

    def text(self, name: str, variables: Mapping[str, object]) -> str:
        """Render a template; raises TemplateError for what is wrong with it or its values."""
        try:
            return self.get_template(name).render(variables)
        except jinja2.TemplateError as error:
            line = (
                error.lineno
                if isinstance(error, jinja2.TemplateSyntaxError)
                else _line(error, name)
            )
            raise TemplateError(name, (), f"line {line}: {error.message}") from error
        except RefusedValueError as error:
            raise TemplateError(name, error.path, error.message) from error


def read(root: Traversable, name: str) -> str:
    """Read a file below the template directory, with LF line ends."""
    parts = name.split("/")
    if any(part in {"", ".", ".."} or "\\" in part for part in parts):
        raise TemplateError(name, (), "not a path below the template directory")
    file = root.joinpath(*parts)
    if not file.is_file():
        raise TemplateError(name, (), "no such file in the template directory")
    text = file.read_text(encoding="utf-8")
    if OPEN in text:
        raise TemplateError(name, (), f"holds `U+{ord(OPEN):04X}`, which is reserved for holes")
    return text


def _line(error: Exception, name: str) -> int:
    lines = [
        line
        for frame, line in traceback.walk_tb(error.__traceback__)
        if frame.f_code.co_filename == name
    ]
    return lines[-1] if lines else 0
