"""Where something is, and whose credentials rule it."""

from __future__ import annotations

from bpc.model.base import Name, Spec, Text


class Site(Spec):
    """Where something is, and whose credentials rule it: what a disaster can take away at once."""

    provider: Name
    """The cloud provider, or a name for your own data centres."""
    region: Text
    """The region or the town, as the provider writes it."""
    zone: Text | None = None
    """The zone or the building, when everything is in one."""
    account: Name
    """The account, subscription or project that pays and can close everything."""
    realm: Name
    """The set of people and keys that can delete everything here."""
