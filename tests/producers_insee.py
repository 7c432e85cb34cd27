"""Machines of INSEE, SDES and Eurostat in miniature: a server of ours that answers in the layouts that are described.

``answering(answer)`` serves whatever a function of the path and the query answers; the bodies below are small.
"""

from __future__ import annotations

import io
import json
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Answer:
    """What a machine answers; ``cut`` announces more bytes than it gives."""

    body: bytes | str | dict | list = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False

    @property
    def content(self) -> bytes:
        """The body in bytes."""
        if isinstance(self.body, dict | list):
            return json.dumps(self.body).encode()
        return self.body.encode() if isinstance(self.body, str) else self.body


@dataclass
class Machine:
    """A server of this computer, and what it was asked for."""

    port: int
    asked: list[str] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def answering(answer: Callable[[str, dict[str, list[str]], Machine], Answer]) -> Iterator[Machine]:
    """A machine that answers by a function of the path and the query, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            machine.asked.append(self.path)
            parts = urlsplit(self.path)
            given = answer(parts.path, parse_qs(parts.query), machine)
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(given.content) + (10 if given.cut else 0)))
            self.end_headers()
            self.wfile.write(given.content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    machine = Machine(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield machine
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


# ------------------------------------------------------------------------------------------------------------- Melodi


def observation(geo: str, value: float | None, status: str = "A", **dimensions: str) -> dict:
    """An observation as the interface of Melodi writes it; one without a value has an empty measure."""
    measure = {} if value is None else {"value": value}
    return {
        "dimensions": {"GEO": geo, **dimensions},
        "measures": {"OBS_VALUE_NIVEAU": measure},
        "attributes": {"OBS_STATUS": status},
    }


def melodi(observations: list[dict], *, longest: int = 10_000):
    """The interface of Melodi for one dataset: pages of what is asked, cut in the middle where more than ``longest`` are."""

    def answer(path: str, query: dict[str, list[str]], machine: Machine) -> Answer:
        size, page = int(query["maxResult"][0]), int(query["page"][0])
        part = observations[size * (page - 1) : size * page]
        last = size * page >= len(observations)
        following = f"{machine.base}{path}?maxResult={size}&page={page + 1}"
        body = {
            "observations": part,
            "paging": {"isLast": last} if last else {"next": following, "isLast": False},
        }
        if size > longest:
            return Answer(json.dumps(body)[:-40])
        return Answer(body)

    return answer


def catalogue(dataset: str, base: str, *years: int) -> dict:
    """The entry of a dataset in the catalogue of Melodi."""
    ids = [f"{dataset}_{year}_CSV_FR" for year in years]
    product = [{"id": name, "accessURL": f"{base}/file/{dataset}/{name}", "format": "CSV"} for name in ids]
    return {
        "identifier": dataset,
        "modified": "2026-06-18T12:00:16.299984912",
        "product": [*product, {"id": "other"}],
    }


def archive(**members: str) -> bytes:
    """A zip of some texts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, text in members.items():
            packed.writestr(f"{name}.csv", text)
    return stream.getvalue()


# ---------------------------------------------------------------------------------------------------------------- BDM

_URN = "urn:sdmx:org.sdmx.infomodel.datastructure.Dataflow=FR1:TAUX-CHOMAGE(1.0):ObsLevelDim:TIME_PERIOD"
_SDMX = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"


def bdm(series: dict[str, list[tuple[str, str, str]]]) -> str:
    """A message of the BDM: by territory, period, value (``NaN`` where there is none) and status."""
    written = "".join(
        f'<Series IDBANK="00151{number:04}" FREQ="T" TITLE_FR="Taux de chômage localisé ; {area}" '
        f'LAST_UPDATE="2026-09-25" UNIT_MEASURE="POURCENT" REF_AREA="{area}" DECIMALS="1" '
        'INDICATEUR="TAUX_CHOMAGE_LOCALISE" CORRECTION="CVS">'
        + "".join(
            f'<Obs TIME_PERIOD="{period}" OBS_VALUE="{value}" OBS_STATUS="{status}" OBS_QUAL="DEF"/>'
            for period, value, status in observations
        )
        + "</Series>"
        for number, (area, observations) in enumerate(series.items())
    )
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<message:StructureSpecificData xmlns:ss="{_SDMX}/data/structurespecific" xmlns:ns1="{_URN}"
 xmlns:message="{_SDMX}/message" xmlns:common="{_SDMX}/common" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<message:Header><message:ID>TAUX-CHOMAGE_1</message:ID><message:Test>false</message:Test>
<message:Prepared>2026-10-01T10:00:00</message:Prepared><message:Sender id="FR1"/>
<message:Structure structureID="FR1_TAUX-CHOMAGE_1_0" namespace="{_URN}" dimensionAtObservation="TIME_PERIOD">
<common:StructureUsage><Ref agencyID="FR1" id="TAUX-CHOMAGE" version="1.0"/></common:StructureUsage>
</message:Structure></message:Header>
<message:DataSet ss:dataScope="DataStructure" xsi:type="ns1:DataSetType" ss:structureRef="FR1_TAUX-CHOMAGE_1_0">
{written}</message:DataSet></message:StructureSpecificData>"""


# ----------------------------------------------------------------------------------------------------------- Eurostat


def cube(periods: list[str], values: dict[str, float], flags: dict[str, str] | None = None) -> dict:
    """A cube of prices of electricity in JSON-stat 2.0: every dimension but time has one code."""
    codes = {
        "freq": ["S"],
        "product": ["6000"],
        "nrg_cons": ["KWH2500-4999"],
        "unit": ["KWH"],
        "tax": ["I_TAX"],
        "currency": ["EUR"],
        "geo": ["FR"],
        "time": periods,
    }
    dimension = {
        name: {"category": {"index": {code: at for at, code in enumerate(one)}}}
        for name, one in codes.items()
    }
    return {
        "version": "2.0", "class": "dataset", "id": list(codes), "size": [len(one) for one in codes.values()],
        "dimension": dimension, "value": values, "status": flags or {}, "updated": "2026-10-20T11:00:00+0200",
    }  # fmt: skip
