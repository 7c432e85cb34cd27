"""What a reader takes away with a report: its figures, what it was made from, and its notebook, in files beside the page.

Beside ``67/energie.html`` stand ``energie.csv`` (every figure of the page, with its state, bounds and source),
``energie.provenance.json`` (what the page was made from, by sha256) and ``energie.ipynb`` (the notebook, its parameters
set). What belongs to a whole edition is in ``datapackage``.

All of it is a pure function of figures and code: no time, no folder, the same bytes everywhere. It depends on nothing that
would not make the report again: that is why the checksum of the whole panel is in the manifest and not here. Words are
those of ``narrative``; nothing is computed here.
"""

from __future__ import annotations

import atexit
import csv
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path

from analysis.data.catalogue import Catalogue
from analysis.foundations import csv_cells, origin, territories
from analysis.foundations.files import as_json, sha256_of
from analysis.foundations.notes import MEDIANS, keys
from analysis.foundations.observation import Number, Reads, Shown, from_now_on
from analysis.foundations.values import Lang, Value, dictionary
from analysis.foundations.version import __version__
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say
from analysis.reports.edition import Notebook, Task
from analysis.reports.kept import freshness
from analysis.reports.pages.parts import ALONE, Around

COLUMNS = (
    "indicator", "label", "territory", "name", "period", "value", "lower", "upper", "unit", "state", "quality", "source",
    "note", "words",
)  # fmt: skip
"""Columns of the figures of a report. A row without an indicator is a statistic of one of its tables, named by it."""

ENDINGS = {"figures": ".csv", "provenance": ".provenance.json", "notebook": ".ipynb"}
"""What stands beside a report, and how its name ends."""

EXIT = "PACTE_SHOWN"
"""Variable that names the file where a kernel says, as it ends, what it has read and shown."""

STARTUP = f"__import__({__name__!r}, fromlist=['']).tell_at_exit()\n"
"""What a kernel runs as it starts, so that it does."""


@dataclass(frozen=True)
class Content:
    """What a report was seen to show, and the files that it was seen to read."""

    figures: tuple[Value, ...] = ()
    numbers: tuple[Number, ...] = ()
    files: tuple[str, ...] = ()

    @classmethod
    def of(cls, reads: Reads, shown: Shown) -> Content:
        """What was observed until now."""
        return cls(tuple(shown.figures()), tuple(shown.numbers), tuple(sorted(reads.files)))

    def to_json(self) -> str:
        """As a kernel tells it."""
        parts = ([astuple(v) for v in self.figures], [astuple(n) for n in self.numbers], self.files)
        return json.dumps(parts)

    @classmethod
    def from_json(cls, text: str) -> Content:
        """As it was told."""
        figures, numbers, files = json.loads(text)
        return cls(tuple(Value(*v) for v in figures), tuple(Number(*n) for n in numbers), tuple(files))


def tell_at_exit() -> None:
    """In a kernel: observe everything from now on, and write it where ``EXIT`` says when the process ends."""
    place = os.environ.get(EXIT)
    if not place:
        return
    reads, shown = from_now_on()
    atexit.register(lambda: Path(place).write_text(Content.of(reads, shown).to_json(), encoding="utf-8"))


# ----------------------------------------------------------------------------------------------------- beside a report


def names(task: Task) -> dict[str, str]:
    """What stands beside a report, by its path in the folder of the edition."""
    return {kind: task.file(ending) for kind, ending in ENDINGS.items()}


def links(task: Task) -> dict[str, str]:
    """The same as addresses in the page: ``figures``, ``provenance``, ``notebook``."""
    return {kind: f"{task.stem}{ending}" for kind, ending in ENDINGS.items()}


def of_report(
    task: Task,
    notebook: Notebook,
    page: bytes,
    content: Content,
    catalogue: Catalogue,
    around: Around = ALONE,
) -> dict[str, bytes]:
    """The files that stand beside a page, by their path in the folder of the edition.

    Datasets and parameters are read through ``catalogue``, hence observed: when one changes, the report is made again.
    """
    figures = figures_csv(content, task.lang)
    made = {"page": page, "figures": figures}
    provenance = _provenance(task, notebook, made, content, catalogue) | _around(around)
    contents = {
        "figures": figures,
        "provenance": as_json(provenance),
        "notebook": with_parameters(notebook.path, task),
    }
    return {path: contents[kind] for kind, path in names(task).items()}


def figures_csv(content: Content, lang: Lang) -> bytes:
    """The figures of a report, then the statistics of its tables; UTF-8, comma, point as decimal mark."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(csv_cells.row(_figure_row(value, lang)) for value in content.figures)
    writer.writerows(csv_cells.row(_number_row(number, lang)) for number in content.numbers)
    return out.getvalue().encode("utf-8")


def _figure_row(value: Value, lang: Lang) -> list[str]:
    entry = dictionary()[value.indicator]
    group = next((name for name, key in MEDIANS.items() if key in keys(value.note)), None)
    place = say(f"column.{group}_median", lang) if group else say("downloads.median", lang)
    if value.territory:
        place = territories.get(value.territory).label(lang)
    amounts = [_exact(x) for x in (value.value, value.lower, value.upper)]
    return [
        value.indicator, formats.capital(entry.label[lang]), value.territory, place, value.period or "", *amounts,
        _unit(entry.unit, lang), value.state, value.quality or "", value.source or "", value.note, value.words,
    ]  # fmt: skip


def _number_row(number: Number, lang: Lang) -> list[str]:
    unit = _unit(number.unit, lang) if number.unit else ""
    label = say("downloads.statistic", lang, table=number.table, column=number.column)
    return ["", label, "", number.row, "", _exact(number.value), "", "", unit, "", "", "", "", ""]


def _unit(key: str, lang: Lang) -> str:
    unit = dictionary().units[key]
    return unit.symbol[lang] or unit.axis[lang]


def _exact(x: float | None) -> str:
    """A number to its last digit, so that rounding it gives what the page says."""
    return "" if x is None else repr(float(x)).removesuffix(".0")


def _provenance(
    task: Task, notebook: Notebook, made: Mapping[str, bytes], content: Content, catalogue: Catalogue
) -> dict:
    """What a report was made from, as JSON values."""
    from analysis.reports.kept.fingerprint import DISTRIBUTION, libraries

    files = {"page": task.path.rpartition("/")[2], "figures": links(task)["figures"]}
    return {
        "report": task.path,
        "parameters": task.parameters,
        "files": {kind: {"name": name, "sha256": sha256_of(made[kind])} for kind, name in files.items()},
        "notebook": {"name": notebook.path.name, "sha256": sha256_of(notebook.path.read_bytes())},
        "datasets": [_dataset(name, catalogue) for name in _datasets(content) if name in catalogue],
        "assumptions": _assumptions(content.files, catalogue),
        "package": {"name": DISTRIBUTION, "version": __version__},
        "libraries": libraries(),
    }


def _around(around: Around) -> dict:
    """What is around a report and its page tells: other languages, and the comparison with an earlier edition."""
    told = around.changed
    compared = {"before": told.before, "after": told.after, "sha256": told.sha256} if told else None
    return {"other_languages": list(around.languages), **({"comparison": compared} if told else {})}


def _datasets(content: Content) -> list[str]:
    """Names of the datasets that were read, or that a figure comes from."""
    ending = ".source.yml"
    read = {name.removesuffix(ending) for name in content.files if name.endswith(ending)}
    return sorted(read | origin.datasets(value.source or "" for value in content.figures))


def _dataset(name: str, catalogue: Catalogue) -> dict[str, object]:
    sidecar = catalogue.sidecar(name)
    keys = ("producer", "title", "url", "licence", "vintage", "perimeter", "quality")
    published = [{"name": file.name, "sha256": file.sha256} for file in sidecar.published]
    return {"name": name, **{key: getattr(sidecar, key) for key in keys}, "published": published}


def _assumptions(files: Iterable[str], catalogue: Catalogue) -> list[dict[str, str]]:
    present = freshness.Present(catalogue, None, catalogue.root, {})
    read = [name for name in files if name.startswith("parameters/")]
    return [{"name": name, "sha256": present.file(name)} for name in read]


def with_parameters(path: Path, task: Task) -> bytes:
    """A report's notebook with the parameters of a report, without outputs: run, it gives that report's cells."""
    book = json.loads(path.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] != "code":
            continue
        cell |= {"outputs": [], "execution_count": None}
        if "parameters" in cell.get("metadata", {}).get("tags", ()):
            lines = [
                f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in task.parameters.items()
            ]
            cell["source"] = "\n".join(lines)
    return as_json(book)
