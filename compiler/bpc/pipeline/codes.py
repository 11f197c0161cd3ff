"""What can be wrong with a project as a whole, and what must never happen."""

from __future__ import annotations

from collections.abc import Mapping

from bpc.diagnostics import Code
from bpc.source.codes import Page

UNKNOWN_RULE = Code("BPC141", "unknown-rule")
FIXED_RULE = Code("BPC142", "rule-not-adjustable")
OTHER_RELEASE = Code("BPC143", "other-release-required")
UNSUPPORTED_KUBERNETES = Code("BPC401", "kubernetes-not-supported")
RETARGETED = Code("BPC801", "location-retargeted")
INVALID_OUTPUT = Code("BPC901", "invalid-output")
BROKEN_TEMPLATE = Code("BPC902", "broken-template")

PAGES: Mapping[Code, Page] = {
    UNKNOWN_RULE: Page(
        what="`bpc.yaml` or a waiver names a rule that does not exist.",
        why="A misspelt rule would silently keep its weight, or the waiver would waive nothing.",
        bad="kind: Project\nrules: {no-such-rule: warning}\n",
        good="kind: Project\nrules: {copies-not-made: error}\n",
    ),
    FIXED_RULE: Page(
        what="`bpc.yaml` or a waiver changes the weight of something that is not a matter of judgement.",
        why="What cannot be read or resolved cannot be compiled, whatever weight it is given.",
        bad="kind: Project\nrules: {unknown-reference: warning}\n",
        good="kind: Project\nrules: {copies-not-made: error}\n",
    ),
    OTHER_RELEASE: Page(
        what="`bpc.yaml` asks for another release of bpc than the one that runs.",
        why="Another release may compile the same policy to other objects; the change should be meant.",
        bad='kind: Project\nrequires: ">=99"\n',
        good='kind: Project\nrequires: ">=0.1"\n',
    ),
    UNSUPPORTED_KUBERNETES: Page(
        what="A cluster runs a release of Kubernetes whose schemas this release does not have.",
        why="Every generated object is checked against the schemas of the cluster's own release. Without "
        "them nobody could say whether the cluster accepts it.",
        bad='kind: Cluster\nspec: {kubernetes: "1.19"}\n',
        good='kind: Cluster\nspec: {kubernetes: "1.31"}\n',
    ),
    RETARGETED: Page(
        what="A storage location keeps its name but points to another bucket or folder than the committed "
        "output.",
        why="Velero removes the Backup objects that it does not find in a location's bucket. After such a "
        "change it forgets every existing backup, although the data is still in the old bucket. Declare "
        "a second Location instead, and let the old one expire; or build with `--allow-retarget`.",
        bad="",
        good="kind: Location\nmetadata: {name: s3-new}\n",
    ),
    INVALID_OUTPUT: Page(
        what="bpc made an object that the cluster would refuse. This is a mistake in bpc.",
        why="Nothing is written. Please report it with the policy that led to it.",
        bad="",
        good="kind: Tier\nmetadata: {name: silver}\nspec: {}\n",
    ),
    BROKEN_TEMPLATE: Page(
        what="A template could not be filled. This is a mistake in bpc.",
        why="Nothing is written. Please report it with the policy that led to it.",
        bad="",
        good="kind: Tier\nmetadata: {name: silver}\nspec: {}\n",
    ),
}
