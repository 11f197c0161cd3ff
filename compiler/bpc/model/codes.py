"""What can be wrong with one document: the codes of this stage, each with its page."""

from __future__ import annotations

from collections.abc import Mapping

from bpc.diagnostics import Code
from bpc.source.codes import Page

UNKNOWN_KIND = Code("BPC120", "unknown-kind")
UNKNOWN_KEY = Code("BPC121", "unknown-key")
MISSING_KEY = Code("BPC122", "missing-key")
WRONG_TYPE = Code("BPC123", "wrong-type")
NOT_ONE_OF = Code("BPC124", "not-one-of")
BAD_FORMAT = Code("BPC125", "bad-format")
OUT_OF_RANGE = Code("BPC126", "out-of-range")
UNSUPPORTED_VERSION = Code("BPC127", "unsupported-api-version")
INVALID = Code("BPC128", "invalid-combination")

_TIER = "apiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\nspec:\n  "

PAGES: Mapping[Code, Page] = {
    UNKNOWN_KIND: Page(
        what="A document is of a kind that does not exist, or does not belong here.",
        why="A document that nobody reads would protect nothing. `Project` belongs into `bpc.yaml`.",
        bad="apiVersion: bpc/v1\nkind: Teir\nmetadata: {name: gold}\nspec: {}\n",
        good="apiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\nspec: {}\n",
    ),
    UNKNOWN_KEY: Page(
        what="A mapping has a key that means nothing there.",
        why="A misspelt `retention` that is ignored is found when the copies are gone. The nearest key is "
        "suggested; `bpc lint --fix` renames it where only one can be meant.",
        bad=_TIER + "retnetion: {daily: 14}\n",
        good=_TIER + "retention: {daily: 14}\n",
    ),
    MISSING_KEY: Page(
        what="Something that has to be said is not.",
        why="No default would be right for everybody, and a guess would look like a decision.",
        bad="apiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\n",
        good="apiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\nspec: {}\n",
    ),
    WRONG_TYPE: Page(
        what="A value is of the wrong type: a number where text is needed, a list where a mapping is.",
        why="Nothing is converted. `1.30` without quotes is the number 1.3, and that is another release.",
        bad="apiVersion: bpc/v1\nkind: Cluster\nmetadata: {name: prod}\nspec:\n  kubernetes: 1.30\n"
        "  site: {provider: aws, region: r, account: a, realm: b}\n",
        good='apiVersion: bpc/v1\nkind: Cluster\nmetadata: {name: prod}\nspec:\n  kubernetes: "1.30"\n'
        "  site: {provider: aws, region: r, account: a, realm: b}\n",
    ),
    NOT_ONE_OF: Page(
        what="A value is not one of those that can be chosen.",
        why="The nearest one is suggested.",
        bad=_TIER + "copies: {rule: 3-2-2, to: []}\n",
        good=_TIER + "copies: {rule: 3-2-1, to: []}\n",
    ),
    BAD_FORMAT: Page(
        what="A text does not have the form that is needed there: a duration, a size, a name, a day.",
        why="`30` could mean minutes or days. What is not clear is not guessed.",
        bad=_TIER + "limits: {run: 30}\n",
        good=_TIER + "limits: {run: 30m}\n",
    ),
    OUT_OF_RANGE: Page(
        what="A number, a text or a list is too small or too large.",
        why="The bounds are those of Kubernetes, or of what makes sense.",
        bad=_TIER + "retention: {daily: 0}\n",
        good=_TIER + "retention: {daily: 1}\n",
    ),
    UNSUPPORTED_VERSION: Page(
        what="A document is written in another version of the language.",
        why="Another version may mean other things by the same words.",
        bad="apiVersion: bpc/v2\nkind: Tier\nmetadata: {name: gold}\nspec: {}\n",
        good="apiVersion: bpc/v1\nkind: Tier\nmetadata: {name: gold}\nspec: {}\n",
    ),
    INVALID: Page(
        what="Each value is fine, but they do not go together.",
        why="The message says which of them exclude or need each other.",
        bad=_TIER + "retention: {}\n",
        good=_TIER + "retention: {daily: 14}\n",
    ),
}
