"""Exports of API objects by the real kubectl, from and to a small API server: no Kubernetes is run here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance import tools
from tests.acceptance.kubelet import Image, World
from tests.acceptance.running import Estate, estate_of, machine_images, points, secrets
from tests.acceptance.servers.kubernetes import CRDS, ApiServer, Cluster, Object
from tests.acceptance.servers.process import LOCALHOST

pytestmark = pytest.mark.acceptance

HOSTILE = 'it\'s "$(x)" `y` ${z} \\n \n\t😀 %s'
PASSWORD = "aHVudGVyMi1odW50ZXIy"  # noqa: S105 - of nothing
WIDGETS = "widgets.acme-corp.example"
MANY = 120
DATASET = {
    "name": "objects",
    "type": "resources",
    "namespace": "shop",
    "namespaces": ["shop", "db"],
    "kinds": ["configmaps", "deployments.apps", "serviceaccounts", "services", WIDGETS],
    "clusterKinds": ["namespaces", CRDS],
    "secrets": "encrypt",
}


def thing(api: str, kind: str, name: str, namespace: str = "", **more: Any) -> Object:
    inside = {"namespace": namespace} if namespace else {}
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **inside}, **more}


def begin(cluster: Cluster) -> None:
    """Put into a cluster what every cluster has by itself, and what a person made first."""
    for name in ("default", "kube-system", "shop", "db"):
        cluster.put("namespaces", thing("v1", "Namespace", name))
    for namespace in ("shop", "db"):
        cluster.put("serviceaccounts", thing("v1", "ServiceAccount", "default", namespace))
        cluster.put("configmaps", thing("v1", "ConfigMap", "kube-root-ca.crt", namespace, data={}))


def fill(cluster: Cluster) -> None:
    begin(cluster)
    namespace = thing("v1", "Namespace", "db")
    namespace["metadata"]["labels"] = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.put("namespaces", namespace)
    spec = {
        "group": "acme-corp.example",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [{"name": "v1"}],
    }
    api = "apiextensions.k8s.io/v1"
    cluster.put(CRDS, thing(api, "CustomResourceDefinition", WIDGETS, spec=spec))
    cluster.put(WIDGETS, thing("acme-corp.example/v1", "Widget", "w", "db", spec={"n": 2**40 + 1}))
    for number in range(MANY):
        data = {"k": f"{number} {HOSTILE}"}
        cluster.put("configmaps", thing("v1", "ConfigMap", f"c{number}", "shop", data=data))
    cluster.put("secrets", thing("v1", "Secret", "pw", "db", type="Opaque", data={"p": PASSWORD}))
    cluster.put("services", thing("v1", "Service", "web", "shop", spec={"clusterIP": "10.0.0.7"}))
    deployment = thing("apps/v1", "Deployment", "web", "shop", spec={"replicas": 2})
    cluster.put("deployments.apps", deployment, status={"replicas": 2})


def contents(cluster: Cluster) -> dict[str, dict[tuple[str, str], Object]]:
    """Return what somebody wrote into a cluster, without what the server did."""
    kept: dict[str, dict[tuple[str, str], Object]] = {}
    for kind, objects in cluster.objects.items():
        kept[kind] = {}
        for key, each in objects.items():
            meta = {name: each["metadata"].get(name) for name in ("name", "namespace", "labels")}
            kept[kind][key] = {**each, "metadata": meta, "status": None}
    return kept


@pytest.fixture
def server() -> Iterator[ApiServer]:
    for name in ("kubectl", "jq"):
        tools.require(name)
    with ApiServer() as running:
        fill(running.cluster)
        yield running


def image(reference: str) -> Image:
    """Return the machine's own programs, with kubectl where the image has one."""
    found = machine_images("/opt/kubectl:/usr/bin:/bin")(reference)
    if "/k8s:" not in reference:
        return found
    kubectl = {"/opt/kubectl/kubectl": str(tools.require("kubectl"))}
    return replace(found, mounts={**found.mounts, **kubectl})


def estate(directory: Path, server: ApiServer, engine: str = "restic", **more: Any) -> Estate:
    store = directory / "store"
    store.mkdir()
    world = World(
        claims={("shop", "backups"): store},
        images=image,
        api_server=(LOCALHOST, server.port),
    )
    assert server.ca is not None
    account = {"token": server.token.encode(), "ca.crt": server.ca.read_bytes()}
    for name in ("shop--objects", "shop--objects--restore"):
        world.accounts["shop", name] = account
    secrets(world, "shop", {"backup-key": {"password": "sesame 😀"}})
    return Estate(directory, estate_of(yaml.safe_dump([DATASET | more]), engine), world)


def permitted(here: Estate, server: ApiServer, *, restoring: bool = False) -> None:
    """Give the account of the server the permissions of the generated roles, and no other."""
    server.rules.clear()
    for artifact in here.artifacts.values():
        data: Any = artifact.data
        if data and data["kind"] in ("Role", "ClusterRole") and artifact.applied != restoring:
            server.allow(data)


def saved(here: Estate, server: ApiServer) -> None:
    permitted(here, server)
    outcome = here.job("shop--objects--disk")
    assert outcome.succeeded, outcome.log


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_new_cluster_gets_what_the_lost_one_had(
    tmp_path: Path, server: ApiServer, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    saved(here, server)
    (point,) = points(tmp_path)
    (record,) = tmp_path.rglob(f"{point}.json")
    assert len(json.loads(record.read_text())["parts"]) == 8
    before = contents(server.cluster)

    server.cluster = Cluster()
    begin(server.cluster)
    permitted(here, server, restoring=True)
    server.asked.clear()
    outcome = here.restore("shop/objects/disk")
    assert outcome.succeeded, outcome.log
    before["services"]["shop", "web"]["spec"] = {}
    assert contents(server.cluster) == before
    assert "configmaps: 120 objects" in outcome.log
    assert PASSWORD not in outcome.log
    assert not [each for each in server.asked if each.startswith("update configmaps")]


def test_live_objects_are_replaced_only_after_a_person_said_so(
    tmp_path: Path, server: ApiServer
) -> None:
    here = estate(tmp_path, server)
    saved(here, server)
    before = contents(server.cluster)
    damaged = thing("apps/v1", "Deployment", "web", "shop", spec={"replicas": 0, "paused": True})
    server.cluster.put("deployments.apps", damaged)
    server.cluster.of("configmaps").pop(("shop", "c7"))
    permitted(here, server, restoring=True)
    outcome = here.restore("shop/objects/disk")
    assert not outcome.succeeded
    assert "overwrite shop/objects" in outcome.log
    assert ("shop", "c7") not in server.cluster.of("configmaps")
    again = here.restore("shop/objects/disk", {"confirm": "overwrite shop/objects"})
    assert again.succeeded, again.log
    before["services"]["shop", "web"]["spec"] = {}
    assert contents(server.cluster) == before


def test_permissions_that_are_missing_fail_the_job(tmp_path: Path, server: ApiServer) -> None:
    here = estate(tmp_path, server)
    saved(here, server)
    before = points(tmp_path)
    server.rules = [rule for rule in server.rules if rule[2] != "secrets"]
    outcome = here.job("shop--objects--disk")
    assert not outcome.succeeded
    assert "secrets of namespace db could not be read" in outcome.log
    assert points(tmp_path) == before


def test_a_wrong_token_fails_the_job(tmp_path: Path, server: ApiServer) -> None:
    here = estate(tmp_path, server)
    permitted(here, server)
    here.world.accounts["shop", "shop--objects"]["token"] = b"wrong-token"
    outcome = here.job("shop--objects--disk")
    assert not outcome.succeeded
    assert points(tmp_path) == []
    assert "wrong-token" not in outcome.log


@pytest.mark.parametrize("engine", ["restic", "object"])
def test_a_list_that_expires_midway_is_no_backup(
    tmp_path: Path, server: ApiServer, engine: str
) -> None:
    here = estate(tmp_path, server, engine)
    saved(here, server)
    before = points(tmp_path)
    # kubectl prints the pages that it has as a whole list, and fails.
    server.expired = True
    outcome = here.job("shop--objects--disk")
    assert not outcome.succeeded
    assert "configmaps of namespace shop could not be read" in outcome.log
    assert points(tmp_path) == before


def test_a_server_that_dies_midway_leaves_no_point(tmp_path: Path, server: ApiServer) -> None:
    here = estate(tmp_path, server)
    permitted(here, server)
    server.broken = "list deployments.apps"
    outcome = here.job("shop--objects--disk")
    assert not outcome.succeeded
    assert "part configmaps" in outcome.log
    assert points(tmp_path) == []


def test_a_kind_that_is_not_served_fails_the_job(tmp_path: Path, server: ApiServer) -> None:
    here = estate(tmp_path, server)
    permitted(here, server)
    server.cluster.kinds.pop(WIDGETS)
    outcome = here.job("shop--objects--disk")
    assert not outcome.succeeded
    assert f"the API server has no kind {WIDGETS}" in outcome.log
    assert points(tmp_path) == []


def test_a_namespace_that_does_not_exist_fails_the_job(tmp_path: Path, server: ApiServer) -> None:
    here = estate(tmp_path, server, namespaces=["shop", "bd"])
    permitted(here, server)
    outcome = here.job("shop--objects--disk")
    assert not outcome.succeeded
    assert "namespace bd cannot be read" in outcome.log


def test_a_restore_that_is_refused_midway_fails(tmp_path: Path, server: ApiServer) -> None:
    here = estate(tmp_path, server)
    saved(here, server)
    server.cluster = Cluster()
    begin(server.cluster)
    permitted(here, server, restoring=True)
    server.broken = "create services"
    outcome = here.restore("shop/objects/disk")
    assert not outcome.succeeded
    assert "the target is incomplete" in outcome.log
