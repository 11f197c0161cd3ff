"""What a back end says of one dataset: how its data is read out, checked, and written back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

UNPRIVILEGED = 65_532
"""The user and group of jobs that need no other."""


@dataclass(frozen=True, slots=True)
class File:
    """A key of a Secret as a file: `/credentials/<folder>/<name>`."""

    secret: str
    key: str
    folder: str
    name: str


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume of the pod, as Kubernetes writes it, and where the containers see it.

    `source` is the part of the volume beside its name, such as `{"emptyDir": {}}`. The container with the
    copy engines does not see a `private` one: only those before it do, if they name it.
    """

    name: str
    path: str
    source: Mapping[str, object]
    read_only: bool = False
    private: bool = False


@dataclass(frozen=True, slots=True)
class Container:
    """A container that runs to its end before the one with the copy engines starts.

    `command` is started as it is, without a shell. `mounts` are the names of those mounts of the workload
    that it sees.
    """

    name: str
    image: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    mounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """What a job may ask of the API server: the rules of a Role in a namespace, or of a ClusterRole."""

    rules: tuple[Mapping[str, object], ...]
    namespace: str | None = None


@dataclass(frozen=True, slots=True)
class Workload:
    """How one dataset is read, checked and written back.

    `script` is below `templates/`; it is started with one of these words and must fail if in doubt:

    - `check` prints a line for each tool and server (`name version`); fails if the data cannot be read.
    - `parts` prints the names of what there is to read, of `a-z`, `0-9` and `-`, a line for each.
    - `capture PART` writes a part to standard output.
    - `verify PART` reads a part from standard input, all of it; fails unless it is complete and readable.
    - `guard` looks at the target of a restore: 0 if it is empty, 3 if it holds data, else it cannot be used.
    - `clear` empties a target that holds data; only started once a person has confirmed it.
    - `restore PART` reads a part from standard input, all of it, and writes it to the target.
    - `finish` checks what came back.

    `libraries` are further scripts, which it finds beside itself in the directory SCRIPTS.
    `environment` holds values for the script, `files` what it needs of Secrets, `ports` where it connects to.
    `keeping` are scripts for the maintenance: `keep.sh` among them is started with the share that is read
    this time, once old points are gone, and finds the ids of the others in the file `kept`;
    `keeping_environment` holds values for it.
    `component` is the back end's name. `user` and `group` are those of the pod. `privileges` names the
    controls of the Pod Security Standards that the pod has to break. `restore_mounts` and `restore_files` are
    the restore job's, in place of `mounts` and `files`; `restore_environment` is added to its environment.
    `grants` are what the backup job may ask of the API server, `restore_grants` what the restore job may; a
    job without any gets no token. `target` is what a restore beside the live data is given as TARGET; empty
    if it takes none. `affinity` holds for the backup job alone: what is restored to may run elsewhere.
    """

    component: str
    method: str
    script: str
    namespace: str
    image: str
    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[File, ...] = ()
    restore_files: tuple[File, ...] | None = None
    libraries: tuple[str, ...] = ()
    keeping: tuple[str, ...] = ()
    keeping_environment: Mapping[str, str] = field(default_factory=dict)
    ports: tuple[int, ...] = ()
    mounts: tuple[Mount, ...] = ()
    before: tuple[Container, ...] = ()
    restore_mounts: tuple[Mount, ...] | None = None
    restore_environment: Mapping[str, str] = field(default_factory=dict)
    user: int = UNPRIVILEGED
    group: int = UNPRIVILEGED
    privileges: frozenset[str] = frozenset()
    host_network: bool = False
    node_selector: Mapping[str, str] | None = None
    tolerations: tuple[Mapping[str, object], ...] = ()
    affinity: Mapping[str, object] | None = None
    grants: tuple[Grant, ...] = ()
    restore_grants: tuple[Grant, ...] = ()
    target: str = "the address of an empty server of the same release"
    scratch: str = "1Gi"
