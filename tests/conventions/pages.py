"""The tables of pages that are computed, each between two marks: ``make docs`` writes them, a test holds them to that.

<!-- datasets -->
…
<!-- end -->
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from analysis.data import sources
from tests.checks import checks
from tests.conventions.repository import ROOT


def table(*rows: Iterable[str]) -> str:
    """A table of Markdown, its heading first."""
    heading, *others = (f"| {' | '.join(row)} |".replace("  ", " ") for row in rows)
    return "\n".join([heading, "|---" * (heading.count("|") - 1) + "|", *others])


def datasets() -> str:
    """Every dataset: a heading for each producer, a row for each dataset; ValueError while one is not described."""
    if left := [name for name, entry in sources.datasets().items() if entry.undecided]:
        raise ValueError(
            f"{', '.join(left)}: write what is still to be decided first, where ... stands in the loader"
        )
    heading = ("dataset", "published files", "page", "quality", "`fetch`")
    rows: dict[str, list[tuple[str, ...]]] = {}
    for name, entry in sources.datasets().items():
        files = ", ".join(f"`{file}`" for file in entry.files)
        page = f"[{entry.url.split('/')[2]}]({entry.url})"
        fetched = ", ".join(entry.remote.hosts) if entry.remote else "no"
        row = (f"`{name}`", files, page, entry.quality.replace("_", " "), fetched)
        rows.setdefault(name.partition("/")[0], []).append(row)
    return "\n\n".join(f"### {producer}\n\n{table(heading, *found)}" for producer, found in rows.items())


def published() -> str:
    """Every published figure that ours is checked against."""
    heading = ("figure", "published", "by", "ours", "difference", "why, and the loader's test")
    return table(heading, *(check.row() for check in checks()))


COMPUTED: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/data.md", "datasets"): datasets,
    ("docs/checks.md", "checks"): published,
}
"""What computes the table of a page, by its mark."""


def written(text: str, mark: str, content: str) -> str:
    """A page with a table in its place; ValueError when the page lacks one of the marks."""
    head, start, rest = text.partition(f"<!-- {mark} -->\n")
    _, end, tail = rest.partition("<!-- end -->")
    if not (start and end):
        raise ValueError(f"the page has no <!-- {mark} --> followed by <!-- end -->")
    return f"{head}{start}\n{content}\n\n{end}{tail}"


def main(root: Path = ROOT) -> None:
    """Write every computed table in its page, and say which pages changed."""
    for (page, mark), computed in COMPUTED.items():
        path = root / page
        before = path.read_text(encoding="utf-8")
        if (now := written(before, mark, computed())) != before:
            path.write_text(now, encoding="utf-8")
            print(f"{page}: {mark}")


if __name__ == "__main__":
    main()
