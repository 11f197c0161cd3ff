from __future__ import annotations

from collections.abc import Iterator

import pytest

from bpc.model.documents import KINDS
from bpc.model.fields import explain_field, nearest_field
from bpc.model.shape import keys, records


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Cluster", "A Kubernetes cluster"),
        ("Cluster.spec.addons", "velero"),
        ("cluster.spec.addons.velero", "The release of Velero."),
        ("Cluster.spec.velero.namespace", "a DNS label, default `velero`"),
        ("Cluster.spec.controlPlane.kubeadm.members.address", "at which the other members reach"),
        ("policy.spec.datasets", "redis                  A Redis server."),
        ("policy.spec.datasets.namespaces.volumes", "dies with that system"),
        ("policy.spec.datasets.namespaces.hooks.pre.timeout", "a duration, default `30s`"),
        ("backuppolicy.spec.tier", "a name, required"),
        ("Tier.spec.objectives.rpo", "Recovery point objective"),
        ("Tier.spec.objectives.region-loss.rpo", "Recovery point objective"),
        ("Tier.spec.objectives.*.rpo", "Recovery point objective"),
        ("Tier.spec.copies.to", "a list, each entry a name or a mapping"),
        ("Location.spec.bucket", "a bucket name, required"),
        ("Project.policies", "Files and directories"),
        ("drillrecord.spec.date", "a day, required"),
    ],
)
def test_a_field_is_explained(path: str, words: str) -> None:
    text = explain_field(path)
    assert text is not None
    assert words in text


@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "r",
        "Nothing",
        "Cluster.spec.nothing",
        "Cluster.spec.addons.velero.x",
        "Cluster..spec",
    ],
)
def test_what_does_not_exist_is_not_explained(path: str) -> None:
    assert explain_field(path) is None


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("Clutser.spec", "Cluster.spec"),
        ("cluster.spec.velro.namspace", "Cluster.spec.velero.namespace"),
        ("policy.spec.dataset.postgres", "BackupPolicy.spec.datasets.postgresql"),
        ("tier.spec.time_zone", "Tier.spec.timeZone"),
        ("rpo-not-met", None),
        ("Cluster.spec.banana", None),
        ("", None),
    ],
)
def test_the_path_that_was_meant_is_found(path: str, meant: str | None) -> None:
    assert nearest_field(path) == meant


def paths() -> Iterator[str]:
    waiting: list[tuple[str, type]] = [(kind, model) for kind, model in KINDS.items()]
    while waiting:
        path, model = waiting.pop()
        for key in keys(model).values():
            below = f"{path}.{key.name}"
            yield below
            for word, inner in records(key.shape):
                waiting.append((f"{below}.{word}" if word else below, inner))


def test_every_field_has_an_explanation_with_a_description() -> None:
    every = list(paths())
    assert len(every) > 500
    for path in every:
        text = explain_field(path)
        assert text is not None, path
        assert len([line for line in text.splitlines() if line.strip()]) >= 3, path
