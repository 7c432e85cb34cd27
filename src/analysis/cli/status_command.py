"""``pacte data status``: the freshness board, on a terminal.

Of each dataset: what is held, the newest vintage known with what that rests on and when it was seen, the days between, and
what is expected next. With ``--ask`` the producers' machines are asked, those that answer. The work is done in ``vintages``.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from analysis.data import sources
from analysis.data.catalogue import Catalogue
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.display import capped, hint, shown
from analysis.foundations.files import DataError
from analysis.reports import vintages
from analysis.reports.vintages import Board, Standing

_WIDE = 118
"""Columns from which a name and a heading stand on one line; below, on two."""
_ACCESS = {
    "proven": "public code calls its address",
    "inferred": "its dataset is known, its file is not",
    "silent": "its producer has added nothing for long",
    "stopped": "no newer one will come",
    "none": "no address was found",
    "not_sought": "no address was looked for",
    "by_hand": "typed from a publication",
}


def status(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Datasets, each told in full; by default all, a line each.", show_default=False),
    ] = None,
    ask: Annotated[
        bool,
        typer.Option("--ask", help="Ask the producers' machines what is newest; else it is what was seen."),
    ] = False,
) -> None:
    """Say of each dataset which vintage is held, the newest one known, how far behind, and what is next."""
    try:
        catalogue = Catalogue()
        asked, silent = _answers(names) if ask else ({}, [])
        board = vintages.board(catalogue, asked)
        chosen = _chosen(board, names) if names else board.standings
    except DataError as error:
        typer.echo(f"pacte data: {error}", err=True)
        raise typer.Exit(2) from error
    if names:
        for one in chosen:
            typer.echo("\n".join(_in_full(one)))
    else:
        _print_board(chosen)
        typer.echo("\n".join(_counted(board)))
    for line in capped(silent):
        typer.echo(f"pacte data: {line}", err=True)
    if silent:
        raise typer.Exit(1)


def _chosen(board: Board, names: Sequence[str]) -> list[Standing]:
    there = {one.dataset: one for one in board.standings}
    for name in names:
        if name not in there:
            raise DataError(f"no dataset is named {shown(name)}{hint(name, there)}")
    return [there[name] for name in names]


# ----------------------------------------------------------------------------------------------------------- asking


def _answers(names: Sequence[str] | None) -> tuple[dict[str, Newest], list[str]]:
    """What producers answer, by dataset, and a line for each machine or dataset that gave no answer."""
    from analysis.foundations.connectors.bringing import newest_of
    from analysis.foundations.web import Client, Unreachable

    remotes = {
        name: entry.remote
        for name, entry in sources.datasets().items()
        if entry.remote and not entry.undecided
    }
    wanted = {name: remote for name, remote in remotes.items() if not names or name in names}
    client = Client({host for remote in wanted.values() for host in remote.hosts})
    answers: dict[str, Newest] = {}
    silent: dict[str, str] = {}
    for name, told in newest_of({name: remote.connectors for name, remote in wanted.items()}, client):
        if isinstance(told, Newest):
            answers[name] = told
        elif isinstance(told, Unreachable):
            silent.setdefault(
                told.host, f"{told.host} cannot be reached: what is said of its datasets was seen before"
            )
        else:
            silent[name] = str(told)
    return answers, list(silent.values())


# ------------------------------------------------------------------------------------------------------------ words


def _print_board(board: Sequence[Standing]) -> None:
    console = Console(file=sys.stdout, highlight=False)
    wide = console.width >= _WIDE
    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    for heading in ("dataset", "held", "newest known", "days behind", "next", "rests on"):
        table.add_column(
            heading if wide else heading.replace(" ", "\n"),
            justify="right" if heading == "days behind" else "left",
            overflow="fold",
            no_wrap=wide and heading != "rests on",
        )
    for one in board:
        name = one.dataset if wide else one.dataset.replace("/", "/\n")
        table.add_row(name, _held(one), _newest(one), _behind(one), _next(one), _rests(one))
    console.print(table)


def _held(one: Standing) -> str:
    if one.held:
        return one.held.text
    return one.sidecar.vintage if one.sidecar else "not held"


def _newest(one: Standing) -> str:
    return one.newest.text if one.newest else "not known"


def _behind(one: Standing) -> str:
    return "–" if one.behind is None else f"{one.behind:,}"


def _next(one: Standing) -> str:
    if one.address and one.address.every == "continuous":
        return "continuous"
    if not one.next:
        return "–"
    return f"{one.next.text}, about {one.due.isoformat()}" if one.due else one.next.text


def _rests(one: Standing) -> str:
    """What the newest known rests on, and when it was seen."""
    told = []
    if one.rests == "producer":
        told.append("its producer, asked now")
    elif one.rests == "register":
        told.append(f"register of what exists, seen {one.seen}")
    elif one.rests == "address":
        sources = one.address.sources if one.address else 0
        told += [
            "public code",
            *([f"{sources} source{'s' * (sources > 1)}"] if sources else []),
            f"seen {one.seen}",
        ]
    if one.modified:
        told.append(f"modified {one.modified.isoformat()}")
    if not one.rests or one.access != "proven":
        told.append(_ACCESS[one.access])
    return ", ".join(told)


def _in_full(one: Standing) -> list[str]:
    lines = [
        one.dataset,
        f"  held: {_held(one)}",
        f"  newest known: {_newest(one)} ({_rests(one)})",
        f"  days behind: {_behind(one)}",
        f"  next: {_next(one)}",
        f"  access: {_ACCESS[one.access]}",
    ]
    if one.address:
        told = (one.address.connector, one.address.layout)
        lines += [
            f"  {key}: {words}" for key, words in zip(("connector", "layout"), told, strict=True) if words
        ]
        lines += [f"  address: {address}" for address in one.address.addresses]
        lines += [f"  remark: {one.address.remark['en']}"] if one.address.remark else []
    return lines


def _counted(board: Board) -> list[str]:
    """What stands under the board: how many datasets are behind, how many a machine can bring, and on what that rests."""
    held, typed = len(board.held), board.having("by_hand")
    behind, level = (sum(test(one) for one in board.held) for test in (_is_behind, _is_level))
    kinds = (("proven",), ("inferred", "silent"), ("stopped",), ("none",), ("not_sought",))
    proven, likely, stopped, none, unsought = (board.having(*access) for access in kinds)
    read = f"; the register was read in public code on {board.read.isoformat()}" if board.read else ""
    return [
        f"{held} datasets: {behind} end before the newest vintage known, {level} reach it, for {held - behind - level} "
        "none is known",
        f"{typed} are typed by hand; of the {held - typed} others, {proven} have an address that public code calls, "
        f"{likely} more one that is inferred or silent, {stopped} are stopped, {none} have none that was "
        f"found, for {unsought} nobody looked",
        f"`pacte data fetch` brings {board.fetched} of these {held - typed}",
        f"{len(board.not_held)} more datasets are published and not held{read}",
    ]


def _is_behind(one: Standing) -> bool:
    return bool(one.behind)


def _is_level(one: Standing) -> bool:
    return one.behind == 0
