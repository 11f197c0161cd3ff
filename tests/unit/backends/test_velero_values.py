from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from bpc.backends import velero_values
from bpc.model.chart_keys import unknown_values
from bpc.model.releases import VELERO
from bpc.plan.velero_server import velero_values as values_of
from tests.unit.backends.velero_estates import RELEASES, RENDER, files, with_release


@pytest.mark.parametrize("release", RELEASES)
def test_the_file_holds_the_values_for_the_chart_and_no_kustomization_lists_it(
    release: str,
) -> None:
    found = with_release(release)
    (cluster,) = found.clusters.values()
    (file,) = velero_values.cluster(cluster, RENDER)
    assert (file.path, file.applied, file.data) == ("helm/velero-values.yaml", False, None)
    written = yaml.safe_load(file.content)
    assert written == values_of(cluster)
    assert unknown_values(VELERO[release].chart, written) == []


def test_a_null_of_a_person_reaches_the_chart() -> None:
    (cluster,) = with_release("1.17").clusters.values()
    settings = cluster.spec.velero.model_copy(update={"values": {"livenessProbe": None}})
    spec = cluster.spec.model_copy(update={"velero": settings})
    (file,) = velero_values.cluster(replace(cluster, spec=spec), RENDER)
    assert "\nlivenessProbe: null\n" in file.content


def test_policies_and_recoveries_need_nothing_of_it() -> None:
    found = with_release("1.17")
    (policy,) = found.policies
    assert list(velero_values.policy(policy, RENDER)) == []
    assert velero_values.cluster_steps(policy.cluster, "cluster-loss") == ()
    assert velero_values.dataset_steps(policy, policy.datasets[0], "cluster-loss") == ()


def test_a_cluster_without_velero_gets_no_values() -> None:
    only_snapshots = """
        kind: BackupPolicy
        spec:
          datasets: [{name: media, type: volumes, claims: {namespace: media, names: [media]}}]
    """
    assert not [f for f in files(with_release("1.17", only_snapshots)) if f.path.startswith("helm")]
