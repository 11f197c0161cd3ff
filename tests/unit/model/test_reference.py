from __future__ import annotations

import pytest

from bpc.model.documents import KINDS
from bpc.model.reference import explain_field, pages


def test_every_kind_has_a_page() -> None:
    assert len(pages()) == len(KINDS) + 2
    assert "`15m`" in pages()["README.md"]


def test_durations_are_shown_as_people_write_them() -> None:
    assert "| `timeout` | duration | `30s` |" in pages()["backup-policy.md"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Cluster.spec.addons", "velero"),
        ("cluster.spec.addons.velero", "The release of Velero."),
        ("policy.spec.datasets.namespaces.volumes", "dies with that system"),
        ("Tier.spec.objectives.rpo", "Recovery point objective"),
        ("Location", "S3Location"),
        ("Project.policies", "Files and directories"),
    ],
)
def test_a_field_is_explained(path: str, words: str) -> None:
    assert words in (explain_field(path) or "")


@pytest.mark.parametrize(
    "path", ["Nothing", "Cluster.spec.nothing", "Cluster.spec.addons.velero.x", ""]
)
def test_what_does_not_exist_is_not_explained(path: str) -> None:
    assert explain_field(path) is None
