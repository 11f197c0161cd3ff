"""A stand-in for kubectl: a cluster in a JSON file, and just the commands that the scripts use."""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

import yaml


def main() -> int:
    """Run one command against the state, and keep a record of it."""
    file = Path(os.environ["STUB_STATE"])
    state = json.loads(file.read_text(encoding="utf-8"))
    arguments = sys.argv[1:]
    state["calls"].append(arguments)
    options, words = split(arguments)
    verb, rest = words[0], words[1:]
    try:
        code = COMMANDS[verb](state, rest, options)
    finally:
        file.write_text(json.dumps(state), encoding="utf-8")
    return code


def split(arguments: list[str]) -> tuple[dict[str, str], list[str]]:
    """Tell options, which all take a value unless they hold one, from words."""
    options: dict[str, str] = {}
    words: list[str] = []
    queue = list(arguments)
    while queue:
        word = queue.pop(0)
        if not word.startswith("--"):
            words.append(word)
        elif "=" in word:
            name, _, value = word.partition("=")
            options[name] = value
        elif word == "--ignore-not-found":
            options[word] = ""
        else:
            options[word] = queue.pop(0)
    return options, words


def kind_and_name(words: list[str]) -> tuple[str, str | None]:
    kind, _, name = words[0].partition("/")
    kind = kind.partition(".")[0]
    return kind, name or (words[1] if len(words) > 1 else None)


def fail(text: str) -> int:
    sys.stderr.write(text + "\n")
    return 1


def create(state: dict, _words: list[str], _options: dict[str, str]) -> int:
    made = yaml.safe_load(sys.stdin.read())
    kind = made["kind"].lower() + "s"
    if kind in state["broken"]:
        return fail("the server is on fire")
    objects = state["objects"].setdefault(kind, {})
    name = made["metadata"]["name"]
    if name in objects:
        return fail("already exists")
    if "snapshot" in kind:
        source = made["spec"]["source"].get("persistentVolumeClaimName", "group")
        ready = source not in state["never_ready"]
        content = f"content-of-{name}"
        single = kind == "volumesnapshots"
        field = f"boundVolume{'' if single else 'Group'}SnapshotContentName"
        made["status"] = {"readyToUse": ready, field: content, "restoreSize": "10Gi"}
        if not ready:
            made["status"]["error"] = {"message": "the storage is full"}
        made["metadata"]["creationTimestamp"] = "2026-01-01T00:00:00Z"
        reference = "volumeSnapshotRef" if single else "volumeGroupSnapshotRef"
        state["contents"][content] = {
            "deletionPolicy": "Retain",
            reference: {"namespace": made["metadata"]["namespace"], "name": name},
        }
    objects[name] = made
    sys.stdout.write(f"{kind}/{name} created\n")
    return 0


def get(state: dict, words: list[str], options: dict[str, str]) -> int:
    kind, name = kind_and_name(words)
    if kind in state["unreadable"]:
        return fail("the server is on fire")
    if kind.endswith("contents"):
        if name not in state["contents"]:
            return fail("not found")
        return show({"spec": state["contents"][name]}, options)
    objects = state["objects"].get(kind, {})
    if name is not None:
        if name not in objects:
            return 0 if "--ignore-not-found" in options else fail("not found")
        return show(objects[name], options)
    chosen = [o for o in objects.values() if selected(o, options.get("--selector", ""))]
    return show({"items": chosen}, options)


def selected(each: dict, selector: str) -> bool:
    labels = each["metadata"].get("labels", {})
    pairs = (part.partition("=") for part in selector.split(",") if part)
    return all(labels.get(key) == value for key, _, value in pairs)


def show(value: dict, options: dict[str, str]) -> int:
    output = options.get("--output", "")
    if output == "name":
        sys.stdout.write(f"x/{value['metadata']['name']}\n")
    elif output.startswith("jsonpath="):
        sys.stdout.write(jsonpath(output.removeprefix("jsonpath="), value))
    return 0


def jsonpath(template: str, value: dict) -> str:
    """Fill a template of kubectl's: one range at most, paths of plain names, quoted texts."""
    found = re.fullmatch(r"\{range \.items\[\*\]\}(.*)\{end\}", template, re.DOTALL)
    if found:
        return "".join(jsonpath(found[1], item) for item in value["items"])

    def fill(match: re.Match[str]) -> str:
        inside = match[1]
        if inside.startswith('"'):
            return inside[1:-1].replace("\\n", "\n")
        at: object = value
        for step in inside.strip(".").split("."):
            at = at.get(step) if isinstance(at, dict) else None
        if isinstance(at, bool):
            return str(at).lower()
        return json.dumps(at, separators=(",", ":")) if isinstance(at, list) else str(at or "")

    return re.sub(r"\{([^{}]*)\}", fill, template)


def wait(state: dict, words: list[str], _options: dict[str, str]) -> int:
    kind, name = kind_and_name(words)
    each = state["objects"][kind][name]
    return 0 if each["status"]["readyToUse"] else fail("timed out waiting for the condition")


def patch(state: dict, words: list[str], options: dict[str, str]) -> int:
    _, name = kind_and_name(words)
    state["contents"][name] |= json.loads(options["--patch"])["spec"]
    return 0


def delete(state: dict, words: list[str], _options: dict[str, str]) -> int:
    kind, name = kind_and_name(words)
    if name in state["undeletable"]:
        return fail("forbidden")
    gone = state["objects"][kind].pop(name)
    status = gone["status"]
    content = status.get("boundVolumeSnapshotContentName") or status.get(
        "boundVolumeGroupSnapshotContentName"
    )
    if content and state["contents"].get(content, {}).get("deletionPolicy") == "Delete":
        del state["contents"][content]
    return 0


COMMANDS = {"create": create, "get": get, "wait": wait, "patch": patch, "delete": delete}

if __name__ == "__main__":
    sys.exit(main())
