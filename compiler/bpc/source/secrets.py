"""Credentials that were written into a policy, where only references belong."""

from __future__ import annotations

import base64
import re
from functools import lru_cache
from itertools import pairwise

from bpc.diagnostics import Finding, Pointer, Where
from bpc.source.codes import INLINE_SECRET
from bpc.source.documents import Document

# What issuers say their credentials look like. Certificates and public keys are no secrets.
_SHAPES = re.compile(
    r"(?P<a_private_key>-----BEGIN [A-Z0-9 ]*PRIVATE KEY|AGE-SECRET-KEY-1[0-9A-Z]{20,})"
    r"|(?P<an_AWS_access_key>(?<![A-Za-z0-9/+])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?![A-Za-z0-9/+]))"
    r"|(?P<an_Alibaba_Cloud_access_key>(?<![A-Za-z0-9])LTAI[A-Za-z0-9]{12,26}(?![A-Za-z0-9]))"
    r"|(?P<a_Tencent_Cloud_access_key>(?<![A-Za-z0-9])AKID[A-Za-z0-9]{32}(?![A-Za-z0-9]))"
    r"|(?P<a_Google_API_key>(?<![A-Za-z0-9_-])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-]))"
    r"|(?P<an_Azure_storage_key>AccountKey=[A-Za-z0-9+/]{40,}=*|[?&]sig=[A-Za-z0-9%+/]{40,})"
    r"|(?P<a_GitHub_token>(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}))"
    r"|(?P<a_GitLab_token>(?<![A-Za-z0-9])gl(?:pat|dt|rt)-[A-Za-z0-9_-]{20,})"
    r"|(?P<a_Slack_token>(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|hooks\.slack\.com/services/T[A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]{16,})"
    r"|(?P<a_webhook_token>oapi\.dingtalk\.com/robot/send\?access_token=[0-9a-f]{32,}"
    r"|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=[0-9a-f-]{32,})"
    r"|(?P<a_Vault_token>(?<![A-Za-z0-9])hv[sbr]\.[A-Za-z0-9_-]{24,})"
    r"|(?P<a_JSON_web_token>(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,})"
    r"|(?P<an_address_with_a_password>[A-Za-z][A-Za-z0-9+.-]{0,30}://[^/\s:@?#]{0,200}:"
    r"(?![<$%{*])[^/\s@]{1,200}@[A-Za-z0-9\[])"
)
# Some text in each shape, so that most documents are cleared without looking at their values.
_TRIGGERS = (
    *("PRIVATE KEY", "LS0tLS1CRUdJTi", "AGE-SECRET", "eyJ", "://", "AccountKey=", "sig="),
    *("AKIA", "ASIA", "ABIA", "ACCA", "LTAI", "AKID", "AIza", "hvs.", "hvb.", "hvr."),
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-"),
    *("xox", "hooks.slack", "dingtalk", "qyapi.weixin"),
)
_ENCODED_PEM = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]{22,}")

# Names without case and punctuation; a name that ends so counts as well, such as `replicationPassword`.
_NAMES = re.compile(
    r"(?:password|passwd|passphrase|pwd|token|secretkey|secretaccesskey|accesskeysecret|apikey|privatekey"
    r"|clientsecret|sharedsecret|accountkey|storagekey|encryptionkey|signingkey|connectionstring)$"
)
_HINTS = re.compile(r"secret|token|passw|passphrase|credential|key|auth|signature")
_REFERENCE = re.compile(
    r"(?s:\s*"  # nothing
    r"|.*(?:\$\{?[A-Za-z_(]|\{\{|<[A-Za-z]|%[A-Z_]+%).*"  # to be filled in
    r"|/[^\s]*|(?:file|env|secret|vault|op|ref\+[a-z]+|arn|projects)[:/].*"  # kept elsewhere
    r"|\*+|x{3,}|\.{3,}|REDACTED|[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+"  # left out; a variable's name
    r"|[a-z](?:[a-z-]|\.(?=[a-z0-9]))*(?:[0-9][a-z.-]*){0,4})"  # an object's name
)
_RANDOM = re.compile(r"[A-Za-z0-9+/_=-]{32,}")
# Of two neighbours in random base64, about six in ten are of different kinds; in CamelCase, three.
_RESTLESS = 0.4
_MOST_SLASHES = 2

_ADVICE = "keep it in a Kubernetes Secret and write that one's name here; replace what has leaked"


def sensitive(key: str) -> bool:
    """Return whether a key names a credential itself, not a reference to one."""
    return _kind(key) == "credential"


def suspicious(key: str, value: str) -> str | None:
    """Return what a value looks like when it looks like a credential, such as `an AWS access key`.

    References pass: names of objects, files and variables, placeholders, digests, certificates.
    """
    return _shape(value) or _by_kind(_kind(key), value)


def find_secrets(document: Document) -> list[Finding]:
    """Return a finding for every value or key that looks like a credential; none shows the value."""
    start, end = document.marks.offsets(0)
    text = document.marks.lines.text[start:end]
    # An escape could hide the text that gives a shape away.
    shapes = "\\" in text or any(trigger in text for trigger in _TRIGGERS)
    search = _Search(Where(document.path, document.index), shapes=shapes)
    search.visit(document.data, "", ())
    return search.found


class _Search:
    """A walk over a document."""

    def __init__(self, root: Where, *, shapes: bool) -> None:
        self.found: list[Finding] = []
        self._root = root
        self._shapes = shapes

    def visit(self, value: object, key: str, pointer: Pointer) -> None:
        if isinstance(value, str):
            self._judge(key, value, pointer)
        elif isinstance(value, dict):
            # Kubernetes writes variables as items with `name` and `value`.
            variable = value.get("name")
            for name, child in value.items():
                if self._shapes:
                    self._report(_shape(name), (*pointer, name), key=True)
                named = variable if name == "value" and isinstance(variable, str) else name
                self.visit(child, named, (*pointer, name))
        elif isinstance(value, list):
            for index, child in enumerate(value):
                self.visit(child, key, (*pointer, index))
        elif isinstance(value, int | float) and not isinstance(value, bool):
            self._judge(key, str(value), pointer)

    def _judge(self, key: str, value: str, pointer: Pointer) -> None:
        kind = _kind(key)
        if kind or self._shapes:
            self._report(
                (_shape(value) if self._shapes else None) or _by_kind(kind, value), pointer
            )

    def _report(self, reason: str | None, pointer: Pointer, *, key: bool = False) -> None:
        if reason:
            where = Where(self._root.path, self._root.document, pointer, key)
            message, advice = f"this looks like {reason}", _ADVICE
            self.found.append(Finding(INLINE_SECRET, message, where, help=advice))


def _shape(value: str) -> str | None:
    match = _SHAPES.search(value)
    if match:
        return (match.lastgroup or "").replace("_", " ")
    encoded = _ENCODED_PEM.search(value)
    if encoded:
        whole = encoded[0][: len(encoded[0]) // 4 * 4]
        if b"PRIVATE KEY" in base64.b64decode(whole):
            return "a private key"
    return None


def _by_kind(kind: str, value: str) -> str | None:
    if kind == "credential" and not _REFERENCE.fullmatch(value):
        return "a credential in clear text"
    if kind and _RANDOM.fullmatch(value) and _looks_random(value):
        return "a random key in clear text"
    return None


@lru_cache(maxsize=1024)
def _kind(key: str) -> str:
    name = re.sub(r"[^a-z0-9]", "", key.casefold())
    if _NAMES.search(name):
        return "credential"
    return "hint" if _HINTS.search(name) else ""


def _looks_random(value: str) -> bool:
    """Return whether capitals, small letters and digits alternate as they never do in names."""
    mixed = all(re.search(group, value) for group in ("[a-z]", "[A-Z]", "[0-9]"))
    if not mixed or value.count("/") > _MOST_SLASHES:
        return False
    kinds = [(char.isupper(), char.isdigit()) for char in value]
    changes = sum(one != other for one, other in pairwise(kinds))
    return changes >= _RESTLESS * len(value)
