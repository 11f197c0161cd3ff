"""Values for a Helm chart: the compiler's own and those that a person adds to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bpc.diagnostics import Pointer

_FEATURES = "features"


def without(values: Mapping[str, object], paths: Iterable[Pointer]) -> dict[str, object]:
    """Return a copy that lacks the values at `paths`, and has text in place of fractions.

    No manifest can carry a fraction, and what the chart makes of one, a flag or a quantity, is text.
    """
    result = {name: _copy(value) for name, value in values.items()}
    for path in paths:
        _remove(result, path)
    return result


def merged(ours: Mapping[str, object], theirs: Mapping[str, object]) -> dict[str, object]:
    """Return both in one: mappings merge, lists grow, and otherwise a person's value wins.

    An item of a list replaces the one of the same name. Velero's features are a list, too, in one text.
    """
    result = dict(ours)
    for name, value in theirs.items():
        own = result.get(name)
        if isinstance(own, dict) and isinstance(value, dict):
            result[name] = merged(own, value)
        elif isinstance(own, list) and isinstance(value, list):
            result[name] = _joined(own, value)
        elif name == _FEATURES and isinstance(own, str) and isinstance(value, str):
            result[name] = ",".join(dict.fromkeys([own, *filter(None, value.split(","))]))
        else:
            result[name] = value
    return result


def _copy(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _copy(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(item) for item in value]
    return repr(value) if isinstance(value, float) else value


def _remove(values: dict[str, object], path: Pointer) -> None:
    found: object = values
    for step in path[:-1]:
        found = found.get(step) if isinstance(found, dict) else None
    if isinstance(found, dict):
        found.pop(path[-1], None)


def _joined(ours: list[object], theirs: list[object]) -> list[object]:
    named = {item["name"] for item in theirs if isinstance(item, dict) and "name" in item}
    kept = [item for item in ours if not (isinstance(item, dict) and item.get("name") in named)]
    return [*kept, *theirs]
