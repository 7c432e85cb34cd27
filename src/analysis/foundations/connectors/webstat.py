"""Webstat, of the Banque de France: Opendatasoft with a person's own key, which is free.

The key is read from the environment each time and kept nowhere: no file, message or address ever holds it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from analysis.foundations.connectors.connector import Newest
from analysis.foundations.connectors.opendatasoft import Table
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client, Refused

KEY = "PACTE_WEBSTAT_KEY"
"""Variable that holds the key."""
_HOW = f"make one, free, at https://webstat.banque-france.fr (account, API keys) and set {KEY} to it"


@dataclass(frozen=True)
class Series(Table):
    """Observations of series, which ``where`` names by ``series_key``."""

    portal: str = "https://webstat.banque-france.fr"
    dataset: str = "observations"
    select: str = "series_key,time_period,obs_value"
    period: str = "time_period"

    def headers(self) -> Mapping[str, str]:
        """The key, as Webstat wants it."""
        key = os.environ.get(KEY, "").strip()
        if not (key and key.isascii() and key.isprintable()):
            raise SourceError(f"{self.host} answers with a key alone, and none is set; {_HOW}")
        return {"Authorization": f"Apikey {key}"}

    def newest(self, client: Client) -> Newest:
        """The last period that the series have: the base as a whole is modified each day."""
        with _with_key(self.host):
            return Newest(self.last(client))

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The observations."""
        with _with_key(self.host):
            return super().fetch(client, folder)


@contextmanager
def _with_key(host: str) -> Iterator[None]:
    """Says what to do where a key is refused."""
    try:
        yield
    except Refused as error:
        if error.status in (401, 403):
            raise Refused(f"{host} refused the key ({error.status}); {_HOW}", error.status) from error
        raise
