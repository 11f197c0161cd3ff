"""A Job: attempts until one succeeds, the back-off limit is reached or the deadline passes."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.acceptance.kubelet.environment import Identity
from tests.acceptance.kubelet.machine import Podman
from tests.acceptance.kubelet.model import Job
from tests.acceptance.kubelet.outcome import ConfigError, Outcome, PodOutcome
from tests.acceptance.kubelet.pod import Attempt, Clock, DeadlinePassed
from tests.acceptance.kubelet.read_job import read_job
from tests.acceptance.kubelet.visit import OnStart
from tests.acceptance.kubelet.world import World

_BACKOFF_SECONDS = 0.2
"""Kubernetes waits 10 s, then twice as long each time."""
_MINUTE = 60


@dataclass
class Kubelet:
    """Runs Jobs, and CronJobs once and now, as a node and the Job controller would.

    Not modelled: scheduling, NetworkPolicies and network namespaces (every container is on the
    machine's network), pulling of images, eviction, restarts of containers.

    `patience` bounds a run, in seconds: after it, `TimeoutError`.
    """

    world: World
    workdir: Path
    patience: float = 300
    _last_minute: int = field(default=0, repr=False)

    def run(self, manifest: Mapping[str, object], *, on_start: OnStart | None = None) -> Outcome:
        """Run a Job to its end. `on_start` is called in a thread for each pod whose containers run.

        Raises `Unsupported` for a manifest that is not implemented in full, before anything runs.
        """
        job = read_job(manifest)
        podman = Podman.set_up(self.workdir)
        identity = self._identity(job)
        begun = time.monotonic()
        deadline = None if job.deadline is None else begun + job.deadline
        clock = Clock(deadline, begun + self.patience)
        pods: list[PodOutcome] = []
        while len(pods) <= job.backoff_limit:
            if pods:
                time.sleep(_BACKOFF_SECONDS)
            pod = self._pod(job, identity)
            directory = self.workdir / pod.name
            attempt = Attempt(
                job.pod, pod, len(pods), self.world, podman, directory, clock, on_start
            )
            try:
                pods.append(attempt.run())
            except DeadlinePassed as end:
                return Outcome(False, "DeadlineExceeded", (*pods, end.pod))
            except ConfigError as error:
                return Outcome(False, "CreateContainerConfigError", tuple(pods), str(error))
            if pods[-1].succeeded:
                return Outcome(True, "Complete", tuple(pods))
            if clock.expired():
                return Outcome(False, "DeadlineExceeded", tuple(pods))
        return Outcome(False, "BackoffLimitExceeded", tuple(pods))

    def _identity(self, job: Job) -> Identity:
        name = job.name
        if job.cron:
            # The controller names a Job after its minute; two runs are never in the same one.
            minute = max(int(time.time()) // _MINUTE, self._last_minute + 1)
            self._last_minute = minute
            name = f"{job.name}-{minute}"
        uid = secrets.token_hex(16)
        labels = {
            "job-name": name,
            "batch.kubernetes.io/job-name": name,
            "controller-uid": uid,
            "batch.kubernetes.io/controller-uid": uid,
        }
        return Identity(name, job.namespace, {**job.labels, **labels})

    def _pod(self, job: Job, identity: Identity) -> Identity:
        # Kubernetes cuts the stem so that the whole name remains a label.
        name = f"{identity.name}-"[:58] + secrets.token_hex(3)[:5]
        return Identity(name, job.namespace, identity.labels)
