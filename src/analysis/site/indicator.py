"""The page of an indicator: every département, their spread, change over time, what it means and where it comes from.

``make`` is a pure function of the figures that it reads through ``Panel`` and of the datasets that it asks of ``Catalogue``,
so that what a page depends on is observed as for a report. It is called once for each indicator and language, by the batch:
its drawings cost too much for ``site.write``. Départements stand in their official order, never in that of their figures.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import markupsafe

from analysis.data.catalogue import Catalogue
from analysis.data.panel import Panel
from analysis.estimation import comparison, trends
from analysis.foundations import csv_cells, territories
from analysis.foundations.columns import row_value
from analysis.foundations.periods import period, sorted_periods
from analysis.foundations.values import VALUED_STATES, Indicator, Lang, Value, dictionary
from analysis.presentation.narrative import formats, origins, sentences
from analysis.presentation.narrative import trends as wording
from analysis.presentation.narrative.messages import say as tell
from analysis.reports.modelled import with_models
from analysis.reports.pages.around import indicators_path, territory_path
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import Context
from analysis.site import tiles
from analysis.site.content import content
from analysis.site.facts import FEWEST, Section, national, ordered
from analysis.site.shell import indicator_path, rendered

COLUMNS = (
    "territory",
    "name",
    "period",
    "indicator",
    "value",
    "lower",
    "upper",
    "state",
    "quality",
    "source",
    "note",
)
"""Columns of the file to download."""


def names(panel: Panel, catalogue: Catalogue) -> tuple[str, ...]:
    """The indicators that have a page: those with a figure for enough départements at the period spoken of, by theme,
    but for those of benefits that have ended.

    A result that is the same for all (see ``shared``).
    """
    panel = with_models(panel)
    known = (name for name in ordered() if name in panel.indicators and name not in content()["ended"])
    return tuple(name for name in known if _covered(panel, name))


def _covered(panel: Panel, name: str) -> bool:
    at = panel.latest(name)
    if at is None:
        return False
    rows = panel.published(name, territory=territories.DEPARTEMENTS, period=at)
    return int(rows["state"].isin(VALUED_STATES).sum()) >= FEWEST


def make(
    name: str,
    lang: Lang,
    context: Context,
    panel: Panel,
    catalogue: Catalogue,
    among: Sequence[str] = (),
    languages: Sequence[Lang] = (),
) -> bytes:
    """The page of an indicator.

    Args:
        name: the indicator, one of ``names(panel)``. context: of the edition; its territories are linked.
        panel: the figures. catalogue: the datasets behind them.
        among: the indicators that have a page, in order, for the links to the previous and the next.
        languages: the languages in which the page is made; those of the edition by default.
    """
    panel = panel if name in panel.indicators else with_models(panel)
    section = _section(panel, name)
    entry, label = dictionary()[name], sentences.label(name, lang)
    root = "../"
    when = formats.bare_period(section.period, lang)
    tile_map = tiles.tile_map(
        section, lang, lambda code: territory_path(code, lang) if code in context.territories else None
    )
    return rendered(
        "indicator.html.j2",
        indicator_path(name, lang),
        label,
        lang=lang,
        edition_title=context.title[lang],
        others=[one for one in languages or context.languages if one != lang],
        page_title=say("indicator_title", lang, label=label, edition=context.title[lang]),
        description=say("indicator_description", lang, label=label),
        above=[(say("indicators_heading", lang), indicators_path(lang))],
        summary=_summary(panel, catalogue, section, lang),
        caution=entry.reserves(lang) or None,
        definition=entry.definition[lang],
        breaks=_breaks(entry, lang),
        map=tile_map | {"root": root, "source": _source(panel, catalogue, name, section.period, lang)},
        when=when,
        figures=[markupsafe.Markup(one._repr_html_()) for one in _figures(panel, catalogue, section, lang)],  # noqa: S704
        rows=[_row(section, code, context, lang) for code in territories.DEPARTEMENTS],
        axis=dictionary().unit(name).axis[lang],
        rounding=formats.rounding_note(name, lang),
        download=_download(section),
        file=f"{name}.csv",
        sources=_sources(panel, catalogue, name, lang),
        steps=_steps(name, among, lang),
    )


def _section(panel: Panel, name: str) -> Section:
    rows = panel.cross_section(name)
    figures = {row["territory"]: row_value(row) for row in rows.to_dict("records")}
    at = str(rows["period"].iloc[0])
    return Section(name, at, figures, comparison.position(rows, territories.DEPARTEMENTS[0]))


# ------------------------------------------------------------------------------------------------------------ words


def _summary(panel: Panel, catalogue: Catalogue, section: Section, lang: Lang) -> list[str]:
    """The national level and change where they are published, then the spread between départements."""
    words = []
    if nation := national(panel, section.indicator):
        words.append(sentences.level(nation, lang))
        series = panel.series(section.indicator, nation.territory)
        prices = trends.prices(catalogue.parameters("prices"))
        if change := trends.trend(series, dictionary()[section.indicator], prices):
            words.append(wording.trend(change, lang))
    return [*words, spread(section, lang)]


def spread(section: Section, lang: Lang) -> str:
    """Between which figures half of the départements lie; for estimates, how many cannot be told from the median."""
    entry, quantiles = dictionary()[section.indicator], section.base.quantiles
    low, high, middle = (
        formats.quantity(quantiles[q], entry.unit, lang, entry.decimals) for q in ("p25", "p75", "p50")
    )
    n, when = formats.number(len(section.known), lang), formats.capital(formats.at(section.period, lang))
    if section.modelled and (apart := section.apart) is not None:
        told = formats.number(apart, lang)
        return say("spread_modelled", lang, n=n, when=when, median=middle, apart=told)
    return say("spread", lang, when=when, n=n, low=low, high=high, median=middle)


def _breaks(entry: Indicator, lang: Lang) -> list[str]:
    """Each break of the series: when, and what changed."""
    return [
        say("indicator_break", lang, when=formats.bare_period(at, lang), reason=entry.breaks[at][lang])
        for at in sorted_periods(entry.breaks)
    ]


def _steps(name: str, among: Sequence[str], lang: Lang) -> dict[str, dict | None]:
    at = among.index(name) if name in among else None
    around = {
        "previous": among[at - 1] if at else None,
        "next": among[at + 1] if at is not None and at + 1 < len(among) else None,
    }
    return {
        key: {"name": sentences.label(other, lang), "href": indicator_path(other, lang)} if other else None
        for key, other in around.items()
    }


# ---------------------------------------------------------------------------------------------------------- figures


def _figures(panel: Panel, catalogue: Catalogue, section: Section, lang: Lang) -> list:
    from analysis.presentation import figures

    name, when = section.indicator, formats.bare_period(section.period, lang)
    source = partial(_source, panel, catalogue, name, lang=lang)
    nobody = Value(name, "", section.period, None, None, None, "unavailable")
    everyone = replace(section.base, territory="", value=nobody, share_below=None)
    nation = national(panel, name, section.period) if dictionary().comparable(name) else None
    drawn = [
        figures.distribution(
            everyone,
            key=f"position_{name}",
            lang=lang,
            reference=nation,
            source=source(section.period),
            title=say("indicator_distribution", lang, when=when),
        )
    ]
    if funnel := _funnel(panel, section):
        drawn.append(
            figures.funnel(
                funnel,
                key=f"funnel_{name}",
                lang=lang,
                source=source(section.period),
                title=say("indicator_funnel", lang),
            )
        )
    lines = _lines(panel, name, lang)
    if lines:
        drawn.append(
            figures.trend(
                [figures.Line(*line) for line in lines],
                key=f"trend_{name}",
                indicator=name,
                lang=lang,
                source=source(None),
                title=say("indicator_trend", lang),
            )
        )
    return drawn


def _funnel(panel: Panel, section: Section) -> comparison.Funnel | None:
    """The funnel of a proportion whose dictionary entry names the count behind it."""
    behind = dictionary()[section.indicator].population
    there = panel.covered(behind) if behind else []
    if not behind or not there or section.modelled:
        return None
    start = period(section.period).start
    nearest = min(there, key=lambda p: (abs(period(p).start - start), p))
    rows = panel.cross_section(behind, nearest)
    known = rows[rows["state"].isin(VALUED_STATES)].set_index("territory")["value"]
    if comparison.no_funnel(section.base.values, known):
        return None
    return comparison.funnel(section.base.values, known, "", section.indicator, section.period)


_QUANTILES = (
    ("median_all", 0.5, "territory"),
    ("decile_last", 0.9, "other"),
    ("decile_first", 0.1, "other"),
)
"""Lines of the départements as a whole: message, share of them below, colour."""


def _lines(panel: Panel, name: str, lang: Lang) -> list[tuple]:
    """France where it is published, and for what can be compared the median and the outer tenths of the départements."""
    import pandas as pd

    lines = []
    if nation := national(panel, name):
        rows = panel.series(name, nation.territory)
        if rows["state"].isin(VALUED_STATES).sum() > 1:
            lines.append((territories.get(nation.territory).label(lang), rows, "france"))
    rows = panel.published(name, territory=territories.DEPARTEMENTS)
    rows = rows[rows["state"].isin(VALUED_STATES)]
    groups = rows.groupby("period")["value"]
    kept = groups.count()[lambda n: n >= max(FEWEST, 0.6 * n.max())].index
    if len(kept) < 2 or (lines and not dictionary().comparable(name)):
        return lines
    state = "modelled" if dictionary()[name].modelled else "observed"
    for key, share, role in (
        ("median_all", 0.5, "territory"),
        ("decile_last", 0.9, "other"),
        ("decile_first", 0.1, "other"),
    ):
        amounts = groups.quantile(share).loc[kept]
        frame = pd.DataFrame({"period": list(amounts.index), "value": amounts.to_numpy(), "state": state})
        lines.append((say(key, lang), frame, role))
    return sorted(lines, key=lambda line: line[2] != "territory")


# ------------------------------------------------------------------------------------------------ table and download


def _row(section: Section, code: str, context: Context, lang: Lang) -> dict:
    value, territory = section.values[code], territories.get(code)
    return {
        "name": territory.label(lang),
        "code": code,
        "region": territories.get(territories.region_of(code)).label(lang),
        "href": f"../{territory_path(code, lang)}" if code in context.territories else None,
        "value": formats.plain_value(value, lang, unit=False) if value.known else None,
        "state": value.state,
        "words": formats.qualifier(value, lang, unit=False) if value.known else formats.absence(value, lang),
        "plain": value.state == "observed",
    }


def _download(section: Section) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for code in territories.DEPARTEMENTS:
        value = section.values[code]
        amounts = ["" if x is None else repr(round(x, 6)) for x in (value.value, value.lower, value.upper)]
        texts = [value.state, value.quality or "", value.source or "", value.note]
        place = territories.get(code).name
        writer.writerow(csv_cells.row([code, place, section.period, section.indicator, *amounts, *texts]))
    return f"data:text/csv;charset=utf-8;base64,{base64.b64encode(out.getvalue().encode()).decode()}"


# ---------------------------------------------------------------------------------------------------------- sources


def _source(panel: Panel, catalogue: Catalogue, name: str, at: str | None, lang: Lang) -> str:
    known = [catalogue.sidecar(dataset) for dataset in panel.datasets(name, at) if dataset in catalogue]
    return origins.cited(known, lang)


def _sources(panel: Panel, catalogue: Catalogue, name: str, lang: Lang) -> list[dict]:
    known = [catalogue.sidecar(dataset) for dataset in panel.datasets(name) if dataset in catalogue]
    return [
        {
            "producer": s.producer,
            "title": origins.title(s, lang),
            "vintage": origins.vintage(s.vintage, lang),
            "licence": origins.licence(s.licence, lang),
            "quality": tell(f"quality.{s.quality}", lang),
            "url": s.url if s.url.startswith(("https://", "http://")) else None,
        }
        for s in known
    ]
