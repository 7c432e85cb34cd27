"""Whether every cell of a notebook ran to its end: what a shell is told beforehand, and what is looked at afterwards.

A page shows what its notebook found, so that a cell that was cut, passed over or never reached makes it another page, even
where Jupyter takes that for no error: ``exit()`` and ``sys.exit(0)``, an unknown magic, a shell command that fails. Both
engines are held to the same. Nothing here runs a cell or makes a page; it stands between ``inprocess`` and ``build``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:  # loaded by what runs notebooks only
    from IPython.core.interactiveshell import InteractiveShell
    from nbformat import NotebookNode

STARTUP = f"__import__({__name__!r}, fromlist=['']).be_strict(get_ipython())\n"
"""What a kernel runs as it starts, so that its shell is as strict as that of this process."""

SKIPPED = "skip-execution"
"""The tag of a cell that nbclient does not run."""

_SHOWN = 60
"""Characters of a cell that name it in a message."""


def be_strict(shell: InteractiveShell) -> None:
    """Have ``exit()`` and ``quit()`` end the notebook as ``sys.exit()`` does, and a ``!command`` that fails raise."""

    def ask_exit() -> NoReturn:
        raise SystemExit

    shell.ask_exit = ask_exit  # type: ignore[attr-defined] # IPython asks for it by this name
    shell.system_raise_on_error = True


def unfinished(nb: NotebookNode) -> str | None:
    """The first cell of an executed notebook that did not run to its end, with the reason, in one line; None when all did.

    Args:
        nb: as papermill leaves it, with its notes on each cell.
    """
    last = 0
    for cell in nb.cells:
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        count = cell.get("execution_count")
        named = f"the cell that begins with `{_short(cell.source)}`"
        if reason := _failed(cell):
            return f"{f'cell In [{count}]' if count else named}: {reason}"
        if not isinstance(count, int) or count <= last:
            tagged = SKIPPED in cell.metadata.get("tags", ())
            return f"{named} was not run" + (f": remove its tag `{SKIPPED}`, or the cell" if tagged else "")
        last = count
    return None


def _failed(cell: NotebookNode) -> str | None:
    """What a cell raised, as it was shown or else as the last line that it wrote to stderr."""
    error = next((output for output in cell.outputs if output.output_type == "error"), None)
    if error is not None and error.ename == "SystemExit":
        return f"SystemExit: {error.evalue or 0}, before the end of the notebook: every cell of a report runs to its end"
    if error is not None:
        return f"{error.ename}: {error.evalue}" if error.evalue else error.ename
    noted = cell.metadata.get("papermill", {})
    if not noted.get("exception") and noted.get("status") == "completed":
        return None
    written = (out.text for out in cell.outputs if out.output_type == "stream" and out.name == "stderr")
    lines = [line.strip() for line in "".join(written).splitlines() if any(map(str.isalnum, line))]
    if cell.get("execution_count") is None and not lines:
        return None  # never begun
    return lines[-1] if lines else "it ended with an error that it does not show"


def _short(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
