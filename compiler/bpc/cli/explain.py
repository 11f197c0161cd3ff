"""`bpc explain`: a rule, a field of the language, a dataset, or a generated file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bpc.cli import options
from bpc.cli.console import data
from bpc.cli.session import NO_ANSWER, Session, errors, request, stop
from bpc.model.fields import explain_field, nearest_field
from bpc.pipeline import Result
from bpc.pipeline.catalogue import catalogue, category, find, nearest
from bpc.pipeline.provenance import Provenance, chain, describe


def explain(
    topic: Annotated[
        str,
        typer.Argument(
            help="A rule (BPC301, rpo-not-met), a field (Cluster.spec.addons), a dataset (shop/orders) "
            "or a generated file (prod/20-storage/….yaml).",
            show_default=False,
        ),
    ],
    *,
    origin: Annotated[
        str | None,
        typer.Option(
            "--origin",
            metavar="SETTING",
            help="Print only where this setting of the dataset comes from, such as `retention`.",
            show_default=False,
        ),
    ] = None,
    chdir: options.Directory = Path(),
) -> None:
    """Explain a rule, a field of the language, a dataset, or a generated file."""
    code = find(topic)
    if code is not None:
        page = catalogue()[code]
        parts = [
            f"{code.number} {code.name} ({code.severity}, {category(code)})",
            page.what,
            page.why,
        ]
        if page.bad:
            parts += [
                f"This is found:\n\n{_indented(page.bad)}",
                f"This is not:\n\n{_indented(page.good)}",
            ]
        data("\n\n".join(parts))
        return
    if "/" in topic:
        _explain_compiled(topic, origin, chdir)
        return
    text = explain_field(topic)
    if text is None:
        near = nearest_field(topic) or nearest(topic)
        raise stop(
            f"`{topic}` is no rule, field, dataset or generated file",
            f"did you mean `{near}`?" if near else "see `bpc rules` and `bpc schema`",
        )
    data(text)


def _explain_compiled(topic: str, origin: str | None, chdir: Path) -> None:
    session = Session("explain", quiet=True)
    asked = request(chdir)
    provenance = Provenance(topic)
    result = session.compile(asked, provenance)
    found = list(_found(provenance, result, origin))
    if found:
        data("\n\n".join(found))
        return
    if errors(result):
        session.print(result)
        raise typer.Exit(NO_ANSWER)
    raise stop(
        f"nothing that the policies compile to is called `{topic}`",
        "write `policy/dataset`, or the path of a file below the output directory",
    )


def _found(provenance: Provenance, result: Result, origin: str | None) -> list[str]:
    if origin is None:
        return list(describe(provenance, result.sources))
    return list(chain(provenance, result.sources, origin))


def _indented(text: str) -> str:
    return "".join(f"    {line}" for line in text.splitlines(keepends=True)).rstrip()
