"""A file that hangs on a page of insee.fr, found by the form of its name: the last resort, where no interface has it.

The site asks that programs do not go through it, and refuses some (403): that is said, with the way to do by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TypeVar
from urllib.parse import urljoin

from analysis.foundations.answers import best, host_of
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.limits import SourceError
from analysis.foundations.published import unpack
from analysis.foundations.web import Client, Refused

T = TypeVar("T")
_LINK = re.compile(r"""href=["']([^"'<>\s]*/fichier/\d+/([\w.-]+))["'?#]""")


@dataclass(frozen=True)
class InseePage:
    """The file of a page whose name has a form, in lower case, with its year or quarter as first group.

    ``members`` is the form of what is taken out of it, where it is an archive.
    """

    page: str
    link: str
    members: str = ""
    base: str = "https://www.insee.fr/fr/statistiques"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.base)

    def newest(self, client: Client) -> Newest:
        """The year or the quarter of the newest file; the page dates nothing."""
        return Newest(self._file(client)[2].upper())

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The file under its own name, or what is taken out of it."""
        address, name, _ = self._file(client)
        path = self._granted(lambda: client.save(address, folder / name))
        if not self.members:
            return [path]
        found = unpack(path, lambda member: bool(re.fullmatch(self.members, member)), folder / "unpacked")
        if not found:
            raise SourceError(
                f"{name}: no file of the form {self.members} in the archive; nothing has changed"
            )
        return found

    def _file(self, client: Client) -> tuple[str, str, str]:
        """The address of the newest file, its name, and its year or quarter."""
        page = f"{self.base}/{self.page}"
        text = self._granted(lambda: client.get(page, kind="page")).decode("utf-8", "replace")
        links = {name: urljoin(page, unescape(link)) for link, name in _LINK.findall(text)}
        name, edition = best({name: name for name in links}, f"^{self.link}$", page)
        return links[name], name, edition

    def _granted(self, ask: Callable[[], T]) -> T:
        try:
            return ask()
        except Refused as error:
            raise SourceError(
                f"{error}. The site refuses some programs: open {self.base}/{self.page} in a browser, keep the file "
                f"whose name is of the form {self.link}, and `pacte data import` it"
            ) from error
