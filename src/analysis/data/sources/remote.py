"""What a dataset says of its machine address: the connectors that bring it, and what is expected of what they bring.

``Remote`` is declared with a dataset, in the module of its producer; a ``Connector`` describes one resource by the grammar
of its address (``foundations.connectors``). Nothing here speaks to a machine, reads a file or knows an indicator:
``arrival`` holds what came against what is said here, before anything is written.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # what only asks which datasets there are need not wait for it
    import pandas as pd

    from analysis.foundations.connectors.connector import Connector

DESCRIBED = ("title", "url", "licence", "perimeter", "quality", "breaks", "notes", "compressed")
"""What of a dataset's description may be otherwise in what is fetched than in the file that is held."""


@dataclass(frozen=True)
class Remote:
    """How a dataset is fetched.

    Attributes
    ----------
    connectors : tuple[Connector, ...]
        What is fetched, in the order in which ``load`` takes the files.
    load : Callable[[Sequence[Path]], DataFrame] | None
        The reader of what arrives (a ``tidy.Tidy`` for most); None when the layout is the one held.
    columns : tuple[str, ...]
        All headings that the resource has been seen with, beyond those that a ``Tidy`` names: another one is told, as it may
        be one more dimension. Where there are none, nothing is told of headings but those that the reader lacks.
    categories : Mapping[str, Collection[str]]
        All values that a column has been seen with, where another one would change what figures mean: a sum takes it in, or
        people move to it. Both a new one and one that is gone are told.
    tolerance : float
        By how much the total of an indicator over a period that both vintages hold may differ, as a share of it.
    keeps : bool | str
        Whether stored figures of indicators and periods that do not arrive stay, as those of an older layout do. A period:
        of indicators that arrive, those up to it; later ones are replaced (each edition of a census overlaps the next).
    described : Mapping[str, Any]
        What the sidecar says otherwise of what is fetched (keys of ``DESCRIBED``); it is of ``producer`` quality by default.
    """

    connectors: tuple[Connector, ...]
    load: Callable[[Sequence[Path]], pd.DataFrame] | None = None
    columns: tuple[str, ...] = ()
    categories: Mapping[str, Collection[str]] = field(default_factory=dict)
    tolerance: float = 0.05
    keeps: bool | str = False
    described: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.connectors:
            raise ValueError("a Remote has one connector at least")
        if unknown := set(self.described) - set(DESCRIBED):
            raise ValueError(f"described: {', '.join(sorted(unknown))}; it may say {', '.join(DESCRIBED)}")

    @property
    def hosts(self) -> tuple[str, ...]:
        """The machines that are asked, each once."""
        return tuple(dict.fromkeys(connector.host for connector in self.connectors))
