"""SDES DiDo: a file in its newest vintage that is out. One that is only announced answers 400: the one before is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from analysis.foundations.answers import day, host_of, picked
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client, Refused

T = TypeVar("T")
_HEADING = {"withColumnName": "true", "withColumnDescription": "false", "withColumnUnit": "false"}


@dataclass(frozen=True)
class Dido:
    """A file, by its identifier; ``secret`` stands in the place of its masked numbers."""

    rid: str
    base: str = "https://data.statistiques.developpement-durable.gouv.fr/dido/api/v1"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.base)

    @property
    def _address(self) -> str:
        return f"{self.base}/datafiles/{self.rid}"

    def newest(self, client: Client) -> Newest:
        """The newest vintage that is out, and the day on which it came out."""
        vintages = self._vintages(client)
        return self._first_out(
            vintages,
            lambda vintage: (
                client.json(f"{self._address}/rows", {"millesime": vintage, "pageSize": 1})
                and Newest(vintage, day(vintages[vintage]))
            ),
        )

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """One file, with the codes of its columns as heading."""

        def save(**given: str) -> list[Path]:
            return [
                client.save(f"{self._address}/csv", folder / f"{self.rid}.csv", _HEADING | given, kind="csv")
            ]

        try:
            return save()  # without a vintage, the newest
        except Refused as error:
            if error.status == 404:
                raise SourceError(
                    f"{error}. Another file has taken its place: look for its identifier in the catalogue of SDES"
                ) from error
            if error.status != 400:
                raise
        return self._first_out(self._vintages(client), lambda vintage: save(millesime=vintage))

    def _first_out(self, vintages: dict[str, object], ask: Callable[[str], T]) -> T:
        """What asking gives for the first of the vintages that is not refused as announced only."""
        for vintage in vintages:
            try:
                return ask(vintage)
            except Refused as error:
                if error.status != 400:
                    raise
        raise SourceError(f"{self.host}, {self.rid}: none of its vintages is out; nothing has changed")

    def _vintages(self, client: Client) -> dict[str, object]:
        """Its vintages, the newest first, with the day on which each comes out."""
        dataset = picked(client.json(self._address), self.rid, str, "dataset", "id")
        files = picked(
            client.json(f"{self.base}/datasets/{quote(dataset, safe='')}"), dataset, list, "datafiles"
        )
        mine = [one for one in files if picked(one, dataset, dict).get("rid") == self.rid]
        told = picked(mine, dataset, list, 0, "millesimes")
        days = {picked(one, dataset, str, "millesime"): one.get("date_diffusion") for one in told}
        return dict(sorted(days.items(), reverse=True))
