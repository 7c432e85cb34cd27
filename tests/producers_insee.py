"""Bodies in the layouts of INSEE, SDES and Eurostat, and machines that answer them (``producers`` has the server)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

from tests.producers import Asked, Machine, Reply, as_json, error

# ------------------------------------------------------------------------------------------------------------- Melodi


def observation(geo: str, value: float | None, status: str = "A", **dimensions: str) -> dict:
    """An observation as the interface of Melodi writes it; one without a value has an empty measure."""
    measure = {} if value is None else {"value": value}
    return {
        "dimensions": {"GEO": geo, **dimensions},
        "measures": {"OBS_VALUE_NIVEAU": measure},
        "attributes": {"OBS_STATUS": status},
    }


def melodi(observations: list[dict], *, longest: int = 10_000) -> Callable[[Asked], Reply]:
    """The interface of Melodi for one dataset: pages of what is asked, cut in the middle where more than ``longest`` are."""

    def answer(asked: Asked) -> Reply:
        size, page = int(asked.query["maxResult"]), int(asked.query["page"])
        part = observations[size * (page - 1) : size * page]
        last = size * page >= len(observations)
        following = {} if last else {"next": f"{asked.path}?maxResult={size}&page={page + 1}"}
        reply = as_json({"observations": part, "paging": {"isLast": last, **following}})
        if size > longest:
            reply.body = reply.body[:-40]
        return reply

    return answer


def catalogued(dataset: str, base: str, *years: int) -> dict:
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
        f'LAST_UPDATE="2026-09-25" UNIT_MEASURE="POURCENT" REF_AREA="{area}" '
        'INDICATEUR="TAUX_CHOMAGE_LOCALISE" CORRECTION="CVS">'
        + "".join(
            f'<Obs TIME_PERIOD="{period}" OBS_VALUE="{value}" OBS_STATUS="{status}"/>'
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


def cube(
    periods: list[str],
    values: dict[str, float],
    flags: dict[str, str] | None = None,
    band: str = "KWH2500-4999",
) -> dict:
    """A cube of prices of energy in JSON-stat 2.0: every dimension but time has one code."""
    codes = {
        "freq": ["S"],
        "product": ["6000"],
        "nrg_cons": [band],
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


# --------------------------------------------------------------------------------------------------------------- DiDo


def dido(machine: Machine, rid: str, out: dict[str, str], announced: str) -> None:
    """A file of DiDo: the text of each vintage that is out, and one that is only announced, which answers 400."""

    def answer(given: Callable[[str], Reply]) -> Callable[[Asked], Reply]:
        def reply(asked: Asked) -> Reply:
            vintage = asked.query.get("millesime", announced)
            return error(400, "millésime non diffusé") if vintage == announced else given(out[vintage])

        return reply

    told = [{"millesime": one, "date_diffusion": f"{one}-28T06:45:00Z"} for one in (*out, announced)]
    machine.on(f"/datafiles/{rid}", as_json({"rid": rid, "dataset": {"id": "D"}}))
    machine.on("/datasets/D", as_json({"datafiles": [{"rid": "other"}, {"rid": rid, "millesimes": told}]}))
    machine.on(f"/datafiles/{rid}/csv", answer(lambda text: Reply(text.encode())))
    machine.on(f"/datafiles/{rid}/rows", answer(lambda _: as_json({"data": [{}]})))
