"""The one error of this stage."""

from __future__ import annotations

from bpc.diagnostics import Pointer


class TemplateError(ValueError):
    """A template, or a value given to it, that cannot become a file.

    `template` is the path below the template directory; `path` leads to the place inside the document
    and is empty when the whole template is meant.
    """

    def __init__(self, template: str, path: Pointer, message: str) -> None:
        self.template, self.path, self.message = template, path, message
        place = f" at `{'.'.join(map(str, path))}`" if path else ""
        super().__init__(f"{template}{place}: {message}")
