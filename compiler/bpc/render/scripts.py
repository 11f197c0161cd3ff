"""Scripts that ship beside the templates and reach a manifest as they are, fed by the environment only."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable

from bpc.render.environment import read
from bpc.render.errors import TemplateError
from bpc.render.spelling import spell

_FAULTS = (
    (re.compile(r"\t"), "a tab, which makes kustomize rewrite the script as one escaped string"),
    (re.compile(r" $", re.MULTILINE), "a trailing blank, which makes kustomize do the same"),
    (re.compile(r"\$\{"), "`${`, which Flux substitutes: write `$NAME`"),
    (re.compile(r"\$\$"), "`$$`, which Flux and the kubelet turn into `$`"),
)


def load_script(root: Traversable, path: str) -> str:
    """Read `<back end>/scripts/<name>.sh`; raises TemplateError if it would not survive delivery."""
    if "/scripts/" not in path or not path.endswith(".sh"):
        raise TemplateError(path, (), "not a path like `<back end>/scripts/<name>.sh`")
    text = read(root, path)
    for pattern, fault in _FAULTS:
        if found := pattern.search(text):
            line = text.count("\n", 0, found.start()) + 1
            raise TemplateError(path, (), f"line {line} has {fault}")
    if not spell(text, 0).startswith("|\n"):
        raise TemplateError(
            path,
            (),
            "must be printable, begin with a visible character, end in exactly one line break, and "
            "have no more than two empty lines in a row",
        )
    return text
