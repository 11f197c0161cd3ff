"""A small kubelet: runs generated Jobs as real containers, and refuses what it does not implement."""

from tests.acceptance.kubelet.availability import missing
from tests.acceptance.kubelet.fields import Unsupported
from tests.acceptance.kubelet.job import Kubelet
from tests.acceptance.kubelet.machine import MachineError
from tests.acceptance.kubelet.outcome import ContainerOutcome, Outcome, PodOutcome
from tests.acceptance.kubelet.visit import Pod
from tests.acceptance.kubelet.world import Image, World

__all__ = [
    "ContainerOutcome",
    "Image",
    "Kubelet",
    "MachineError",
    "Outcome",
    "Pod",
    "PodOutcome",
    "Unsupported",
    "World",
    "missing",
]
