"""Opendatasoft (Explore 2.1): tables, and the files attached to a dataset.

A table is exported whole: ``/exports`` has no limit of rows, where ``/records`` refuses beyond 10,000. The identifier of an
attached file carries its edition, so that it is chosen by pattern from the list of each day, never known beforehand.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from analysis.foundations.answers import as_written, best, day, host_of, picked
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.file_names import shown
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client

_IDENTIFIER = re.compile(r"[\w.~-]{1,200}")


@dataclass(frozen=True)
class Table:
    """A table, or what is selected of it, in the language of queries of Opendatasoft.

    Attributes
    ----------
    portal : str
        The beginning of its addresses, ``https://data.caf.fr``.
    dataset : str
        Its identifier there, and the name of the file, ``.csv`` added.
    where, select, group_by : str
        What is kept, computed and grouped on the producer's machine; all rows and columns where empty.
    period : str
        The column of periods, of which the last is the newest vintage; the day of its last change where empty.
    """

    portal: str
    dataset: str
    where: str = ""
    select: str = ""
    group_by: str = ""
    period: str = ""

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.portal)

    @property
    def address(self) -> str:
        """Where the dataset is described; what it holds is below."""
        return f"{self.portal}/api/explore/v2.1/catalog/datasets/{quote(self.dataset, safe='')}"

    def headers(self) -> Mapping[str, str]:
        """What is sent with each request."""
        return {}

    def newest(self, client: Client) -> Newest:
        """The last period, or the day on which the dataset was last modified, with that day."""
        modified = day(_modified(client, self.address, self.headers()))
        return Newest(self.last(client) or (modified.isoformat() if modified else ""), modified)

    def last(self, client: Client) -> str:
        """The last period of the table."""
        if not self.period:
            return ""
        params = self._params(select=self.period, where=self.where, order_by=f"{self.period} desc", limit=1)
        content = client.get(f"{self.address}/exports/csv", params, kind="csv", headers=dict(self.headers()))
        last = as_written(shown(content.decode("utf-8-sig", "replace").splitlines()[-1][:40].strip('"')))
        return last[:4] if re.fullmatch(r"\d{4}-\d{4}", last) else last  # a school year is told by its first

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The export, with the names of columns, not their labels."""
        params = self._params(select=self.select, where=self.where, group_by=self.group_by, limit=-1)
        address, path = f"{self.address}/exports/csv", folder / f"{self.dataset}.csv"
        return [client.save(address, path, params, kind="csv", headers=dict(self.headers()))]

    def _params(self, **asked: str | int) -> dict[str, str | int]:
        fixed = {"lang": "fr", "timezone": "Europe/Paris", "use_labels": "false", "delimiter": ";"}
        return {**fixed, **{key: value for key, value in asked.items() if value}}


@dataclass(frozen=True)
class Attachment:
    """A file attached to a dataset: the one that a pattern finds, of the highest edition that its first group tells.

    ``pattern`` is searched in the file's identifier and title, in lower case and without accents; ``name``: what the file is
    called here.
    """

    portal: str
    dataset: str
    pattern: str
    name: str

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.portal)

    def newest(self, client: Client) -> Newest:
        """The edition of the file, where the pattern tells it, and the day on which the dataset was modified."""
        table = Table(self.portal, self.dataset)
        modified = day(_modified(client, table.address, {}))
        edition = self._chosen(client)[1]
        return Newest(edition or (modified.isoformat() if modified else ""), modified)

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The file that is newest today."""
        address = f"{Table(self.portal, self.dataset).address}/attachments"
        return [client.save(f"{address}/{quote(self._chosen(client)[0], safe='')}", folder / self.name)]

    def _chosen(self, client: Client) -> tuple[str, str]:
        where = f"{self.host}, {self.dataset}"
        answer = client.json(f"{Table(self.portal, self.dataset).address}/attachments")
        entries = {picked(one, where, str, "id"): one for one in picked(answer, where, list, "attachments")}
        named = {identifier: f"{identifier} {one.get('title') or ''}" for identifier, one in entries.items()}
        chosen, edition = best(named, self.pattern, where)
        if not _IDENTIFIER.fullmatch(chosen):
            raise SourceError(
                f"{where}: the file that matches has no identifier of files; nothing was fetched"
            )
        return chosen, edition


def _modified(client: Client, address: str, headers: Mapping[str, str]) -> str:
    answer = client.json(address, headers=dict(headers))
    return picked(answer, address, str, "metas", "default", "modified")
