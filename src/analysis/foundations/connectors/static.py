"""A file at an address that its producer keeps: nothing tells there what is newest, but the file itself."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from analysis.foundations.answers import host_of
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.files import sha256_of
from analysis.foundations.web import Client, Kind


@dataclass(frozen=True)
class File:
    """One file; ``name``: what it is called here, ``kind``: what it should be."""

    address: str
    name: str
    kind: Kind = "csv"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.address)

    def newest(self, client: Client) -> Newest:
        """The first letters of its checksum: another content is another vintage."""
        return Newest(f"sha256 {sha256_of(client.get(self.address, kind=self.kind))[:12]}")

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """The file."""
        return [client.save(self.address, folder / self.name, kind=self.kind)]
