"""INSEE Melodi: a dataset page by page through its interface, or its whole file of a year out of the catalogue.

A page that is cut in the middle is asked for again at half its size, from the same observation on. Territories are written
``2026-DEP-01`` by the interface, ``01`` with ``GEO_OBJECT`` ``DEP`` in the file: both become the second. A dataset whose
name gained or lost its last letter (``…_COMP``, ``…_COMPL``) is looked up in the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from analysis.foundations import limits
from analysis.foundations.answers import day, host_of, picked, write_rows
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.display import hint
from analysis.foundations.limits import SourceError, too_large
from analysis.foundations.published import unpack
from analysis.foundations.web import Client, Cut, Refused, Unreachable

SMALLEST = 100
"""Observations of a page that is still cut, below which it is given up."""
_PLACE = re.compile(r"(?:\d{4}-)?([A-Z][A-Z0-9]*)-(\w+)")
_PRODUCT = re.compile(r"\w+?_(\d{4})_CSV_FR")


@dataclass(frozen=True)
class Melodi:
    """A dataset, and the values that are selected of its dimensions; ``bulk`` takes the file of its newest year."""

    dataset: str
    select: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    bulk: bool = False
    size: int = 10_000
    base: str = "https://api.insee.fr/melodi"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.base)

    def newest(self, client: Client) -> Newest:
        """The last year of which the catalogue has a file, or else its last period, and the day of the last change."""
        entry = picked(client.json(f"{self.base}/catalog/{self.dataset}"), self.dataset, dict)
        modified = picked(entry, self.dataset, str, "modified")
        ends = entry["temporal"].get("endPeriod") if isinstance(entry.get("temporal"), dict) else None
        return Newest(max(self._files(entry), default=str(ends or modified)[:4]), day(modified))

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """One file of the observations that are selected, with the columns of the producer's own file."""
        try:
            return self._file(client, folder) if self.bulk else self._table(client, folder)
        except Refused as error:
            if error.status not in (400, 404) or (named := self._named(client)) == self.dataset:
                raise
            return replace(self, dataset=named).fetch(client, folder)

    def _table(self, client: Client, folder: Path) -> list[Path]:
        columns: list[str] = []
        rows = []
        for seen in self._observations(client):
            columns = columns or list(seen)
            if set(seen) != set(columns):
                raise self._changed(f"observations with and without {', '.join(set(seen) ^ set(columns))}")
            rows.append([seen[column] for column in columns])
            if len(rows) > limits.MAX_ROWS:
                raise too_large(self.dataset, len(rows), limits.MAX_ROWS, "observations or more")
        if not rows:
            raise self._changed(f"no observation of {dict(self.select)}")
        return [write_rows(folder / f"{self.dataset}.csv", columns, rows)]

    def _observations(self, client: Client) -> Iterator[dict[str, object]]:
        """Those of each page, as lines of the producer's file."""
        address = f"{self.base}/data/{self.dataset}"
        url = f"{address}?{urlencode({**self.select, 'maxResult': self.size, 'page': 1}, doseq=True)}"
        asked: set[str] = set()
        while url:
            if url in asked:
                raise self._changed(f"page {len(asked)} leads back to {url[:100]}")
            asked.add(url)
            try:
                answer = _page(client, url)
            except Cut:
                url = _halved(url)
                continue
            for observation in picked(answer, self.dataset, list, "observations"):
                yield self._line(observation)
            paging = picked(answer, self.dataset, dict, "paging")
            following = "" if paging.get("isLast") else picked(paging, self.dataset, str, "next")
            url = following and f"{address}?{urlsplit(following).query}"  # whatever machine it names

    def _line(self, observation: object) -> dict[str, object]:
        dimensions = picked(observation, self.dataset, dict, "dimensions")
        measures = list(picked(observation, self.dataset, dict, "measures").values())
        said = picked(observation, self.dataset, dict, "attributes")
        place = _PLACE.fullmatch(str(dimensions.get("GEO")))
        if not place or len(measures) != 1:
            raise self._changed(f"GEO {dimensions.get('GEO')!r} with {len(measures)} measures")
        states = {name: said.get(name) for name in ("OBS_STATUS", "CONF_STATUS")}
        value = picked(measures[0], self.dataset, dict).get("value")
        return {**dimensions, "GEO": place[2], "GEO_OBJECT": place[1], **states, "OBS_VALUE": value}

    def _file(self, client: Client, folder: Path) -> list[Path]:
        """The data out of the archive of the newest year."""
        files = self._files(client.json(f"{self.base}/catalog/{self.dataset}"))
        if not files:
            raise self._changed("no file …_CSV_FR in the catalogue")
        archive = client.save(files[max(files)], folder / f"{self.dataset}.zip")
        found = unpack(archive, lambda name: name.endswith("_data.csv"), folder / self.dataset)
        if len(found) != 1:
            raise self._changed(f"{len(found)} files …_data.csv in the archive, where one is expected")
        return found

    def _files(self, entry: object) -> dict[str, str]:
        """The address of the file of each year."""
        files = [picked(one, self.dataset, dict) for one in picked(entry, self.dataset, list, "product")]
        named = [(_PRODUCT.fullmatch(str(one.get("id"))), one) for one in files]
        return {year[1]: picked(one, self.dataset, str, "accessURL") for year, one in named if year}

    def _named(self, client: Client) -> str:
        """The name that the dataset has in the catalogue."""
        names = set(map(str, picked(client.json(f"{self.base}/catalog/ids"), "catalog/ids", list)))
        stem = self.dataset.removesuffix("L")
        for name in (self.dataset, stem, f"{stem}L"):
            if name in names:
                return name
        raise self._changed(f"not in the catalogue{hint(self.dataset, names)}")

    def _changed(self, what: str) -> SourceError:
        return SourceError(
            f"{self.host}, {self.dataset}: {what}; nothing has changed. Compare with the connector"
        )


def _page(client: Client, url: str) -> Any:
    """A page: Cut at once, as a smaller one is asked for then; what else passes is waited for."""
    try:
        return client.json(url, attempts=1)
    except (Refused, Unreachable) as error:
        if not error.passing:
            raise
    return client.json(url)


def _halved(url: str) -> str:
    """The address of a page of half the size that begins with the same observation; Cut when it is small already."""
    query = parse_qsl(urlsplit(url).query)
    size, page = (int(dict(query).get(name, 0)) for name in ("maxResult", "page"))
    if size % 2 or size // 2 < SMALLEST:
        raise Cut(f"{url[:160]} is cut however little is asked for; nothing has changed")
    smaller = {"maxResult": size // 2, "page": 2 * page - 1}
    return f"{url.partition('?')[0]}?{urlencode([(name, smaller.get(name, value)) for name, value in query])}"
