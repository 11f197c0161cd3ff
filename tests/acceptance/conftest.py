"""What a machine lacks is skipped by name, with the reason."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pytest

from tests.acceptance.kubelet import missing
from tests.acceptance.tools import MissingToolError


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip everything that runs containers where they cannot run."""
    lacking = missing() if item.get_closest_marker("acceptance") else []
    if lacking:
        pytest.skip(f"this machine cannot run containers: {', '.join(lacking)}")


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Generator[None, Any, Any]:
    """Skip a test whose server needs a tool that could not be installed."""
    try:
        return (yield)
    except MissingToolError as error:
        pytest.skip(str(error))


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call() -> Generator[None, Any, Any]:
    """Skip a test that needs a tool that could not be installed."""
    try:
        return (yield)
    except MissingToolError as error:
        pytest.skip(str(error))
