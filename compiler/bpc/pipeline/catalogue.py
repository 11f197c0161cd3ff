"""Every code with its page: those of the stages, and those of the rules."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from bpc.diagnostics import Code
from bpc.model.codes import PAGES as MODEL_PAGES
from bpc.model.suggest import closest
from bpc.pipeline.codes import PAGES as PROJECT_PAGES
from bpc.plan.codes import PAGES as PLAN_PAGES
from bpc.rules import (
    CLUSTER_RULES,
    LOAD_RULES,
    POLICY_RULES,
    ClusterRule,
    LoadRule,
    PolicyRule,
)
from bpc.rules.pages import page_of
from bpc.source.codes import PAGES as SOURCE_PAGES
from bpc.source.codes import Page

_STAGES: tuple[Mapping[Code, Page], ...] = (SOURCE_PAGES, MODEL_PAGES, PLAN_PAGES, PROJECT_PAGES)
_RULES: tuple[PolicyRule | ClusterRule | LoadRule, ...] = (
    *POLICY_RULES,
    *CLUSTER_RULES,
    *LOAD_RULES,
)
_CATEGORIES = {
    "1": "YAML and schema",
    "2": "policy",
    "3": "protection",
    "4": "Kubernetes",
    "5": "GitOps",
    "6": "security",
    "7": "engines",
    "8": "change",
    "9": "internal",
}


@cache
def catalogue() -> Mapping[Code, Page]:
    """Return the page of every code, in the order of the numbers."""
    pages = {code: page for stage in _STAGES for code, page in stage.items()}
    pages |= {module.CODE: page_of(module) for module in _RULES}
    return dict(sorted(pages.items(), key=lambda item: item[0].number))


def rule_codes() -> list[Code]:
    """Return the codes whose weight a project may change, or a waiver take away."""
    stages = [code for stage in _STAGES for code in stage if code.severity != "error"]
    return [*(module.CODE for module in _RULES), *stages]


def fixed_codes() -> list[Code]:
    """Return the codes of what cannot be read or resolved."""
    adjustable = set(rule_codes())
    return [code for stage in _STAGES for code in stage if code not in adjustable]


def category(code: Code) -> str:
    """Return what a code is about, in a word or two."""
    return _CATEGORIES[code.number.removeprefix("BPC")[0]]


def find(key: str) -> Code | None:
    """Return the code with this number or name, in any case."""
    wanted = key.casefold()
    return next((c for c in catalogue() if wanted in (c.number.casefold(), c.name)), None)


def nearest(key: str) -> str | None:
    """Return the name of the code that was probably meant."""
    return closest(key, [name for code in catalogue() for name in (code.name, code.number)])
