"""data-fair: counts and sums of a dataset, added up by the producer's machine and given as a table.

The machine gives the largest groups of each level, and tells how many rows are in the others: unless that is none, at every
level, rows would be lost in silence, and nothing is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from analysis.foundations.answers import day, host_of, picked, write_rows
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client

ROWS, METRIC, UPDATED = "rows", "metric", "updated"
"""Columns of what is written, beside the groups: how many rows a group has, its sum or mean, the day of the data."""


@dataclass(frozen=True)
class Aggregate:
    """What a dataset holds by groups, one column for each field.

    Attributes
    ----------
    fields : tuple[str, ...]
        What it is grouped by; ``sizes``: the most groups of each.
    metric, of : str
        ``sum`` or ``avg`` of a column; the number of rows alone where empty.
    equal : tuple[tuple[str, str], ...]
        Columns and the value that rows have there.
    year : str
        The column of years, when there is one: the highest is the newest vintage.
    name : str
        What the file is called here.
    """

    portal: str
    dataset: str
    fields: tuple[str, ...]
    sizes: tuple[int, ...]
    name: str
    metric: str = ""
    of: str = ""
    equal: tuple[tuple[str, str], ...] = ()
    year: str = ""

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.portal)

    @property
    def _address(self) -> str:
        return f"{self.portal}/data-fair/api/v1/datasets/{quote(self.dataset, safe='')}"

    def newest(self, client: Client) -> Newest:
        """The highest year of the dataset, or the day on which its rows were last modified."""
        if self.year:
            asked: dict[str, str | int] = {"field": self.year, "size": 1, "sort": f"-{self.year}"}
            answer = client.json(f"{self._address}/values_agg", asked)
            return Newest(str(picked(answer, self._address, dict, "aggs", 0).get("value")))
        updated = self._updated(client)
        return Newest(updated, day(updated))

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The groups, one a row: their fields, how many rows they have, and the metric when one is asked for."""
        asked: dict[str, str | int] = {
            "field": ";".join(self.fields),
            "agg_size": ";".join(map(str, self.sizes)),
        }
        if self.metric:
            asked |= {"metric": self.metric, "metric_field": self.of}
        asked |= {f"{column}_eq": value for column, value in self.equal}
        answer = client.json(f"{self._address}/values_agg", asked)
        heads = [*self.fields, ROWS, *([METRIC] if self.metric else [UPDATED])]
        last = () if self.metric else (self._updated(client),)
        return [write_rows(folder / self.name, heads, ((*row, *last) for row in self._rows(answer, ())))]

    def _updated(self, client: Client) -> str:
        """The day on which the rows were last modified."""
        return picked(client.json(self._address), self._address, str, "dataUpdatedAt")[:10]

    def _rows(self, level: object, above: tuple[object, ...]) -> Iterator[tuple[object, ...]]:
        where = f"{self.host}, {self.dataset}"
        field = self.fields[len(above)]
        if others := _others(level, where):
            raise SourceError(
                f"{where}: {others:,} rows are in groups of {field} that were not given; ask for more than "
                f"{self.sizes[len(above)]} (sizes), or fewer groups. Nothing was kept"
            )
        for group in picked(level, where, list, "aggs"):
            here = (*above, picked(group, where, dict).get("value"))
            if len(here) < len(self.fields):
                yield from self._rows(group, here)
            else:
                number = (group.get("metric"),) if self.metric else ()
                yield (*here, picked(group, where, int, "total"), *number)


def _others(level: object, where: str) -> int:
    """How many rows of a level are in groups that were not given: as it says, else what its groups lack of its total."""
    if "total_other" in picked(level, where, dict):
        return picked(level, where, int, "total_other")
    given = sum(picked(group, where, int, "total") for group in picked(level, where, list, "aggs"))
    return picked(level, where, int, "total") - given
