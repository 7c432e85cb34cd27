"""INSEE BDM: the series of a flow, out of SDMX messages; each observation keeps its status, provisional ones theirs."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

import pandas as pd

from analysis.foundations.answers import day, host_of, write_rows
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client, Refused

_REMEDY = {
    404: "There are no such series: look for the flow on https://bdm.insee.fr/series/sdmx/dataflow",
    413: "They are more than is given at once: name a key, or a first period",
}
_READ = ["REF_AREA", "TIME_PERIOD", "OBS_VALUE", "OBS_STATUS"]


@dataclass(frozen=True)
class Bdm:
    """The series of a flow, those of a key among them, from a period on."""

    flow: str
    key: str = ""
    since: str = ""
    base: str = "https://bdm.insee.fr/series/sdmx"

    @property
    def host(self) -> str:
        """The name of the machine."""
        return host_of(self.base)

    def newest(self, client: Client) -> Newest:
        """The last period of any series, and the day of the last update."""
        frame = self._series(client, {"lastNObservations": 1})
        return Newest(str(frame["TIME_PERIOD"].max()), day(frame.get("LAST_UPDATE", pd.Series([""])).max()))

    def fetch(self, client: Client, folder: Path) -> list[Path]:
        """One file: an observation a row, with the attributes of its series."""
        frame = self._series(client, {"startPeriod": self.since} if self.since else {})
        rows = frame.itertuples(index=False, name=None)
        return [write_rows(folder / f"{self.flow}.csv", list(map(str, frame.columns)), rows)]

    def _series(self, client: Client, asked: dict[str, str | int]) -> pd.DataFrame:
        address = "/".join(filter(None, (self.base, "data", self.flow, self.key)))
        try:
            return _observations(client.get(address, asked, kind="xml"), self.flow)
        except Refused as error:
            if error.status not in _REMEDY:
                raise
            raise SourceError(f"{error}. {_REMEDY[error.status]}") from error


def _observations(content: bytes, where: str) -> pd.DataFrame:
    """The observations of a message. One that declares entities, which could fill a memory or read a file, is not read."""
    import sdmx

    def refuse(*_: object) -> None:
        raise SourceError(f"{where}: the answer declares a document type, as no message does; it is not read")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    logging.getLogger("sdmx").setLevel(logging.ERROR)
    try:
        parser.Parse(content, True)
        read = sdmx.to_pandas(sdmx.read_sdmx(BytesIO(content)), attributes="o")
    except SourceError:
        raise
    except Exception as error:  # the library's own, of many kinds
        raise SourceError(f"{where}: the answer is no SDMX message ({error}); nothing has changed") from error
    frames = [one.reset_index() for one in (read if isinstance(read, list) else [read])]
    frame = pd.concat(frames, ignore_index=True).rename(columns={"value": "OBS_VALUE"})
    if missing := [name for name in _READ if name not in frame]:
        raise SourceError(f"{where}: observations without {', '.join(missing)}; nothing has changed")
    return frame.astype(object).where(frame.notna(), None)
