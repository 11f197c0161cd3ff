"""The kubelet against real containers."""

from __future__ import annotations

import subprocess
import time
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.acceptance.kubelet import Image, Kubelet, Outcome, Pod, Unsupported, World, missing
from tests.acceptance.kubelet.sample import USER, Fields, container, cron_job, job, mounted

pytestmark = pytest.mark.acceptance

SECRET = {"secret": {"secretName": "login"}}


@pytest.fixture(scope="module", autouse=True)
def machine() -> None:
    if lacks := missing():
        pytest.skip(f"containers cannot run here, as this machine lacks {'; '.join(lacks)}")


@pytest.fixture
def world(tmp_path: Path) -> World:
    node = tmp_path / "node"
    node.mkdir()
    return World(
        secrets={("prod", "login"): {"user": b"backup", "password": b"s3cret"}},
        configmaps={("prod", "scripts"): {"run.sh": "echo from a script\n"}},
        claims={("prod", "data"): tmp_path / "claim"},
        host_root=node,
    )


@pytest.fixture
def kubelet(world: World, tmp_path: Path) -> Kubelet:
    return Kubelet(world, tmp_path / "kubelet", patience=60)


def printed(kubelet: Kubelet, manifest: Fields) -> str:
    outcome = kubelet.run(manifest)
    assert outcome.reason == "Complete", f"{outcome.message}{outcome.log}"
    return outcome.log


def only_exit_code(outcome: Outcome) -> int:
    ((one,),) = (pod.containers for pod in outcome.pods)
    return one.exit_code


def test_a_process_has_the_user_and_the_rights_of_its_manifest_only(kubelet: Kubelet) -> None:
    log = printed(kubelet, job(container("id; whoami || true; cat /proc/self/status")))
    assert log.startswith(f"uid={USER} gid={USER} groups={USER}\n")
    assert "cannot find name" in log, "no image knows the user"
    assert "CapEff:\t0000000000000000\n" in log
    assert "CapBnd:\t0000000000000000\n" in log
    assert "NoNewPrivs:\t1\n" in log
    assert "Seccomp:\t2\n" in log


def test_without_a_security_context_a_process_has_what_kubernetes_gives(kubelet: Kubelet) -> None:
    script = "id; cat /proc/self/status; touch /etc/mine /tmp/mine"
    manifest = job(container(script, securityContext={}), pod={"securityContext": {}})
    log = printed(kubelet, manifest)
    assert log.startswith("uid=0(root) gid=0(root)")
    assert "CapEff:\t00000000a80425fb\n" in log
    assert "NoNewPrivs:\t0\n" in log
    assert "Seccomp:\t0\n" in log
    assert not Path("/etc/mine").exists()


def test_groups_are_those_of_the_manifest(kubelet: Kubelet) -> None:
    context = {"runAsUser": USER, "fsGroup": 2000, "supplementalGroups": [3000]}
    log = printed(kubelet, job(container("id"), pod={"securityContext": context}))
    assert log == f"uid={USER} gid=0(root) groups=0(root),2000,3000\n"


def test_root_is_refused_where_the_manifest_says_so(kubelet: Kubelet) -> None:
    outcome = kubelet.run(job(container("true"), pod={"securityContext": {"runAsNonRoot": True}}))
    assert outcome.reason == "CreateContainerConfigError"


@pytest.mark.parametrize("path", ["/tmp", "/etc", "/run", "/var/tmp", "/root", "/"])  # noqa: S108
def test_a_read_only_root_is_so_everywhere(kubelet: Kubelet, path: str) -> None:
    root: Fields = {"securityContext": {"readOnlyRootFilesystem": True}}
    outcome = kubelet.run(job(container(f"touch {path}/a", **root), pod={"securityContext": {}}))
    assert "Read-only file system" in outcome.log
    assert outcome.reason == "BackoffLimitExceeded"


def test_the_machines_own_files_are_hidden(kubelet: Kubelet, tmp_path: Path) -> None:
    log = printed(kubelet, job(container("ls -A /tmp /home; ls -A /var/tmp")))
    assert log == "/home:\n\n/tmp:\n"
    manifest = job(container(f"test -e {tmp_path} || test -e {Path(__file__)}"))
    assert not kubelet.run(manifest).succeeded


def test_images_show_their_files_and_their_path(
    kubelet: Kubelet, world: World, tmp_path: Path
) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho tool of $VENDOR\n")
    tool.chmod(0o755)
    mounts = {"/image/bin/tool": str(tool)}
    world.images = lambda _: Image(mounts=mounts, path="/image/bin:/bin", env={"VENDOR": "acme"})
    assert printed(kubelet, job(container("tool"))) == "tool of acme\n"


def test_the_environment_is_that_of_the_manifest(
    kubelet: Kubelet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEAK", "1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    log = printed(kubelet, job(container("env", env=[{"name": "MINE", "value": "a\nb"}])))
    names = {line.partition("=")[0] for line in log.splitlines() if "=" in line}
    names = {name for name in names if not name.startswith("KUBERNETES_")}
    assert names == {"MINE", "PATH", "HOSTNAME", "HOME", "PWD"}
    assert "MINE=a\nb\n" in log


def test_variables_come_from_where_the_manifest_says(kubelet: Kubelet) -> None:
    label = "metadata.labels['batch.kubernetes.io/job-name']"
    env = [
        {"name": "JOB", "valueFrom": {"fieldRef": {"fieldPath": label}}},
        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
        {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "login", "key": "user"}}},
        {
            "name": "NONE",
            "valueFrom": {"configMapKeyRef": {"name": "no", "key": "no", "optional": True}},
        },
        {"name": "BOTH", "value": "$(KEY)@$(POD) $(NONE) $$(KEY)"},
    ]
    command = ["/bin/sh", "-c", 'echo "$0 $1 $2"; echo "${NONE-unset}"', "$(JOB)"]
    main = container("", env=env) | {"command": command, "args": ["$(BOTH)", "$$(JOB) $(LATER)"]}
    outcome = kubelet.run(job(main))
    pod = outcome.pods[0].name
    assert outcome.log == f"sample backup@{pod} $(NONE) $(KEY) $(JOB) $(LATER)\nunset\n"


def test_each_run_of_a_cron_job_has_a_name_of_its_own(kubelet: Kubelet) -> None:
    reference = {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}
    env = [{"name": "RUN", "valueFrom": reference}]
    manifest = cron_job(job(container('echo "$RUN"', env=env)))
    first, second = printed(kubelet, manifest), printed(kubelet, manifest)
    assert first.startswith("sample-")
    assert first != second


def test_a_secret_has_its_modes_and_belongs_to_root(kubelet: Kubelet) -> None:
    keyed = {"secretName": "login", "defaultMode": 0o400}
    pod, mount = mounted({"secret": keyed})
    script = "stat -Lc '%a %u:%g' /data/password; readlink /data/password; cat /data/password"
    outcome = kubelet.run(job(container(script, **mount), pod=pod))
    assert outcome.log.startswith("400 0:0\n..data/password\n")
    assert "Permission denied" in outcome.log
    assert not outcome.succeeded


def test_fs_group_lets_the_user_read_a_secret(kubelet: Kubelet) -> None:
    pod, mount = mounted({"secret": {"secretName": "login", "defaultMode": 0o400}})
    pod["securityContext"] = {"runAsUser": USER, "runAsGroup": USER, "fsGroup": 2000}
    script = "stat -Lc '%a %u:%g' /data /data/. /data/password; cat /data/password; touch /data/a"
    outcome = kubelet.run(job(container(script, **mount), pod=pod))
    assert outcome.log.startswith("2777 0:2000\n2777 0:2000\n440 0:2000\ns3cret")
    assert "Read-only file system" in outcome.log


def test_items_choose_keys_paths_and_modes(kubelet: Kubelet) -> None:
    items = [{"key": "run.sh", "path": "bin/run", "mode": 0o555}]
    pod, mount = mounted({"configMap": {"name": "scripts", "items": items}})
    script = "ls -A /data; stat -Lc %a /data/bin/run; /bin/sh /data/bin/run"
    log = printed(kubelet, job(container(script, **mount), pod=pod))
    assert log.splitlines()[-4:] == ["..version", "bin", "555", "from a script"]


@pytest.mark.parametrize(
    "source",
    [
        {"secret": {"secretName": "none"}},
        {"configMap": {"name": "none"}},
        {"secret": {"secretName": "login", "items": [{"key": "none", "path": "a"}]}},
        {"persistentVolumeClaim": {"claimName": "none"}},
        {"hostPath": {"path": "/none", "type": "Directory"}},
    ],
)
def test_a_volume_of_nothing_fails_the_job_at_once(
    kubelet: Kubelet, source: dict[str, object]
) -> None:
    pod, mount = mounted(source)
    outcome = kubelet.run(job(container("true", **mount), pod=pod, backoffLimit=3))
    assert outcome.reason == "CreateContainerConfigError"
    assert "none" in outcome.message


def test_a_variable_from_nothing_fails_the_job_at_once(kubelet: Kubelet) -> None:
    env = [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "login", "key": "none"}}}]
    outcome = kubelet.run(job(container("true", env=env)))
    assert outcome.reason == "CreateContainerConfigError"


@pytest.mark.parametrize("medium", ["", "Memory"])
def test_an_empty_dir_ends_at_its_limit(kubelet: Kubelet, medium: str) -> None:
    pod, mount = mounted({"emptyDir": {"sizeLimit": "16Mi", "medium": medium}})
    script = "ls -A /data; head -c 14M /dev/zero > /data/a; head -c 4M /dev/zero > /data/b"
    outcome = kubelet.run(job(container(script, **mount), pod=pod))
    assert outcome.log == "head: error writing 'standard output': No space left on device\n"


def test_filling_a_disk_is_not_running_out_of_memory(kubelet: Kubelet) -> None:
    pod, mount = mounted({"emptyDir": {"sizeLimit": "128Mi"}})
    limits: Fields = {"resources": {"limits": {"memory": "32Mi"}}}
    script = "head -c 100M /dev/zero > /data/a; echo written"
    assert printed(kubelet, job(container(script, **mount, **limits), pod=pod)) == "written\n"


def test_containers_of_a_pod_share_an_empty_dir_that_starts_empty(kubelet: Kubelet) -> None:
    pod, mount = mounted({"emptyDir": {}})
    first = container("ls -A /data; echo handed > /data/a", name="first", **mount)
    pod["initContainers"] = [first]
    manifest = job(container("cat /data/a", **mount), pod=pod)
    assert printed(kubelet, manifest) == "handed\n"
    assert printed(kubelet, manifest) == "handed\n"


def test_a_claim_keeps_its_files_and_goes_to_the_group(kubelet: Kubelet) -> None:
    pod, mount = mounted({"persistentVolumeClaim": {"claimName": "data"}})
    manifest = job(container("echo x >> /data/a; wc -l < /data/a", **mount), pod=pod)
    assert not kubelet.run(manifest).succeeded, "without fsGroup the volume is root's"
    pod["securityContext"] = {"runAsUser": USER, "fsGroup": 2000}
    manifest = job(container("echo x >> /data/a; wc -l < /data/a", **mount), pod=pod)
    assert [printed(kubelet, manifest) for _ in range(2)] == ["1\n", "2\n"]


def test_a_host_path_is_served_from_the_world(kubelet: Kubelet, world: World) -> None:
    assert world.host_root is not None
    (world.host_root / "pki").mkdir()
    (world.host_root / "pki/ca.crt").write_text("pem\n")
    pod, mount = mounted({"hostPath": {"path": "/pki", "type": "Directory"}}, readOnly=True)
    assert printed(kubelet, job(container("cat /data/ca.crt", **mount), pod=pod)) == "pem\n"


def test_a_token_is_where_clients_look_for_it(kubelet: Kubelet, world: World) -> None:
    world.accounts["prod", "writer"] = {"token": b"jwt", "ca.crt": b"pem"}
    pod = {"serviceAccountName": "writer", "automountServiceAccountToken": True}
    path = "/var/run/secrets/kubernetes.io/serviceaccount"
    script = f"cd {path}; cat token ca.crt namespace; stat -Lc ' %a %u' token"
    assert printed(kubelet, job(container(script), pod=pod)) == f"jwtpemprod 600 {USER}\n"
    with pytest.raises(Unsupported, match="prod/default"):
        kubelet.run(job(container("true"), pod={"automountServiceAccountToken": True}))


def test_a_service_has_a_name(kubelet: Kubelet, world: World) -> None:
    world.hosts["db.prod.svc.cluster.local"] = "127.0.0.9"
    script = "getent hosts db db.prod | cut -d' ' -f1; getent hosts nobody.prod || echo unknown"
    log = printed(kubelet, job(container(script)))
    assert log == "127.0.0.9\n127.0.0.9\nunknown\n"


def test_a_container_over_its_memory_limit_is_killed(kubelet: Kubelet) -> None:
    limits: Fields = {"resources": {"limits": {"memory": "32Mi"}}}
    outcome = kubelet.run(job(container("exec tail /dev/zero", **limits)))
    assert outcome.reason == "BackoffLimitExceeded"
    assert outcome.pods[0].containers[0].oom_killed
    assert only_exit_code(outcome) == 137


def test_a_memory_kill_inside_a_pipeline_is_seen(kubelet: Kubelet) -> None:
    limits: Fields = {"resources": {"limits": {"memory": "32Mi", "cpu": "500m"}}}
    outcome = kubelet.run(job(container("tail /dev/zero | cat", **limits)))
    assert outcome.succeeded, "a shell without pipefail says so"
    assert outcome.pods[0].containers[0].oom_killed


def test_the_deadline_ends_a_job_without_another_attempt(kubelet: Kubelet) -> None:
    begun = time.monotonic()
    manifest = job(container("echo begun; sleep 60"), activeDeadlineSeconds=1, backoffLimit=3)
    outcome = kubelet.run(manifest)
    assert (outcome.reason, len(outcome.pods)) == ("DeadlineExceeded", 1)
    assert outcome.log == "begun\n"
    assert time.monotonic() - begun < 15


def test_a_stopped_container_gets_its_grace_period(kubelet: Kubelet) -> None:
    script = "trap 'echo bye; exit 0' TERM; sleep 60 & wait"
    pod = {"terminationGracePeriodSeconds": 20}
    outcome = kubelet.run(job(container(script), pod=pod, activeDeadlineSeconds=1))
    assert (outcome.reason, outcome.log) == ("DeadlineExceeded", "bye\n")


def test_the_patience_of_a_test_is_bounded(world: World, tmp_path: Path) -> None:
    with pytest.raises(TimeoutError):
        Kubelet(world, tmp_path / "kubelet", patience=1).run(job(container("sleep 60")))


def test_a_job_is_tried_again_up_to_its_limit(kubelet: Kubelet) -> None:
    outcome = kubelet.run(job(container("exit 3"), backoffLimit=2))
    assert outcome.reason == "BackoffLimitExceeded"
    assert [pod.containers[0].exit_code for pod in outcome.pods] == [3, 3, 3]
    assert len({pod.name for pod in outcome.pods}) == 3


def test_a_later_attempt_may_succeed(kubelet: Kubelet) -> None:
    pod, mount = mounted({"persistentVolumeClaim": {"claimName": "data"}})
    pod["securityContext"] = {"runAsUser": USER, "fsGroup": 2000}
    script = "test -e /data/a || { touch /data/a; exit 1; }"
    outcome = kubelet.run(job(container(script, **mount), pod=pod, backoffLimit=1))
    assert (outcome.reason, len(outcome.pods)) == ("Complete", 2)


def test_init_containers_run_in_order_until_one_fails(kubelet: Kubelet) -> None:
    init = [
        container("sleep 0.3; echo one", name="one"),
        container("echo two; exit 4", name="two"),
        container("echo three", name="three"),
    ]
    outcome = kubelet.run(job(container("echo main"), pod={"initContainers": init}))
    assert outcome.log == "one\ntwo\n"
    assert [one.exit_code for one in outcome.pods[0].containers] == [0, 4]


def test_containers_run_side_by_side_and_all_must_succeed(kubelet: Kubelet) -> None:
    pod, mount = mounted({"emptyDir": {}})
    waits = "until test -e /data/go; do sleep 0.1; done; echo went"
    both = (container(waits, **mount), container("touch /data/go; exit 5", name="side", **mount))
    pod["securityContext"] = {"runAsUser": USER, "fsGroup": 2000}
    outcome = kubelet.run(job(*both, pod=pod))
    assert not outcome.succeeded
    assert outcome.pods[0].container("main").log == "went\n"
    assert outcome.pods[0].container("side").exit_code == 5


def test_a_command_that_does_not_exist_fails_like_any_other(kubelet: Kubelet) -> None:
    outcome = kubelet.run(job(container("") | {"command": ["/none"]}, backoffLimit=1))
    assert (outcome.reason, len(outcome.pods)) == ("BackoffLimitExceeded", 2)
    assert outcome.pods[0].containers[0].start_error


def test_a_test_can_kill_a_container_midway(kubelet: Kubelet) -> None:
    def kill(pod: Pod) -> None:
        pod.wait_for("main", "begun")
        assert pod.exec("main", "/bin/cat", "/proc/1/comm") == "sh\n"
        pod.kill("main")

    outcome = kubelet.run(job(container("echo begun; sleep 60; true")), on_start=kill)
    assert only_exit_code(outcome) == 137
    assert not outcome.pods[0].containers[0].oom_killed


def test_what_a_visitor_raises_reaches_the_test(kubelet: Kubelet) -> None:
    def complain(pod: Pod) -> None:
        raise AssertionError(pod.name)

    with pytest.raises(AssertionError, match="sample-"):
        kubelet.run(job(container("true")), on_start=complain)


@pytest.mark.parametrize("fault", [False, True])
def test_nothing_is_left_behind(kubelet: Kubelet, tmp_path: Path, fault: bool) -> None:
    names = []

    def visit(pod: Pod) -> None:
        names.append(pod.name)
        if fault:
            raise KeyError

    pod, mount = mounted({"emptyDir": {"sizeLimit": "4Mi"}})
    with pytest.raises(KeyError) if fault else nullcontext():
        kubelet.run(job(container("exit 1", **mount), pod=pod), on_start=visit)
    left = subprocess.run(["podman", "ps", "-a"], capture_output=True, text=True, check=True)
    assert names[0] not in left.stdout
    assert str(tmp_path) not in Path("/proc/mounts").read_text()
    assert sorted(path.name for path in (tmp_path / "kubelet" / names[0]).iterdir()) == [
        "hosts",
        "main.log",
        "resolv.conf",
    ]
