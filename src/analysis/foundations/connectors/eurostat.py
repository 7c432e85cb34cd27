"""Eurostat: a cube in JSON-stat 2.0, as a table with a row a figure; a cell that the cube leaves out has none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from analysis.foundations.answers import day, host_of, picked, write_rows
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client


@dataclass(frozen=True)
class Eurostat:
    """A flow, and the values that are selected of its dimensions."""

    flow: str
    select: Mapping[str, str | Sequence[str]]
    base: str = "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.base)

    def newest(self, client: Client) -> Newest:
        """The last period, and the day of the last update."""
        cube = self._cube(client, lastTimePeriod="1")
        last = max(picked(cube, self.flow, dict, "dimension", "time", "category", "index"), default="")
        return Newest(last, day(cube.get("updated")))

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """One file: a column a dimension, by code, then the figure and its flags."""
        cube = self._cube(client)
        names = picked(cube, self.flow, list, "id")
        codes = [self._codes(cube, str(name)) for name in names]
        if picked(cube, self.flow, list, "size") != [len(one) for one in codes]:
            raise SourceError(
                f"{self.flow}: a dimension is not of the size that it says; nothing has changed"
            )
        values, flags = (self._cells(cube.get(part), prod(map(len, codes))) for part in ("value", "status"))
        rows = [[*_place(at, codes), values.get(at), flags.get(at)] for at in sorted({*values, *flags})]
        return [write_rows(folder / f"{self.flow}.csv", [*names, "OBS_VALUE", "OBS_STATUS"], rows)]

    def _cube(self, client: Client, **more: str) -> dict[str, Any]:
        query = urlencode({"format": "JSON", "lang": "EN", **self.select, **more}, doseq=True)
        return picked(client.json(f"{self.base}/data/{self.flow}?{query}"), self.flow, dict)

    def _codes(self, cube: object, name: str) -> list[str]:
        """The codes of a dimension, by their position in it."""
        index = picked(cube, self.flow, dict, "dimension", name, "category", "index")
        places = {str(at): code for code, at in index.items()}
        codes = [places.get(str(at), "") for at in range(len(index))]
        if not all(codes):
            raise SourceError(f"{self.flow}: codes of {name} without a position; nothing has changed")
        return codes

    def _cells(self, cells: object, number: int) -> dict[int, object]:
        """What the cube has by position, which is the key, or the order where it gives a list."""
        pairs = (
            cells.items() if isinstance(cells, dict) else enumerate(cells if isinstance(cells, list) else ())
        )
        found = {int(at): cell for at, cell in pairs if cell is not None and str(at).isdecimal()}
        if max(found, default=0) >= max(number, 1):
            raise SourceError(
                f"{self.flow}: a figure beyond the {number} cells of its cube; nothing has changed"
            )
        return found


def _place(at: int, codes: Sequence[Sequence[str]]) -> list[str]:
    """The codes of a position: the last dimension turns first."""
    place = []
    for one in reversed(codes):
        at, here = divmod(at, len(one))
        place.append(one[here])
    return place[::-1]
