"""API objects exported as YAML."""

from __future__ import annotations

from typing import Literal

from bpc.model.base import DnsLabel
from bpc.model.datasets.base import Dataset
from bpc.model.datasets.namespaces import ResourceKind


class Resources(Dataset):
    """API objects exported as YAML."""

    type: Literal["resources"]
    """Marks the dataset as exported objects."""
    namespaces: tuple[DnsLabel, ...] = ()
    """The namespaces; all unless set."""
    kinds: tuple[ResourceKind, ...] = ()
    """The kinds of objects; all unless set."""
    secrets: Literal["exclude", "encrypt"] = "exclude"
    """What happens to Secrets.

    - `exclude`: they are left out.
    - `encrypt`: they are exported encrypted.
    """
