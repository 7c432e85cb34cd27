"""What a page shows of what a step writes: streams joined, and what is beyond a limit left out, with a note that says so.

A kernel sends streams in pieces whose number and interleaving depend on the speed of the machine: they are joined between
two displays. A figure, a table or a picture is whole or is not shown at all: only texts are cut, and the list of what is
shown. It knows outputs as nbformat describes them, and words nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from nbformat import NotebookNode

TEXT = 20_000
"""Characters of each stream of a step, and of a value: some eight printed pages, more than anyone reads in a report."""

DISPLAYS = 200
"""Figures, tables and values that a step shows: twice as many as there are départements."""

CUT = "cut"
"""Type of the note that stands where something was left out: ``name`` is its message, ``number`` what is shown."""

_SHOWN = ("display_data", "execute_result")


def shown(outputs: Iterable[NotebookNode]) -> list[NotebookNode]:
    """The outputs of a step as a page shows them: streams joined (stdout then stderr), and cut; notes of what was cut."""
    displays = 0
    room = {"stdout": TEXT, "stderr": TEXT}
    shown_outputs: list[NotebookNode] = []
    streams: dict[str, list[str]] = {name: [] for name in room}

    def close() -> None:
        for name, pieces in streams.items():
            text = "".join(pieces)
            pieces.clear()
            if text and room[name] > 0:
                shown_outputs.append(NotebookNode(output_type="stream", name=name, text=text[: room[name]]))
            if len(text) > room[name] >= 0:
                shown_outputs.append(_note("cut_text", TEXT))
                room[name] = -1  # said once
            room[name] -= min(len(text), max(room[name], 0))

    for output in outputs:
        if output.output_type == "stream":
            streams[output.name].append(output.text)
        elif output.output_type not in _SHOWN or displays < DISPLAYS:
            displays += output.output_type in _SHOWN
            close()
            shown_outputs.append(output)
        else:
            displays += 1
    close()
    return [*shown_outputs, _note("cut_displays", DISPLAYS)] if displays > DISPLAYS else shown_outputs


def _note(name: str, number: int) -> NotebookNode:
    return NotebookNode(output_type=CUT, name=name, number=number)
