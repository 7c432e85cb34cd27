"""What every connector has: a machine, what is newest there, and how it is brought here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from analysis.foundations.web import Client


@dataclass(frozen=True)
class Newest:
    """The newest vintage that a producer has: its name, and the day on which it was last modified, when it is told."""

    vintage: str
    modified: date | None = None


class Connector(Protocol):
    """A resource of a producer's machine."""

    @property
    def host(self) -> str:
        """The name of the machine."""

    def newest(self, client: Client) -> Newest:
        """What is newest there, without fetching it."""

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """Bring it into ``folder``, as whole files."""
