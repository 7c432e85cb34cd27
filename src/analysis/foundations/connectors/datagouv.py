"""data.gouv.fr: a file of a dataset, chosen by its title among the resources of the day, the highest year first.

Some producers open a new dataset each year: its address then holds ``{year}``, and the newest that exists is taken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from zipfile import ZipFile, is_zipfile

from analysis.foundations.answers import best, day, host_of, picked
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.limits import SourceError
from analysis.foundations.published import unpack
from analysis.foundations.web import Client, Refused

_IDENTIFIER = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_YEARS = 20
"""Years after the one that is known in which a newer dataset is looked for."""


@dataclass(frozen=True)
class Resource:
    """A file of a dataset.

    Attributes
    ----------
    dataset : str
        Its slug or identifier; with ``{year}``, ``since`` is a year for which there is one.
    pattern : str
        Searched in the title and the name of each resource, in lower case and without accents; its first group, when it has
        one, is the year.
    name : str
        What the file is called here, ``{edition}`` standing for its year. An archive of one such file is unpacked.
    """

    dataset: str
    pattern: str
    name: str
    since: int = 0
    portal: str = "https://www.data.gouv.fr"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.portal)

    def newest(self, client: Client) -> Newest:
        """The year of the newest file, and the day on which it was modified."""
        resource, edition = self._chosen(client)
        modified = day(resource.get("last_modified"))
        return Newest(edition or (modified.isoformat() if modified else ""), modified)

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The newest file, at the address of its identifier, which the producer keeps."""
        resource, edition = self._chosen(client)
        identifier = picked(resource, self.dataset, str, "id")
        if not _IDENTIFIER.fullmatch(identifier):
            raise SourceError(
                f"{self.host}, {self.dataset}: a resource has an identifier that is none; nothing was fetched"
            )
        path = client.save(
            f"{self.portal}/api/1/datasets/r/{identifier}", folder / self.name.format(edition=edition)
        )
        return [_out_of_archive(path)]

    def _chosen(self, client: Client) -> tuple[Mapping[str, object], str]:
        """The resource, and its edition: the year of its title, or of its dataset."""
        answer, year = self._described(client)
        where = f"{self.host}, {self.dataset}"
        resources = {str(i): one for i, one in enumerate(picked(answer, where, list, "resources"))}
        named = {
            key: f"{picked(one, where, str, 'title')} {_file(one.get('url'))}"
            for key, one in resources.items()
        }
        key, edition = best(named, self.pattern, where)
        return resources[key], edition or year

    def _described(self, client: Client) -> tuple[object, str]:
        """The dataset as it is described; of those of each year the newest."""
        if not self.since:
            return client.json(self._address(self.dataset)), ""
        found = client.json(self._address(self.dataset.format(year=self.since)))
        for year in range(self.since + 1, self.since + _YEARS):
            try:
                found = client.json(self._address(self.dataset.format(year=year)))
            except Refused as error:
                if error.status in (404, 410):
                    return found, str(year - 1)
                raise
        return found, str(self.since + _YEARS - 1)

    def _address(self, dataset: str) -> str:
        return f"{self.portal}/api/1/datasets/{quote(dataset, safe='')}/"


def _file(url: object) -> str:
    """The name of the file that an address ends with."""
    return unquote(urlsplit(str(url)).path.rpartition("/")[2])


def _out_of_archive(path: Path) -> Path:
    """The one file of an archive that has the ending of the name; what is no archive, or a workbook, as it is."""
    if not is_zipfile(path):
        return path
    with ZipFile(path) as archive:
        if "[Content_Types].xml" in archive.namelist():
            return path
    packed = path.replace(path.with_name(f"{path.name}.zip"))
    members = unpack(packed, lambda name: name.lower().endswith(path.suffix), path.parent / "unpacked")
    if len(members) != 1:
        raise SourceError(
            f"{path.name}: {len(members)} files {path.suffix} in the archive that arrived, one expected"
        )
    packed.unlink()
    return members[0].replace(path)
