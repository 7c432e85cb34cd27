"""What every connector has, whatever the grammar of its address.

Each module beside this one is a grammar; ``web`` is how they speak, ``answers`` how they write down what they were told.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # an answer may be told without the library that asks
    from analysis.foundations.web import Client


@dataclass(frozen=True)
class Newest:
    """The newest vintage of a resource as its producer says it, and the day on which it was modified, where it says so."""

    vintage: str
    modified: date | None = None


class Connector(Protocol):
    """One resource at a machine address. It knows no dataset, no indicator and no territory."""

    @property
    def host(self) -> str:
        """The machine that is asked."""

    def newest(self, client: Client) -> Newest:
        """What the producer says of the resource, without fetching it."""

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """Bring the whole resource into ``folder``, as files that ``published`` opens: JSON and XML are made CSV."""
