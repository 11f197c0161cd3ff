"""What a command loads: heavy libraries only where they are needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

NEVER_IN_A_BUILD = {"kubernetes_validate", "ruamel", "jsonschema", "hypothesis"}


def modules_after(code: str, cwd: Path) -> set[str]:
    script = f"import sys\nsys.argv = ['bpc']\n{code}\nprint('\\n'.join(sorted(sys.modules)))"
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=cwd, capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_a_build_loads_none_of_the_slow_libraries(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from bpc.pipeline import Request, run\n"
        "from bpc.pipeline.sinks import Nowhere\n"
        f"assert not run(Request(Path({str(ROOT)!r}), ('policies/minimal.yaml',)), Nowhere()).failed"
    )
    loaded = {name.partition(".")[0] for name in modules_after(code, tmp_path)}
    assert loaded & NEVER_IN_A_BUILD == set()
    assert {"pydantic", "jinja2", "jsonschema_rs"} <= loaded


@pytest.mark.parametrize("argument", ["--version", "version"])
def test_the_version_is_told_without_loading_the_command_line(
    argument: str, tmp_path: Path
) -> None:
    code = f"sys.argv = ['bpc', {argument!r}]\nfrom bpc.entry import main\nmain()"
    loaded = {name.partition(".")[0] for name in modules_after(code, tmp_path)}
    assert loaded & {"typer", "pydantic", "yaml", "jinja2", "rich", "jsonschema_rs", "re"} == set()


def test_the_up_to_date_check_loads_no_library(tmp_path: Path) -> None:
    code = "import bpc.current"
    loaded = {name.partition(".")[0] for name in modules_after(code, tmp_path)}
    assert (
        loaded & {"typer", "pydantic", "yaml", "jinja2", "rich", "dataclasses", "pathlib"} == set()
    )
