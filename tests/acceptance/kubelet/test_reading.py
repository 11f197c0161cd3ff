"""Reading manifests, expansion and ownership, none of which needs a container."""

from __future__ import annotations

import copy
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.kubelet import Unsupported, World
from tests.acceptance.kubelet.environment import expand, hosts_file
from tests.acceptance.kubelet.fields import quantity
from tests.acceptance.kubelet.ownership import give_to_group
from tests.acceptance.kubelet.read_job import read_job
from tests.acceptance.kubelet.sample import container, cron_job, job, mounted

Edit = Callable[[dict[str, Any], dict[str, Any]], object]
POD = "spec.template.spec"


def edited(edit: Edit) -> dict[str, Any]:
    manifest = copy.deepcopy(job(container("true")))
    pod = manifest["spec"]["template"]["spec"]
    edit(pod, pod["containers"][0])
    return manifest


@pytest.mark.parametrize(
    ("edit", "path"),
    [
        (lambda pod, _: pod.update(hostPID=True), f"{POD}.hostPID"),
        (lambda pod, _: pod.update(restartPolicy="OnFailure"), f"{POD}.restartPolicy"),
        (lambda pod, _: pod.update(volumes=[{"name": "a", "nfs": {}}]), f"{POD}.volumes[0].nfs"),
        (lambda _, c: c.update(envFrom=[]), f"{POD}.containers[0].envFrom"),
        (lambda _, c: c.pop("command"), f"{POD}.containers[0].command"),
        (
            lambda _, c: c["securityContext"].update(privileged=True),
            f"{POD}.containers[0].securityContext.privileged",
        ),
        (
            lambda _, c: c.update(volumeMounts=[{"name": "a", "mountPath": "/a"}]),
            f"{POD}.containers[0].volumeMounts[0].name",
        ),
        (
            lambda _, c: c.update(env=[{"name": "A", "value": 1}]),
            f"{POD}.containers[0].env[0].value",
        ),
        (
            lambda _, c: c.update(
                env=[{"name": "A", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}}]
            ),
            f"{POD}.containers[0].env[0].valueFrom.resourceFieldRef",
        ),
        (
            lambda _, c: c["securityContext"]["capabilities"].update(add=["CHOWN"]),
            f"{POD}.containers[0].securityContext.capabilities.add",
        ),
    ],
)
def test_what_is_not_implemented_is_refused_with_its_path(edit: Edit, path: str) -> None:
    with pytest.raises(Unsupported) as caught:
        read_job(edited(edit))
    assert caught.value.path == path


def test_a_sub_path_of_a_volume_is_refused() -> None:
    pod, mount = mounted({"emptyDir": {}}, subPath="a")
    with pytest.raises(Unsupported, match=r"volumeMounts\[0\]\.subPath"):
        read_job(job(container("true", **mount), pod=pod))


def test_a_cron_job_is_read_through_its_template() -> None:
    read = read_job(cron_job(job(container("true"), backoffLimit=2), startingDeadlineSeconds=300))
    assert (read.cron, read.backoff_limit, read.deadline) == (True, 2, 60)


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"suspend": True}, "spec.suspend"),
        ({"schedule": 5}, "spec.schedule"),
        ({"schedule": None}, "spec.schedule"),
        ({"concurencyPolicy": "Forbid"}, "spec.concurencyPolicy"),
        ({"concurrencyPolicy": "Never"}, "spec.concurrencyPolicy"),
    ],
)
def test_a_cron_job_that_would_not_run_as_written_is_refused(
    change: dict[str, object], path: str
) -> None:
    with pytest.raises(Unsupported) as caught:
        read_job(cron_job(job(container("true")), **change))
    assert caught.value.path == path


def test_a_name_too_long_for_a_cron_job_is_refused() -> None:
    manifest = cron_job(job(container("true")))
    manifest["metadata"] = {"name": "a" * 53}
    with pytest.raises(Unsupported, match=r"metadata\.name"):
        read_job(manifest)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)-$(B)", "1-$(B)"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$A ${A} $", "$A ${A} $"),
        ("$(A", "$(A"),
        ("$()", "$()"),
        ("$(A)$$", "1$"),
    ],
)
def test_references_are_expanded_as_kubernetes_does(text: str, expected: str) -> None:
    assert expand(text, {"A": "1"}) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("64Mi", 2**26), ("1.5Gi", 3 * 2**29), ("1e3", 1000), (7, 7), ("2k", 2000)],
)
def test_quantities_are_read_in_bytes(text: object, expected: int) -> None:
    assert quantity(text, "") == expected


@pytest.mark.parametrize("text", ["64MB", "", "-1", "1 Mi", True])
def test_what_is_no_quantity_is_refused(text: object) -> None:
    with pytest.raises(Unsupported):
        quantity(text, "")


def test_a_service_has_the_short_names_of_its_namespace_only() -> None:
    world = World(hosts={"db.prod.svc.cluster.local": "127.0.0.9", "s3.example.org": "127.0.0.8"})
    home = hosts_file(world, "prod", "a", cluster=True)
    other = hosts_file(world, "test", "a", cluster=True)
    node = hosts_file(world, "prod", "a", cluster=False)
    assert "127.0.0.9\tdb.prod.svc.cluster.local\tdb.prod.svc\tdb.prod\tdb\n" in home
    assert "\tdb.prod\n" in other
    assert "db.prod" not in node
    assert "127.0.0.8\ts3.example.org\n" in node


def test_a_world_takes_secrets_and_config_maps_as_objects() -> None:
    world = World()
    metadata = {"name": "a", "namespace": "prod"}
    data = {"key": "dmFsdWU="}
    world.add({"kind": "Secret", "metadata": metadata, "data": data, "stringData": {"b": "c"}})
    world.add({"kind": "ConfigMap", "metadata": metadata, "data": {"key": "value"}})
    assert world.data("Secret", "prod", "a") == {"key": b"value", "b": b"c"}
    assert world.data("ConfigMap", "prod", "a") == {"key": b"value"}
    assert world.data("Secret", "other", "a") is None


def modes(root: Path) -> dict[str, int]:
    paths = (root, *root.iterdir())
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in paths}


@pytest.fixture
def volume(tmp_path: Path) -> Path:
    root = tmp_path / "volume"
    root.mkdir(mode=0o755)
    for name, mode in (("private", 0o400), ("program", 0o755)):
        (root / name).touch()
        (root / name).chmod(mode)
    return root


def test_a_group_can_write_what_it_is_given(volume: Path) -> None:
    give_to_group(volume, os.getgid(), read_only=False)
    assert modes(volume) == {"volume": 0o2775, "private": 0o660, "program": 0o775}


def test_a_group_can_only_read_what_is_read_only(volume: Path) -> None:
    give_to_group(volume, os.getgid(), read_only=True)
    assert modes(volume) == {"volume": 0o2755, "private": 0o440, "program": 0o755}


def test_a_volume_whose_root_fits_is_left_alone_on_request(volume: Path) -> None:
    volume.chmod(0o2770)
    give_to_group(volume, os.getgid(), read_only=False, only_on_mismatch=True)
    assert modes(volume)["private"] == 0o400
