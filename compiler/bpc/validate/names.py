"""What Kubernetes lets a name, a label and a key look like.

The answers are kept: the few hundred labels of a build recur on every object of it.
"""

from __future__ import annotations

import re
from functools import lru_cache

_LABEL = r"[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?"
_DNS_LABEL = re.compile(_LABEL)
_DNS_SUBDOMAIN = re.compile(
    r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*"
)
_QUALIFIED = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_DATA_KEY = re.compile(r"[-._A-Za-z0-9]{1,253}")
_LONGEST_SUBDOMAIN = 253


@lru_cache(maxsize=4096)
def is_dns_label(text: str) -> bool:
    """Tell whether `text` can name a namespace, a container or a volume: RFC 1123, at most 63."""
    return _DNS_LABEL.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_dns_subdomain(text: str) -> bool:
    """Tell whether `text` can name most objects: labels joined by dots, at most 253 characters."""
    return len(text) <= _LONGEST_SUBDOMAIN and _DNS_SUBDOMAIN.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_label_key(text: str) -> bool:
    """Tell whether `text` can be the key of a label or of an annotation."""
    prefix, slash, name = text.rpartition("/")
    return _QUALIFIED.fullmatch(name) is not None and (not slash or is_dns_subdomain(prefix))


@lru_cache(maxsize=4096)
def is_label_value(text: str) -> bool:
    """Tell whether `text` can be the value of a label; it may be empty."""
    return not text or _QUALIFIED.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def is_data_key(text: str) -> bool:
    """Tell whether `text` can be a key in a ConfigMap or a Secret, which becomes the name of a file."""
    return _DATA_KEY.fullmatch(text) is not None and text != "." and not text.startswith("..")
