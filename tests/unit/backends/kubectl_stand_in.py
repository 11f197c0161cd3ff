"""A stand-in for kubectl and the API server behind it: it keeps its objects in a file.

It knows the words and flags that the export's script uses, and refuses all others. What it answers follows
kubectl 1.32 and the API server: lists are `kind: List`, a namespace that does not exist has an empty list,
new objects get what the server writes itself, `create` refuses what exists and `replace` what does not.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

Object = dict[str, Any]
STATE = "state.json"

PROGRAM = f"""#!{sys.executable}
import sys
sys.path.insert(0, {str(Path(__file__).parents[3])!r})
from tests.unit.backends.kubectl_stand_in import main
main()
"""


class Refused(Exception):  # noqa: N818 - what kubectl prints before it fails
    """What kubectl prints before it fails."""


class State:
    """The objects of a cluster by kind, and what is wrong with it."""

    def __init__(self, place: Path) -> None:
        self.place = place / STATE
        found = json.loads(self.place.read_text()) if self.place.exists() else {}
        self.kinds: dict[str, bool] = found.get("kinds", {})
        self.objects: dict[str, list[Object]] = found.get("objects", {})
        self.broken: list[str] = found.get("broken", [])
        self.calls: list[list[str]] = found.get("calls", [])

    def save(self) -> None:
        """Write all of it."""
        kept = {name: getattr(self, name) for name in ("kinds", "objects", "broken", "calls")}
        self.place.write_text(json.dumps(kept))

    def serve(self, kind: str, *, namespaced: bool = True) -> None:
        """Make the API server know a kind."""
        self.kinds[kind] = namespaced
        self.objects.setdefault(kind, [])

    def find(self, kind: str, namespace: str | None, name: str) -> Object | None:
        """Return an object."""
        for each in self.objects.get(kind, []):
            meta = each["metadata"]
            if (meta.get("namespace"), meta["name"]) == (namespace, name):
                return each
        return None

    def add(self, kind: str, each: Object) -> Object:
        """Make an object, with all that the server writes by itself."""
        made: Object = json.loads(json.dumps(each))
        made["metadata"] |= {
            "uid": f"uid-of-{made['metadata']['name']}",
            "resourceVersion": "7",
            "generation": 3,
            "creationTimestamp": "2026-11-24T00:00:00Z",
            "managedFields": [{"manager": "someone"}],
        }
        made.setdefault("status", {"observed": True})
        self.objects.setdefault(kind, []).insert(0, made)
        return made


def main() -> None:
    """Answer one command."""
    state = State(Path.cwd())
    state.calls.append(sys.argv[1:])
    try:
        sys.stdout.write(_answer(state, sys.argv[1:]))
    except Refused as error:
        sys.stderr.write(f"{error}\n")
        state.save()
        sys.exit(1)
    state.save()


def _answer(state: State, words: list[str]) -> str:
    verb, *rest = words
    options, names = _split(rest)
    if any(verb == word.split()[0] and word.split()[1] in (*names, "*") for word in state.broken):
        raise Refused("Error from server (InternalError): the server is on fire")
    if verb == "version":
        return json.dumps(
            {"clientVersion": {"gitVersion": "v1.32.3"}, "serverVersion": {"gitVersion": "v1.31.9"}}
        )
    if verb == "api-resources":
        wanted = options["--namespaced"] == "true"
        return "".join(f"{kind}\n" for kind, inside in state.kinds.items() if inside == wanted)
    if verb == "get":
        return _get(state, names, options)
    if verb == "wait":
        assert options["--for"] == "condition=Established"
        return ""
    assert verb in ("create", "replace"), words
    assert options["--field-manager"] == "bpc-restore"
    items = [json.loads(line) for line in Path(options["--filename"]).read_text().splitlines()]
    assert items, "kubectl fails when it is given nothing"
    return "".join(_write(state, verb, each) for each in items)


def _get(state: State, names: list[str], options: dict[str, str]) -> str:
    kind = names[0]
    if kind == "namespace":
        if names[1] not in {each["metadata"]["name"] for each in state.objects["namespaces"]}:
            raise Refused(f'Error from server (NotFound): namespaces "{names[1]}" not found')
        return f"namespace/{names[1]}\n"
    if kind not in state.kinds:
        raise Refused(f'error: the server doesn\'t have a resource type "{kind}"')
    inside = options.get("--namespace")
    found = [
        each
        for each in state.objects[kind]
        if inside is None or each["metadata"].get("namespace") == inside
    ]
    assert (inside or "--all-namespaces" in options) or not state.kinds[kind]
    return json.dumps(
        {"apiVersion": "v1", "items": found, "kind": "List", "metadata": {"resourceVersion": ""}},
        indent=4,
        ensure_ascii=False,
    )


def _write(state: State, verb: str, each: Object) -> str:
    kind = kind_of(each)
    meta = each["metadata"]
    there = state.find(kind, meta.get("namespace"), meta["name"])
    if verb == "create" and there is not None:
        raise Refused(f'Error from server (AlreadyExists): {kind} "{meta["name"]}" already exists')
    if verb == "replace" and there is None:
        raise Refused(f'Error from server (NotFound): {kind} "{meta["name"]}" not found')
    if there is not None:
        state.objects[kind].remove(there)
    state.add(kind, each)
    if kind.startswith("customresourcedefinitions"):
        spec = each["spec"]
        state.serve(f"{spec['names']['plural']}.{spec['group']}")
    return f"{kind}/{meta['name']} {verb}d\n"


def kind_of(each: Object) -> str:
    """Return the kind of an object as the policy names it."""
    group = each["apiVersion"].rpartition("/")[0]
    plural = each["kind"].lower() + ("es" if each["kind"].endswith("ss") else "s")
    return f"{plural}.{group}" if group else plural


def _split(words: list[str]) -> tuple[dict[str, str], list[str]]:
    options: dict[str, str] = {}
    names: list[str] = []
    queue = list(words)
    while queue:
        word = queue.pop(0)
        name, equals, value = word.partition("=")
        if not word.startswith("--"):
            names.append(word)
        elif equals or name == "--all-namespaces":
            options[name] = value
        else:
            options[name] = queue.pop(0)
    return options, names
