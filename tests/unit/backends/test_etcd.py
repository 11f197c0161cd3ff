"""What the etcd back end makes of each control plane: jobs, settings for hosts, and what fetches a point."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest
import yaml

from bpc.backends import etcd
from bpc.plan.artifact import Artifact
from bpc.render import Renderer
from bpc.resources import templates
from bpc.rules import (
    etcd_copy_impossible,
    etcd_image_unknown,
    etcd_is_managed,
    etcd_keys_missing,
    etcd_not_reachable,
    etcd_schedule_impossible,
)
from bpc.validate import Target, kubernetes_minors, pod_security, validator
from tests.estates import Estate, estate

RENDER = Renderer(templates())
ZEROS = "0" * 64
KEYED = """
kind: Location
metadata: {name: s3}
spec: {encryption: {secret: backup-key}, pruning: {secret: prune-s3}, key: safe}
---
kind: BackupPolicy
spec:
  datasets: [DATASET]
---
kind: Cluster
spec:
  kubernetes: "MINOR"
  images: {talosctl: "t@sha256:ZEROS"}
  controlPlane: PLANE
"""
BUNDLE = "bundle: {encryption: {secret: bundle-key}, key: other-safe}"
MEMBERS = "members: [{name: cp-1, address: 10.0.0.11}, {name: cp-2, address: 'fd00::2'}]"
PLANES = {
    "stacked": ("{type: kubeadm, etcd: 3.5.24, MEMBERS}", BUNDLE),
    "external": (
        "{type: kubeadm-external-etcd, etcd: 3.6.5, MEMBERS}",
        f"access: client, member: cp-2, {BUNDLE}",
    ),
    "talos": ("{type: talos, MEMBERS}", "access: talos"),
    "k3s": ("{type: k3s, token: t, MEMBERS}", "retention: {hourly: 48}"),
    "rke2": ("{type: rke2, token: t}", "retention: {hourly: 48}"),
    "kops": ("{type: kops, stateStore: 's3://acme-backup/x'}", ""),
}


def made(plane: str, dataset: str = "", minor: str = "1.31", **more: str) -> Estate:
    """Return an estate with the state of a control plane; `more` replaces words of the text."""
    described, usual = PLANES.get(plane, (plane, ""))
    described = described.replace("MEMBERS", MEMBERS)
    fields = ", ".join(part for part in ("name: state, type: etcd", usual, dataset) if part)
    text = KEYED.replace("DATASET", f"{{{fields}}}").replace("PLANE", described)
    text = text.replace("MINOR", minor).replace("ZEROS", ZEROS)
    for old, new in more.items():
        text = text.replace(old, new)
    found = estate(text)
    assert not [each for each in found.findings if each.code.severity == "error"], found.findings
    return found


def files(found: Estate) -> dict[str, Artifact]:
    (plan,) = found.policies
    return {artifact.path: artifact for artifact in etcd.policy(plan, RENDER)}


def objects(found: Estate, kind: str) -> dict[str, Mapping[str, Any]]:
    return {
        artifact.data["metadata"]["name"]: artifact.data  # type: ignore[index]
        for artifact in files(found).values()
        if artifact.data and artifact.data["kind"] == kind
    }


def pod(found: Estate, name: str = "shop--state--s3") -> Mapping[str, Any]:
    spec: Mapping[str, Any] = objects(found, "CronJob")[name]["spec"]
    return spec["jobTemplate"]["spec"]["template"]["spec"]  # type: ignore[no-any-return]


def containers(spec: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    return {each["name"]: each for each in (*spec["initContainers"], *spec["containers"])}


@pytest.mark.parametrize("minor", kubernetes_minors())
@pytest.mark.parametrize("plane", PLANES)
def test_every_object_is_accepted_by_every_release(plane: str, minor: str) -> None:
    judge = validator(Target(kubernetes=minor))
    for artifact in files(made(plane, minor=minor)).values():
        if artifact.data is not None:
            assert list(judge.check(artifact.data, artifact.privileges)) == [], artifact.path


def test_etcd_on_the_node_is_reached_by_three_files_and_nothing_else() -> None:
    spec = pod(made("stacked"))
    assert spec["hostNetwork"] is True
    assert spec["dnsPolicy"] == "ClusterFirstWithHostNet"
    assert spec["automountServiceAccountToken"] is False
    hosts = [each["hostPath"] for each in spec["volumes"] if "hostPath" in each]
    assert {each["type"] for each in hosts} == {"File"}
    assert sorted(each["path"] for each in hosts) == [
        "/etc/kubernetes/pki/etcd/ca.crt",
        "/etc/kubernetes/pki/etcd/healthcheck-client.crt",
        "/etc/kubernetes/pki/etcd/healthcheck-client.key",
    ]
    names = {each["name"] for each in spec["volumes"] if "hostPath" in each}
    for name, container in containers(spec).items():
        seen = {each["name"] for each in container["volumeMounts"] if each["name"] in names}
        assert bool(seen) is (name in ("health", "snapshot")), name
        assert all(each["readOnly"] for each in container["volumeMounts"] if each["name"] in names)
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize("plane", ["external", "talos"])
def test_etcd_elsewhere_is_saved_by_a_pod_without_privileges(plane: str) -> None:
    found = made(plane)
    spec = pod(found)
    assert pod_security(spec) == []
    assert "hostNetwork" not in spec
    (access,) = [each for each in spec["volumes"] if each["name"] == "access"]
    assert access["secret"]["secretName"] in ("client", "talos")
    assert "access" not in {each["name"] for each in containers(spec)["backup"]["volumeMounts"]}


@pytest.mark.parametrize("plane", ["stacked", "external", "talos"])
def test_no_shell_is_needed_in_the_images_of_etcd(plane: str) -> None:
    for name, container in containers(pod(made(plane))).items():
        if name in ("health", "snapshot", "trial"):
            assert container["command"][0] in ("etcdctl", "etcdutl", "/talosctl")
            assert "args" not in container


@pytest.mark.parametrize(
    ("plane", "endpoint"),
    [("stacked", "https://127.0.0.1:2379"), ("external", "https://[fd00::2]:2379")],
)
def test_one_member_is_read_and_nothing_waits_for_ever(plane: str, endpoint: str) -> None:
    found = containers(pod(made(plane, "limits: {run: 20m}")))
    for name in ("health", "snapshot"):
        command = found[name]["command"]
        assert f"--endpoints={endpoint}" in command
        assert "--dial-timeout=10s" in command
    assert "--command-timeout=600s" in found["snapshot"]["command"]
    assert found["health"]["command"][-3:] == ["get", "--consistency=l", "bpc"]
    assert [*found].index("health") < [*found].index("snapshot") < [*found].index("trial")


@pytest.mark.parametrize(
    ("version", "program", "image"),
    [("3.4.30", "etcdctl", "3.4"), ("3.5.4", "etcdutl", "3.5"), ("3.6.5", "etcdutl", "3.6")],
)
def test_the_trial_is_made_with_the_tool_of_the_release(
    version: str, program: str, image: str
) -> None:
    found = containers(pod(made("stacked", **{"3.5.24": version})))
    trial = found["trial"]
    assert trial["command"] == [
        program,
        "snapshot",
        "restore",
        "/work/snapshot.db",
        "--data-dir=/work/trial",
    ]
    assert f"etcd:{image}" in trial["image"] or f"etcd:v{image}" in trial["image"]
    assert [each["name"] for each in trial["volumeMounts"]] == ["work"]


@pytest.mark.parametrize("plane", PLANES)
def test_snapshot_status_is_never_taken_for_a_check(plane: str) -> None:
    for artifact in files(made(plane)).values():
        assert isinstance(artifact.content, str)
        assert "snapshot status" not in artifact.content


def test_talos_is_asked_at_the_member_that_was_named() -> None:
    snapshot = containers(pod(made("talos", "member: cp-2")))["snapshot"]
    assert "--nodes=fd00::2" in snapshot["command"]
    assert snapshot["command"][-3:] == ["etcd", "snapshot", "/work/snapshot.db"]


def test_room_is_made_for_the_snapshot_and_its_trial() -> None:
    def room(dataset: str) -> str:
        volumes = {each["name"]: each for each in pod(made("stacked", dataset))["volumes"]}
        size: str = volumes["work"]["emptyDir"]["sizeLimit"]
        return size

    assert room("size: 1Gi") == "5120Mi"
    assert room("") == "17408Mi"


@pytest.mark.parametrize("plane", ["stacked", "external"])
def test_the_bundle_has_a_password_a_namespace_and_points_of_its_own(plane: str) -> None:
    found = made(plane, **{"other-safe}": "other-safe, directories: [/etc/encryption]}"})
    jobs = objects(found, "CronJob")
    assert jobs["shop--state--bundle--s3"]["metadata"]["namespace"] == "bpc-etcd-bundle"
    assert jobs["shop--state--s3"]["metadata"]["namespace"] == "bpc-etcd"
    bundle, state = pod(found, "shop--state--bundle--s3"), pod(found)

    def password(spec: Mapping[str, Any]) -> str:
        volumes = {each["name"]: each for each in spec["volumes"]}
        secret: str = volumes["encryption-credentials"]["secret"]["secretName"]
        return secret

    assert (password(bundle), password(state)) == ("bundle-key", "backup-key")
    assert "hostNetwork" not in bundle
    paths = [each["hostPath"] for each in bundle["volumes"] if "hostPath" in each]
    assert paths == [
        {"path": "/etc/kubernetes", "type": "Directory"},
        {"path": "/etc/encryption", "type": "Directory"},
    ]
    main = containers(bundle)["backup"]
    assert all(
        each["readOnly"] for each in main["volumeMounts"] if each["name"].startswith("node-")
    )
    env = {each["name"]: each["value"] for each in main["env"]}
    assert env["STORE"].endswith("/shop/state--bundle")
    assert env["DIRECTORIES"] == "etc/kubernetes etc/encryption"


@pytest.mark.parametrize(
    ("plane", "levels"),
    [
        ("stacked", {"bpc-etcd": "privileged", "bpc-etcd-bundle": "privileged"}),
        ("external", {"bpc-etcd": "restricted", "bpc-etcd-bundle": "privileged"}),
        ("talos", {"bpc-etcd": "restricted"}),
        ("k3s", {}),
        ("kops", {}),
    ],
)
def test_each_namespace_takes_what_its_job_needs_and_is_never_pruned(
    plane: str, levels: dict[str, str]
) -> None:
    found = objects(made(plane), "Namespace")
    enforced = "pod-security.kubernetes.io/enforce"
    assert {name: each["metadata"]["labels"][enforced] for name, each in found.items()} == levels
    for each in found.values():
        notes = each["metadata"]["annotations"]
        assert notes["kustomize.toolkit.fluxcd.io/prune"] == "disabled"


def test_one_namespace_for_both_jobs_is_written_once() -> None:
    found = made("external", **{"key: other-safe": "key: other-safe, namespace: bpc-etcd"})
    (namespace,) = objects(found, "Namespace").values()
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "privileged"


def settings(found: Estate, name: str) -> Any:
    (artifact,) = [each for path, each in files(found).items() if path.endswith(name)]
    assert not artifact.applied
    assert artifact.path.startswith("hosts/shop/state/")
    assert isinstance(artifact.content, str)
    return yaml.safe_load(artifact.content)


@pytest.mark.parametrize("plane", ["k3s", "rke2"])
def test_servers_are_told_when_to_save_how_many_and_where(plane: str) -> None:
    data = settings(made(plane), "50-bpc-etcd-snapshot.yaml")
    assert data["etcd-snapshot-retention"] >= 48
    assert len(data["etcd-snapshot-schedule-cron"].split()) == 5
    assert data["etcd-s3"] is True
    assert data["etcd-s3-bucket"] == "acme-backup"
    assert data["etcd-s3-endpoint"] == "s3.eu-west-1.amazonaws.com"
    assert data["etcd-s3-folder"] == "bpc.points/prod/shop/state"
    assert not [key for key in data if "key" in key.split("-") or "secret" in key]
    assert objects(made(plane), "CronJob") == {}


def test_beside_a_secret_of_settings_no_other_is_given() -> None:
    data = settings(made("k3s", "access: s3-settings"), "50-bpc-etcd-snapshot.yaml")
    assert data["etcd-s3-config-secret"] == "s3-settings"
    assert [key for key in data if key.startswith("etcd-s3-")] == ["etcd-s3-config-secret"]


def test_both_clusters_of_kops_are_told_how_often_and_how_long() -> None:
    found = made("kops", "retention: {hourly: 24, weekly: 5}")
    clusters = settings(found, "kops-etcd-clusters.yaml")["spec"]["etcdClusters"]
    assert [each["name"] for each in clusters] == ["main", "events"]
    for each in clusters:
        assert each["manager"] == {"backupInterval": "1h0m0s", "backupRetentionDays": 35}


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("field", ["paused: true", "schedule: manual"])
def test_hosts_are_told_nothing_where_nothing_runs_by_itself(plane: str, field: str) -> None:
    paths = files(made(plane, field))
    assert not [path for path in paths if path.startswith("hosts/")]


@pytest.mark.parametrize("kind", ["ack", "eks", "gke", "aks"])
def test_a_provider_s_etcd_is_refused_with_what_the_provider_covers(kind: str) -> None:
    found = made(f"{{type: {kind}}}")
    assert files(found) == {}
    (finding,) = etcd_is_managed.check(found.policies[0])
    assert kind.upper() in finding.message
    assert finding.help is not None
    assert "heldBy: {who: provider" in finding.help


def test_what_a_provider_holds_is_no_fault_and_makes_no_file() -> None:
    found = made("{type: eks}", "heldBy: {who: provider, evidence: contract}")
    assert files(found) == {}
    assert list(etcd_is_managed.check(found.policies[0])) == []


def test_the_settings_of_a_person_survive_any_shell() -> None:
    hostile = 'a\'b "c" $(touch /tmp/owned) é'
    found = files(made("stacked", **{"key: safe": f"key: safe, kmsKey: {json.dumps(hostile)}"}))
    content = found["restore/shop/state/snapshot--s3.env"].content
    assert isinstance(content, str)
    shown = 'printf "%s|%s" "$RCLONE_CONFIG_STORE_SSE_KMS_KEY_ID" "$ENCRYPTION_FILE"'
    result = subprocess.run(
        ["sh", "-c", f"set -eu\n{content}\n{shown}"],
        env={"KEYS": "/k y"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout == f"{hostile}|/k y/backup-key/password"


def test_both_halves_can_be_fetched_and_the_scripts_are_beside_them() -> None:
    paths = {path for path in files(made("stacked")) if path.startswith("restore/")}
    assert paths == {
        f"restore/shop/state/{name}"
        for name in (
            "bundle--s3.env",
            "engine.sh",
            "fetch.sh",
            "method.sh",
            "restore.sh",
            "snapshot--s3.env",
            "trailer.sh",
        )
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"bundle-key": "backup-key"}, "same password"),
        ({"other-safe": "safe"}, "same key"),
        ({BUNDLE: "paused: false"}, "authorities and encryption keys"),
    ],
)
def test_the_bundle_must_not_share_its_password(changes: dict[str, str], said: str) -> None:
    (plan,) = made("stacked", **changes).policies
    (finding,) = etcd_keys_missing.check(plan)
    assert said in finding.message


@pytest.mark.parametrize("plane", ["k3s", "rke2"])
def test_the_server_token_has_to_be_named(plane: str) -> None:
    (plan,) = made(plane, **{"token: t": "timeZone: UTC"}).policies
    (finding,) = etcd_keys_missing.check(plan)
    assert "server token" in finding.message


def test_a_member_that_does_not_exist_is_found() -> None:
    (plan,) = made("external", **{"member: cp-2": "member: cp-22"}).policies
    (finding,) = etcd_not_reachable.check(plan)
    assert "`cp-22`, which is no member" in finding.message


@pytest.mark.parametrize(
    ("dataset", "plane", "said"),
    [
        ("schedule: {cron: '0 * * * *', timeZone: Europe/Berlin}", "k3s", "`Europe/Berlin`"),
        ("", "k3s", ""),
        ("retention: {hourly: 200, daily: 30}", "kops", "for a week"),
        ("retention: {hourly: 100, daily: 30}", "kops", ""),
    ],
)
def test_what_a_saver_of_its_own_cannot_do_is_said(dataset: str, plane: str, said: str) -> None:
    found = list(etcd_schedule_impossible.check(made(plane, dataset).policies[0]))
    assert [said in each.message for each in found] == ([True] if said else [])


def test_a_zone_that_the_servers_have_is_taken() -> None:
    zone = "schedule: {cron: '0 4 * * *', timeZone: Europe/Berlin}"
    found = made(
        "{type: rke2, token: t, timeZone: Europe/Berlin}", f"retention: {{daily: 9}}, {zone}"
    )
    assert list(etcd_schedule_impossible.check(found.policies[0])) == []


def test_kops_writes_to_its_own_store_alone() -> None:
    (plan,) = made("kops", **{"acme-backup/x": "elsewhere"}).policies
    (finding,) = etcd_copy_impossible.check(plan)
    assert "`s3://elsewhere`" in finding.message


def test_the_claim_of_a_bundle_is_in_its_own_namespace() -> None:
    claim = (
        "type: pvc, claim: c, namespace: bpc-etcd, bucket: null, credentials: null, pruning: null, "
    )
    changes = {"pruning: {secret: prune-s3}, ": claim}
    (plan,) = made("stacked", **changes).policies
    (finding,) = etcd_copy_impossible.check(plan)
    assert finding.help is not None
    assert "`namespace: bpc-etcd`" in finding.help
    (plan,) = made(
        "stacked", **changes, **{"key: other-safe": "key: o, namespace: bpc-etcd"}
    ).policies
    assert list(etcd_copy_impossible.check(plan)) == []


@pytest.mark.parametrize(
    ("changes", "purpose"),
    [({"3.5.24": "3.3.1"}, "etcd"), ({"talosctl: ": "curl: "}, "talosctl")],
)
def test_an_image_that_nobody_knows_is_asked_for(changes: dict[str, str], purpose: str) -> None:
    plane = "talos" if purpose == "talosctl" else "stacked"
    (plan,) = made(plane, **changes).policies
    (finding,) = etcd_image_unknown.check(plan)
    assert f"`{purpose}`" in finding.message
