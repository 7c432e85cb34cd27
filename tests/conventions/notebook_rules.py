"""Rules on notebooks: what is kept in git is what was written, in both languages, and nothing that was computed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from tests.conventions.text_rules import french_typography


def code(text: str) -> str:
    """The code of a notebook as one text; the lines that only IPython understands are blanked."""
    cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
    lines = "\n".join(cells).splitlines()
    return "\n".join("" if line.lstrip().startswith(("%", "!")) else line for line in lines)


def no_outputs(path: str, text: str) -> Iterator[str]:
    """No output, no execution count, and the kernel that every machine has."""
    notebook = json.loads(text)
    kernel = notebook["metadata"].get("kernelspec", {}).get("name", "python3")
    if kernel != "python3":
        yield f"{path}: the kernel is {kernel!r}, which other machines lack; expected python3"
    for number, cell in enumerate(notebook["cells"], 1):
        if cell.get("outputs") or cell.get("execution_count") is not None:
            yield f"{path}, cell {number}: keeps an output; run .venv/bin/nbstripout --keep-id on it"


def is_a_report(path: str, text: str) -> Iterator[str]:
    """A report notebook has one cell of parameters, and says everything in French and in English."""
    if not PurePosixPath(path).name.startswith("report_"):
        return
    cells = [(cell, set(cell["metadata"].get("tags", ()))) for cell in json.loads(text)["cells"]]
    parameters = sum("parameters" in tags for cell, tags in cells if cell["cell_type"] == "code")
    if parameters != 1:
        yield f"{path}: {parameters} code cells are tagged parameters; expected one"
    spoken = [tags & {"fr", "en"} for cell, tags in cells if cell["cell_type"] == "markdown"]
    if any(len(languages) != 1 for languages in spoken):
        yield f"{path}: a markdown cell is not tagged with one of fr and en"
    if spoken.count({"fr"}) != spoken.count({"en"}):
        yield f"{path}: {spoken.count({'fr'})} markdown cells in French, {spoken.count({'en'})} in English"


def french_cells(path: str, text: str) -> Iterator[str]:
    """Markdown cells tagged ``fr`` follow French typography."""
    for number, cell in enumerate(json.loads(text)["cells"], 1):
        if cell["cell_type"] == "markdown" and "fr" in cell["metadata"].get("tags", ()):
            yield from (f"{path}, cell {number}: {p}" for p in french_typography("".join(cell["source"])))
