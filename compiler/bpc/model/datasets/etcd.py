"""The state of a cluster's control plane."""

from __future__ import annotations

from typing import Literal

from bpc.model.datasets.base import Dataset


class Etcd(Dataset):
    """The state of the cluster's control plane."""

    type: Literal["etcd"]
    """Marks the dataset as the control plane's state."""
