from __future__ import annotations

from bpc.report.category import block, category


def test_names_the_hundred() -> None:
    names = [category(f"BPC{hundred}01") for hundred in range(1, 10)]
    assert names == [
        "schema",
        "policy",
        "protection",
        "kubernetes",
        "gitops",
        "security",
        "engines",
        "change-gate",
        "internal",
    ]
    assert block("BPC899") == "BPC8xx change-gate"
