"""The formats of strings that our closed models name, and what to say where one does not hold."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bpc.validate.names import (
    is_data_key,
    is_dns_label,
    is_dns_subdomain,
    is_label_key,
    is_label_value,
)
from bpc.validate.schedules import (
    is_cron_v1,
    is_cron_with_seconds,
    is_duration,
    is_positive_duration,
    is_zoned_cron,
)


@dataclass(frozen=True, slots=True)
class Format:
    """A predicate on strings; `meaning` completes the sentence "`value` is not …"."""

    holds: Callable[[str], bool]
    meaning: str


def _pattern(expression: str, meaning: str) -> Format:
    compiled = re.compile(expression)
    return Format(lambda value: compiled.fullmatch(value) is not None, meaning)


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(value)


FORMATS: Mapping[str, Format] = {
    "base64": Format(_is_base64, "base64"),
    "cron": Format(is_zoned_cron, "a cron string that Velero 1.15 and newer can read"),
    "cron-v1": Format(is_cron_v1, "a cron string that Velero up to 1.14 can read"),
    "cron-with-seconds": Format(
        is_cron_with_seconds, "six fields of a cron string with the seconds first"
    ),
    "data-key": Format(is_data_key, "a key of a ConfigMap or Secret"),
    "dns-label": Format(is_dns_label, "a DNS label of at most 63 characters"),
    "dns-subdomain": Format(is_dns_subdomain, "a DNS name of at most 253 characters"),
    "duration": Format(is_duration, "a Go duration such as `1h30m`"),
    "duration-positive": Format(
        is_positive_duration, "a Go duration above zero such as `720h0m0s`"
    ),
    "flux-interval": _pattern(
        r"([0-9]+(\.[0-9]+)?(ms|s|m|h))+", "a duration in `h`, `m`, `s` and `ms`, such as `10m`"
    ),
    "flux-timeout": _pattern(
        r"([0-9]+(\.[0-9]+)?(ms|s|m))+", "a duration in `m`, `s` and `ms`, such as `60s`"
    ),
    "git-url": _pattern(r"(https?|ssh)://.+", "an address that begins with `https://` or `ssh://`"),
    "helm-url": _pattern(
        r"(https?|oci)://.+", "an address that begins with `https://` or `oci://`"
    ),
    "label-key": Format(is_label_key, "a key for a label"),
    "label-value": Format(is_label_value, "a value for a label, at most 63 characters"),
    "namespace": Format(
        lambda value: value == "*" or is_dns_label(value), "the name of a namespace, or `*` alone"
    ),
    "namespace-glob": _pattern(
        r"[-a-z0-9*?\[\]]{1,253}", "the name of a namespace, or a pattern of `*`, `?` and `[abc]`"
    ),
    "oci-url": _pattern(r"oci://.+", "an address that begins with `oci://`"),
    "relative-path": _pattern(
        r"(?!/)(?!.*(^|/)\.\.(/|$))[^\n]+", "a path that stays inside its directory"
    ),
}
