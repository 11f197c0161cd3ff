"""One peer as a process: `python -m benchmarks.peers jsonnet DIRECTORY` writes its files below `out`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path


def main() -> None:
    """Run one peer on the program and the policies that lie in a directory."""
    peer, home = sys.argv[1], Path(sys.argv[2])
    made: set[Path] = set()
    for path, text in PEERS[peer](home):
        target = home / "out" / path
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        target.write_text(text, encoding="utf-8")


def _jsonnet(home: Path) -> Iterator[tuple[str, str]]:
    import _gojsonnet as gojsonnet

    text = gojsonnet.evaluate_file(
        str(home / "program.jsonnet"),
        ext_codes={"policies": (home / "policies.json").read_text(encoding="utf-8")},
    )
    for files in json.loads(text).values():
        yield from files.items()


def _kcl(home: Path) -> Iterator[tuple[str, str]]:
    import kcl_lib.api as kcl

    arguments = kcl.ExecProgramArgs(work_dir=str(home), k_filename_list=[str(home / "program.k")])
    result = kcl.API().exec_program(arguments)
    if result.err_message:
        sys.exit(result.err_message)
    for files in json.loads(result.json_result)["made"]:
        for each in files:
            yield each["path"], each["text"]


def _jinja(home: Path) -> Iterator[tuple[str, str]]:
    import jinja2

    environment = jinja2.Environment(autoescape=False)  # noqa: S701 YAML, as in bpc
    templates = [
        (environment.from_string(path), environment.from_string(text))
        for path, text in json.loads((home / "templates.json").read_text("utf-8")).items()
    ]
    for policy in json.loads((home / "policies.json").read_text("utf-8")):
        for path, text in templates:
            yield path.render(p=policy), text.render(p=policy)


PEERS = {"jsonnet": _jsonnet, "kcl": _kcl, "jinja": _jinja}

if __name__ == "__main__":
    main()
