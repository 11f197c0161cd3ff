"""The reference of the language, made from the models: pages in Markdown, and fields one by one."""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc
from typing import Annotated, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bpc.model.documents import KINDS
from bpc.model.project import Project
from bpc.model.scalars import Day, Duration, Rate, Size, format_duration

_ALL: Mapping[str, type[BaseModel]] = {**KINDS, "Project": Project}
_SCALARS = {Duration: "duration", Size: "size", Rate: "rate", Day: "day"}
_PLAIN = {str: "text", int: "number", bool: "true or false", object: "anything", type(None): ""}


def pages() -> dict[str, str]:
    """Return the pages below `docs/reference/` by file name."""
    found = {f"{_dashed(kind)}.md": _page(kind, model) for kind, model in _ALL.items()}
    return {"README.md": _index(), **found}


def explain_field(path: str) -> str | None:
    """Return what is known of a field such as `Cluster.spec.addons`; None if there is none.

    The kind may be written in any case, or as its last word. A step may name the type of a dataset.
    """
    kind, *steps = path.split(".")
    name = next(
        (known for known in _ALL if kind and known.casefold().endswith(kind.casefold())), None
    )
    if name is None:
        return None
    models: list[type[BaseModel]] = [_ALL[name]]
    field: FieldInfo | None = None
    for step in steps:
        chosen = [m for m in models if step in _tag(m).split(", ")]
        if chosen:
            models = chosen
            continue
        found = [(m, f) for m in models for key, f in _fields(m) if key == step]
        if not found:
            return None
        field = found[0][1]
        models = [m for _, each in found for m in _models(each.annotation)]
    return _explained(path, field, models if steps else [_ALL[name]])


def _explained(path: str, field: FieldInfo | None, models: list[type[BaseModel]]) -> str:
    lines = [path]
    if field is not None:
        lines += [f"  {_type(field)}{_default(field)}", "", _indent(field.description or "")]
    for model in models:
        tag = _tag(model)
        lines += ["", f"  {tag + ': ' if tag else ''}{_first(model.__doc__)}"]
        for key, each in _fields(model):
            lines.append(f"    {key:<20} {_type(each)}: {_first(each.description)}")
    return "\n".join(lines)


def _indent(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def _index() -> str:
    lines = [
        "# The language",
        "",
        "Generated from the models; `make docs` rewrites these pages. `bpc explain Cluster.spec` prints the",
        "same, field by field. Durations are written `15m`, `6h`, `30d` or `2w`, sizes `120Gi`, rates",
        '`200MiB/s`, days `"2027-03-31"`.',
        "",
        "| Kind | What it says |",
        "|---|---|",
    ]
    for kind, model in _ALL.items():
        lines.append(f"| [{kind}]({_dashed(kind)}.md) | {_first(model.__doc__)} |")
    return "\n".join(lines) + "\n"


def _page(kind: str, model: type[BaseModel]) -> str:
    parts = [f"# {kind}", cleandoc(model.__doc__ or "")]
    for each in _below(model):
        tag = _tag(each)
        title = f"{each.__name__} (`type: {tag}`)" if tag and each is not model else each.__name__
        if each is not model:
            parts += [f"## {title}", cleandoc(each.__doc__ or "")]
        parts.append(_table(each))
    return "\n\n".join(parts) + "\n"


def _table(model: type[BaseModel]) -> str:
    lines = ["| Key | Type | Default | Meaning |", "|---|---|---|---|"]
    for key, field in _fields(model):
        default = "required" if field.is_required() else _shown(field)
        text = " ".join((field.description or "").split()).replace("|", "\\|")
        kind = _type(field).replace("|", "\\|")
        lines.append(f"| `{key}` | {kind} | {default} | {text} |")
    return "\n".join(lines)


def _fields(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _below(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Yield a model and all that it consists of, each once, in the order of first use."""
    seen: list[type[BaseModel]] = []
    waiting = [model]
    while waiting:
        each = waiting.pop(0)
        if each not in seen:
            seen.append(each)
            yield each
            waiting += [m for _, field in _fields(each) for m in _models(field.annotation)]


def _models(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in get_args(annotation) for model in _models(argument)]


def _tag(model: type[BaseModel]) -> str:
    field = model.model_fields.get("type")
    values = get_args(field.annotation) if field is not None else ()
    return ", ".join(str(value) for value in values)


def _type(field: FieldInfo) -> str:
    annotation = field.annotation
    if field.metadata:
        annotation = Annotated[(annotation, *field.metadata)]  # type: ignore[assignment] # for words
    return _words(annotation)


def _words(annotation: object) -> str:
    for scalar, word in _SCALARS.items():
        if annotation == scalar:
            return word
    if isinstance(annotation, type) and not get_args(annotation):
        return _PLAIN.get(annotation, annotation.__name__)
    composed = _COMPOSED.get(get_origin(annotation))
    return composed(get_args(annotation)) if composed is not None else "text"


def _either(arguments: tuple[object, ...]) -> str:
    return " or ".join(dict.fromkeys(word for each in arguments if (word := _words(each))))


_COMPOSED: Mapping[object, Callable[[tuple[object, ...]], str]] = {
    Annotated: lambda arguments: _words(arguments[0]),
    Literal: lambda arguments: " or ".join(f"`{value}`" for value in arguments),
    Union: _either,
    types.UnionType: _either,
    tuple: lambda arguments: f"list of {_words(arguments[0])}",
    dict: lambda arguments: f"map of {_words(arguments[1])}",
}


def _default(field: FieldInfo) -> str:
    return ", required" if field.is_required() else f", default {_shown(field)}"


def _shown(field: FieldInfo) -> str:
    value = field.default
    if value is None or isinstance(value, BaseModel) or value in ((), {}):
        return "none"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int) and _type(field) == "duration":
        return f"`{format_duration(value)}`"
    if isinstance(value, tuple):
        return ", ".join(f"`{each}`" for each in value)
    return f"`{value}`"


def _first(text: str | None) -> str:
    return " ".join((text or "").strip().split("\n\n")[0].split())


def _dashed(kind: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in kind).strip("-")
