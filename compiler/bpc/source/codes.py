"""What can be wrong with the text of a policy: the codes of this stage, each with its page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpc.diagnostics import Code, Severity


@dataclass(frozen=True, slots=True)
class Page:
    """The documentation of a code: what it finds, why that matters, and two policies in YAML.

    `bad` raises the code and `good` does not. Both are empty where no short text can show the fault.
    """

    what: str
    why: str
    bad: str = ""
    good: str = ""


SYNTAX = Code("BPC101", "yaml-syntax")
DUPLICATE_KEY = Code("BPC102", "duplicate-key")
ANCHOR = Code("BPC103", "anchor-or-alias")
MERGE_KEY = Code("BPC104", "merge-key")
TAG = Code("BPC105", "tag-or-directive")
NOT_UTF8 = Code("BPC106", "not-utf8")
CHARACTER = Code("BPC107", "forbidden-character")
TOO_LARGE = Code("BPC108", "too-large")
TOO_DEEP = Code("BPC109", "too-deep")
KEY_NOT_TEXT = Code("BPC110", "key-not-text")
NUMBER = Code("BPC111", "number-out-of-range")
AMBIGUOUS = Code("BPC112", "ambiguous-scalar", Severity.WARNING)
NOT_A_MAPPING = Code("BPC113", "not-a-mapping")
UNREADABLE = Code("BPC114", "unreadable-file")
NOT_NORMALIZED = Code("BPC115", "not-normalized")
PATH_COLLISION = Code("BPC116", "path-collision")
INLINE_SECRET = Code("BPC601", "inline-secret")

_LOCATION = "kind: Location\nmetadata: {name: vault}\nspec:\n"
_DEEP = "spec: " + "[" * 64 + "]" * 64 + "\n"

PAGES: Mapping[Code, Page] = {
    SYNTAX: Page(
        what="The file is not YAML 1.2. Reading stops at the first place that makes no sense.",
        why="A policy that cannot be read protects nothing, and guessing what was meant could protect "
        "the wrong thing. The place shown is where reading failed; the mistake is there or just before.",
        bad="metadata:\n  name: shop\n labels: {}\n",
        good="metadata:\n  name: shop\n  labels: {}\n",
    ),
    DUPLICATE_KEY: Page(
        what="A mapping has the same key twice, or two keys that only look different to a machine.",
        why="Most readers keep the last and drop the first without a word. The dropped one may be the "
        "retention that somebody relied on. Keys are compared after Unicode compatibility normalization.",
        bad="spec:\n  retention: {daily: 14}\n  retention: {daily: 7}\n",
        good="spec:\n  retention: {daily: 14}\n",
    ),
    ANCHOR: Page(
        what="The policy names a value with `&` or repeats one with `*`.",
        why="A value that is written elsewhere cannot be reviewed where it takes effect, and nested "
        "aliases can make a kilobyte of text into gigabytes of data. Put what policies share into a Tier.",
        bad="spec:\n  daily: &keep {daily: 14}\n  media: *keep\n",
        good="spec:\n  daily: {daily: 14}\n  media: {daily: 14}\n",
    ),
    MERGE_KEY: Page(
        what="A mapping has the key `<<`.",
        why="Merging was never part of YAML 1.2 and readers disagree on which value wins. Put what "
        "policies share into a Tier; overriding it is explicit there, and its origin can be explained.",
        bad="spec:\n  <<: {daily: 14}\n  weekly: 8\n",
        good="spec:\n  daily: 14\n  weekly: 8\n",
    ),
    TAG: Page(
        what="The policy has a tag such as `!!binary`, or a directive such as `%YAML 1.1`.",
        why="Tags let a text choose the type that a reader constructs, and a directive changes what every "
        "later word means: under `%YAML 1.1`, `no` is false. A policy has one reading only.",
        bad="%YAML 1.1\n---\nspec: {name: !!str shop}\n",
        good='spec: {name: "shop"}\n',
    ),
    NOT_UTF8: Page(
        what="The file is not UTF-8 without a byte order mark.",
        why="Another encoding, or bytes that belong to none, read differently from tool to tool, so the "
        "reviewer and the compiler would see different policies. Save the file as UTF-8.",
        bad="\N{ZERO WIDTH NO-BREAK SPACE}kind: Tier\n",
        good="kind: Tier\n",
    ),
    CHARACTER: Page(
        what="The text holds a character that cannot be seen, that reorders the text around it, or that "
        "ends a line for some programs only; or an escape that stands for one.",
        why="Such characters make a policy look different from what it says: a review approves one thing "
        "and the compiler reads another. Tab, line feed, and carriage return before it are allowed.",
        bad='spec: {description: "bell\\a"}\n',
        good='spec: {description: "bell"}\n',
    ),
    TOO_LARGE: Page(
        what="A file, a document, a value or all files together are larger than a person writes.",
        why="Limits keep a build short and small whatever it is given: 1 MiB and 10,000 documents in a "
        "file, 20,000 values in a document, 200,000 in a file, 64 KiB in one value. Split the file.",
    ),
    TOO_DEEP: Page(
        what="Mappings and lists are nested more than 64 deep.",
        why="No policy needs that depth; it is a way to exhaust whatever reads the file.",
        bad=_DEEP,
        good="spec: [[]]\n",
    ),
    KEY_NOT_TEXT: Page(
        what="A key is a number, a boolean, null, a list or a mapping.",
        why="Keys of Kubernetes objects are strings. Whoever reads `8080:` as a number and writes it back "
        "may not find it again. A value that begins with `{{` is a mapping to YAML: quote it.",
        bad="ports:\n  8080: http\n",
        good='ports:\n  "8080": http\n',
    ),
    NUMBER: Page(
        what="A number does not fit into 64 bits, or is infinite or not a number.",
        why="Readers round, wrap or refuse such numbers, each in its own way, and Kubernetes stores "
        "64-bit integers. Quote the value if it is text, such as an account number.",
        bad="account: 12345678901234567890\n",
        good='account: "12345678901234567890"\n',
    ),
    AMBIGUOUS: Page(
        what="A plain word or number means something else to readers of YAML 1.1, such as kubectl: "
        "`yes`, `on`, `017`, `0o17`, `1_000`, `1e3`, `12:30:45`, dates.",
        why="Here it is read by the rules of YAML 1.2, so `yes` and a date are text and `017` is "
        "seventeen. A person who knows the other rules reads another policy. Quote text; write numbers "
        "in plain decimals.",
        bad="spec:\n  region: no\n",
        good='spec:\n  region: "no"\n',
    ),
    NOT_A_MAPPING: Page(
        what="A document is a list or a single value.",
        why="Every document has `apiVersion`, `kind`, `metadata` and `spec`. A document without content "
        "is skipped, so a stray `---` does no harm.",
        bad="- kind: Tier\n- kind: Location\n",
        good="kind: Tier\n---\nkind: Location\n",
    ),
    UNREADABLE: Page(
        what="A path is missing, may not be read, leaves the project, goes through a symbolic link, or "
        "is no ordinary file.",
        why="A link can lead a build on a shared machine to other people's files, and reading a pipe or a "
        "device may never end. A policy that is skipped in silence is a backup that nobody makes.",
    ),
    NOT_NORMALIZED: Page(
        what="The text, or an escape in it, spells an accented letter or the like in an unusual way.",
        why="Unicode has several spellings for what looks the same; names that differ only in spelling "
        "would be two names. Save the file in normalization form C, as most editors do.",
        bad="owner: {team: cafe\N{COMBINING ACUTE ACCENT}}\n",
        good="owner: {team: caf\N{LATIN SMALL LETTER E WITH ACUTE}}\n",
    ),
    PATH_COLLISION: Page(
        what="Two policy files have names that some file systems take for one.",
        why="On macOS and Windows a checkout keeps only one of `Shop.yaml` and `shop.yaml`, so the same "
        "commit would compile to different results.",
    ),
    INLINE_SECRET: Page(
        what="A value looks like a credential: a private key, a cloud access key, a token, an address "
        "with a password in it, or a random string under a name such as `password`.",
        why="Policies are reviewed, cloned and kept for ever; whoever can read one would hold the key to "
        "the backups. Store it in a Kubernetes Secret and write its name. Consider it leaked and replace it.",
        bad=_LOCATION + '  credentials: {password: "Tr0ub4dor&3-horse"}\n',
        good=_LOCATION + "  credentials: {secret: backup-oss}\n",
    ),
}
