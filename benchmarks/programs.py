"""The programs of the peers, made from what bpc wrote for one policy.

Each is a function from the values in which policies differ to the manifests of one policy, written the way
its language wants it: an object with strings joined (`%` formatting would make Jsonnet several times slower).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import yaml

from benchmarks.fleet import Policy

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Manifests = dict[str, dict[str, object]]


def manifests(output: Path, policy: Policy) -> Manifests:
    """Return the parsed manifests that bpc wrote for a policy, by path below the output of the cluster."""
    root = output / "c0"
    files = sorted((*root.glob(f"*/{policy.name}/*.yaml"), *root.glob(f"*/{policy.name}/*/*.yaml")))
    return {
        path.relative_to(root).as_posix(): yaml.load(path.read_bytes(), Loader)  # noqa: S506
        for path in files
    }


def jsonnet(reference: Manifests, policy: Policy) -> str:
    """Return a Jsonnet program: an object of YAML texts by file, for the policies in `std.extVar`."""
    entries = ",\n".join(
        f"    [{_joined(path, policy)}]: std.manifestYamlDoc({_value(data, policy, _JSONNET)})"
        for path, data in reference.items()
    )
    return (
        'local policies = std.extVar("policies");\n'
        f"local files(p) = {{\n{entries}\n}};\n"
        "{ [p.name]: files(p) for p in policies }\n"
    )


def kcl(reference: Manifests, policy: Policy) -> str:
    """Return a KCL program: a list of files, for the policies in a file of JSON beside it."""
    entries = "".join(
        f"    {{path = {_joined(path, policy)}, "
        f"text = yaml.encode({_value(data, policy, _KCL)})}}\n"
        for path, data in reference.items()
    )
    return (
        "import yaml\nimport json\nimport file\n\n"
        'policies = json.decode(file.read("policies.json"))\n'
        f"files = lambda p {{\n    [\n{entries}    ]\n}}\n"
        "made = [files(p) for p in policies]\n"
    )


def jinja(reference: Manifests, policy: Policy) -> dict[str, str]:
    """Return a template of each file, by a template of its path."""
    holes = {value: "{{ p." + name + " }}" for name, value in asdict(policy).items()}

    def filled(text: str) -> str:
        for value, hole in holes.items():
            text = text.replace(value, hole)
        return text

    return {
        filled(path): filled(yaml.safe_dump(data, sort_keys=False, width=1000))
        for path, data in reference.items()
    }


_Words = dict[object, str]
_JSONNET: _Words = {True: "true", False: "false", None: "null"}
_KCL: _Words = {True: "True", False: "False", None: "None"}


def _value(data: object, policy: Policy, words: _Words) -> str:
    match data:
        case dict():
            computed = words is _JSONNET
            pairs = ", ".join(
                f"{_key(key, policy, computed)}: {_value(value, policy, words)}"
                for key, value in data.items()
            )
            return f"{{{pairs}}}"
        case list():
            return f"[{', '.join(_value(each, policy, words) for each in data)}]"
        case str():
            return _joined(data, policy)
        case bool() | None:
            return words[data]
        case _:
            return json.dumps(data)


def _key(key: str, policy: Policy, computed: bool) -> str:
    text = _joined(key, policy)
    return f"[{text}]" if computed and "+" in text else text


def _joined(text: str, policy: Policy) -> str:
    parts = list(_parts(text, list(asdict(policy).items())))
    return " + ".join(parts) or '""'


def _parts(text: str, values: list[tuple[str, str]]) -> Iterator[str]:
    if not values:
        if text:
            yield json.dumps(text, ensure_ascii=False)
        return
    (name, value), *rest = values
    for index, piece in enumerate(text.split(value)):
        if index:
            yield f"p.{name}"
        yield from _parts(piece, rest)
