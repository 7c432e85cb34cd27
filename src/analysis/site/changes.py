"""The page of what changed since an earlier edition: what is compared, how many differences of each nature, which matter.

It is made from the comparison that the edition keeps (``compare.kept``) and from nothing of the earlier edition, so that it
stays true to what was compared; where an edition keeps none there is no page and no link. The most severe differences of
each indicator are shown, so that the page stays light; all of them are in the file beside it. Nothing is compared here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from analysis.foundations import territories
from analysis.foundations.values import LANGS, Lang, Value, dictionary, folded
from analysis.presentation.narrative import formats
from analysis.presentation.narrative.messages import say as tell
from analysis.presentation.tables import Column, Table
from analysis.reports.beside.compare import Comparison, Side, figure, label, reason
from analysis.reports.data_files import DIFFERENCES
from analysis.reports.edition import EditionError, notebooks, read_notebook
from analysis.reports.pages import since
from analysis.reports.pages.around import CHANGES
from analysis.reports.pages.interface import say
from analysis.reports.pages.parts import page_name
from analysis.reports.pages.since import KINDS, SEVERITIES
from analysis.site.facts import ordered
from analysis.site.shell import Site, table

KEY = CHANGES
ROWS, MOST, TABLES = 500, 10, 100
"""Differences of figures that are shown on the page, about, and for one indicator; indicators that have a table of them."""
FIRST, WORST, LISTED = 10, 2, 120
"""Groups to read first; differences told for a territory; changes of the edition itself that are listed."""
CAUTIONS = ("situation", "method", "perimeter", "later", "severity")

_BECOMES = " → "
_APPEARING = ("indicator_gone", "indicator_new")
_FACTS = ("title", "vintages", "package", "territories", "reports", "indicators", "figures")


def path(lang: Lang) -> str:
    """Where the page stands in the folder of its edition."""
    return page_name(KEY, lang)


class Changes:
    """A comparison told in a language."""

    def __init__(self, comparison: Comparison, lang: Lang) -> None:
        self.comparison, self.lang = comparison, lang

    @cached_property
    def worst(self) -> pd.DataFrame:
        """The differences of figures, the most severe first, then those that moved most against what they were."""
        return since.ranked(self.comparison.differences)

    @cached_property
    def groups(self) -> pd.DataFrame:
        """The differences by indicator, nature and cause; see ``Comparison.groups``."""
        return self.comparison.groups()

    @cached_property
    def _by_place(self) -> dict[str, pd.DataFrame]:
        return {str(code): rows for code, rows in self.worst.groupby("territory", sort=False)}

    @cached_property
    def _by_indicator(self) -> dict[str, pd.DataFrame]:
        """The differences of each indicator: of the most severe, one of each territory before a second of any."""
        turn = self.worst.groupby(["indicator", "territory"]).cumcount()
        ranked = self.worst.assign(turn=turn).sort_values(
            ["rank", "turn", "gap"], ascending=[False, True, False], kind="stable"
        )
        return {str(name): rows for name, rows in ranked.groupby("indicator", sort=False)}

    def link(self, code: str | None = None) -> dict[str, Any]:
        """What another page says of the changes, of all or of a territory, and where to read them."""
        heading = say("changes_since", self.lang, before=self.comparison.before)
        if code is None:
            return {
                "heading": heading,
                "lines": [self.comparison.summary(self.lang)],
                "href": path(self.lang),
            }
        told = self._places.get(code, since.Told())
        words = since.lines(told, self.lang, figure, label)
        return {
            "heading": heading,
            "lines": words,
            "href": path(self.lang) + (f"#t-{code}" if told.n else ""),
        }

    @cached_property
    def _places(self) -> dict[str, since.Told]:
        return since.places_of(self.worst)

    def counted(self, rows: pd.DataFrame) -> str:
        """How many differences, how many are major, and of which natures."""
        totals = rows["kind"].value_counts()
        parts = [
            tell(f"compare.count.{kind}", self.lang, n=self._n(totals[kind]))
            for kind in KINDS
            if kind in totals
        ]
        numbers = {"n": self._n(len(rows)), "major": self._n((rows["severity"] == "major").sum())}
        return say("changes_counted", self.lang, **numbers, list=formats.listing(parts, self.lang))

    def _n(self, x: float) -> str:
        return formats.number(int(x), self.lang)

    # ------------------------------------------------------------------------------------------------- what is compared

    def editions(self) -> Table:
        """What is compared: both editions, side by side."""
        columns = [Column("fact", say("changes_fact", self.lang), "text")]
        columns += [
            Column(key, say(f"changes_{key}", self.lang, name=side.name), "text")
            for key, side in zip(("before", "after"), self.comparison.sides, strict=True)
        ]
        rows = [
            {
                "fact": say(f"changes_fact_{key}", self.lang),
                **{
                    end: self._fact(side, key)
                    for end, side in zip(("before", "after"), self.comparison.sides, strict=True)
                },
            }
            for key in _FACTS
        ]
        return Table("changes_editions", say("changes_editions_caption", self.lang), columns, rows, self.lang)

    def _fact(self, side: Side, key: str) -> str:
        given = getattr(side, key)
        if not given:
            return say("changes_not_kept", self.lang)
        if key == "title":
            return str(given.get(self.lang, side.name))
        if key == "vintages":
            dated = isinstance(given, str)
            return formats.date_words(given, self.lang) if dated else say("changes_each", self.lang)
        return str(given) if key == "package" else self._n(given)

    def severities(self) -> str:
        """How many differences of each severity, in a sentence."""
        totals = self.comparison.counts().sum()
        return say("changes_severities", self.lang, **{s: self._n(totals[s]) for s in SEVERITIES})

    # ------------------------------------------------------------------------------------------------ what matters first

    def first(self) -> list[dict[str, Any]]:
        """What to read first: the edition itself and the indicators by their most severe difference, each once."""
        names = list(self.groups["indicator"].drop_duplicates().head(FIRST))
        return [self._finding(name) for name in names]

    def _finding(self, name: str) -> dict[str, Any]:
        own = self.groups[self.groups["indicator"] == name]
        anchor = f"#i-{name}" if name in self.shown else "#perimeter"
        groups = [self.group(group) for group in own.itertuples()] if name else [self._edition(own)]
        rows = self._by_indicator.get(name, self.worst.head(0))
        example = [
            self.told(row, "changes_example", place=_place(str(row.territory), self.lang))
            for row in rows.head(1).itertuples()
        ]
        return {"label": label(name, self.lang), "href": anchor, "groups": groups, "example": example}

    def _edition(self, groups: pd.DataFrame) -> dict[str, str]:
        """What appears or disappears of the edition itself, in a sentence."""
        totals = groups.groupby("detail", sort=False)["n"].sum()
        parts = [
            say("changes_several", self.lang, words=reason(str(detail), "", self.lang), n=self._n(n))
            for detail, n in totals.items()
        ]
        kind = tell("compare.kind.perimeter", self.lang)
        listed = formats.listing(parts, self.lang)
        return {"words": say("changes_edition", self.lang, kind=kind, list=listed), "what": ""}

    def group(self, group: Any) -> dict[str, str]:
        """A group of differences in a sentence: nature, cause, how many, how severe; formulas stand apart."""
        formulas = _BECOMES in group.what
        words = {
            "kind": tell(f"compare.kind.{group.kind}", self.lang),
            "reason": reason(group.detail, "" if formulas else group.what, self.lang),
            "severity": tell(f"compare.severity.{SEVERITIES[group.rank]}", self.lang).lower(),
        }
        key, numbers = "changes_group_whole", {}
        if group.places:
            key, numbers = "changes_group", {"n": self._n(group.n), "places": self._n(group.places)}
        return {"words": say(key, self.lang, **words, **numbers), "what": group.what if formulas else ""}

    def told(self, row: Any, key: str, **named: str) -> str:
        """One difference of a figure in words; ``named`` is what the message ``key`` says besides."""
        cells = (figure(row, side, self.lang) for side in ("before", "after"))
        before, after = (formats.format_value(c, self.lang) if isinstance(c, Value) else c for c in cells)
        return say(
            key,
            self.lang,
            period=since.when(row, self.lang),
            before=before,
            after=after,
            **named,
        )

    # -------------------------------------------------------------------------------------------------------- the tables

    def corrections(self) -> Table | None:
        """The entries of the register that came or went, each with its reason; None when there is none."""
        if not self.comparison.corrections:
            return None
        keys = ("figure", "period", "published", "corrected", "way", "why", "reference")
        spoken = {"reference": LANGS[1]}
        columns = [
            Column(key, say(f"changes_column_{key}", self.lang), "text", lang=spoken.get(key)) for key in keys
        ]
        rows = [self._correction(one) for one in self.comparison.corrections]
        return Table(
            "changes_corrections", say("changes_corrections_caption", self.lang), columns, rows, self.lang
        )

    def _correction(self, one: Mapping[str, str]) -> dict[str, str]:
        place = _place(one["territory"], self.lang)
        return {
            "figure": say("changes_of", self.lang, label=label(one["indicator"], self.lang), place=place),
            "period": formats.bare_period(one["period"], self.lang),
            "way": say(f"changes_way_{one['way']}", self.lang),
            "why": one[f"why_{self.lang}"],
            "reference": one["reference"],
            **{key: _amount(one[key], one["indicator"], self.lang) for key in ("published", "corrected")},
        }

    def perimeter(self, titles: Mapping[str, Mapping[str, str]]) -> Table | None:
        """Territories, reports and indicators that came or went; None when none did. ``titles`` are those of reports."""
        rows = self._appearing.head(LISTED)
        if rows.empty:
            return None
        columns = [
            Column("what", say("changes_column_what", self.lang), "text"),
            Column("reason", tell("compare.column.reason", self.lang), "text"),
            Column("severity", tell("compare.column.severity", self.lang), "text"),
        ]
        lines = [
            {
                "what": self._named(row, titles),
                "reason": reason(str(row.detail), "", self.lang),
                "severity": tell(f"compare.severity.{row.severity}", self.lang),
            }
            for row in rows.itertuples()
        ]
        return Table(
            "changes_perimeter", say("changes_perimeter_caption", self.lang), columns, lines, self.lang
        )

    @cached_property
    def _appearing(self) -> pd.DataFrame:
        rows = self.comparison.differences
        rows = rows[(rows["indicator"] == "") | rows["detail"].isin(_APPEARING)]
        return rows.assign(rank=rows["severity"].map(SEVERITIES.index)).sort_values(
            "rank", ascending=False, kind="stable"
        )

    def unlisted(self) -> str:
        """How many of them the table leaves out, in words; empty when it holds all."""
        shown, n = min(LISTED, len(self._appearing)), len(self._appearing)
        return say("changes_shown", self.lang, shown=self._n(shown), n=self._n(n)) if shown < n else ""

    def _named(self, row: Any, titles: Mapping[str, Mapping[str, str]]) -> str:
        if row.territory:
            return _place(row.territory, self.lang)
        if row.indicator:
            return label(row.indicator, self.lang)
        return titles.get(row.what, {}).get(self.lang) or _title(row.what, self.lang)

    @cached_property
    def shown(self) -> dict[str, list[Any]]:
        """The groups of each indicator that has a place on the page, in the order of the site."""
        groups = self.groups[(self.groups["indicator"] != "") & ~self.groups["detail"].isin(_APPEARING)]
        by_indicator = {
            str(name): list(rows.itertuples()) for name, rows in groups.groupby("indicator", sort=False)
        }
        known = [name for name in ordered() if name in by_indicator]
        return {name: by_indicator[name] for name in [*known, *sorted(by_indicator.keys() - set(known))]}

    def indicators(self, site: Site) -> list[dict[str, Any]]:
        """For each indicator what changed and why, and its most severe differences."""
        first = [name for name in self.groups["indicator"].drop_duplicates() if name in self.shown][:TABLES]
        most = min(MOST, ROWS // max(1, len(first)))
        return [
            self._indicator(name, groups, most if name in first else 0, site)
            for name, groups in self.shown.items()
        ]

    def _indicator(self, name: str, groups: Sequence[Any], most: int, site: Site) -> dict[str, Any]:
        rows = self._by_indicator.get(name, self.worst.head(0))
        shown = min(most, len(rows))
        words = say("changes_not_shown", self.lang, n=self._n(len(rows)))
        if shown:
            words = say("changes_shown", self.lang, n=self._n(len(rows)), shown=self._n(shown))
        return {
            "key": f"i-{name}",
            "label": label(name, self.lang),
            "href": site.indicator(name) if name in dictionary() else None,
            "groups": [self.group(group) for group in groups],
            "shown": words if shown < len(rows) else "",
            "table": table(self._figures(name, rows.head(most)), download=False) if shown else None,
        }

    def _figures(self, name: str, rows: pd.DataFrame) -> Table:
        entry = dictionary().get(name)
        texts = ("place", "kind", "severity")
        columns = {key: Column(key, tell(f"compare.column.{key}", self.lang), "text") for key in texts[1:]}
        columns["place"] = Column("place", say("changes_column_place", self.lang), "text")
        for side in ("before", "after"):
            words = tell(f"compare.column.{side}", self.lang)
            columns[side] = Column(side, words, unit=entry.unit if entry else None)
        columns["gap"] = Column("gap", say("changes_column_gap", self.lang))
        order = ("place", "before", "after", "gap", "kind", "severity")
        lines = [
            {
                "place": say(
                    "changes_dated",
                    self.lang,
                    place=_place(str(row.territory), self.lang),
                    period=since.when(row, self.lang, formats.short_period),
                ),
                "before": figure(row, "before", self.lang),
                "after": figure(row, "after", self.lang),
                "gap": self._gap(row),
                "kind": tell(f"compare.kind.{row.kind}", self.lang),
                "severity": tell(f"compare.severity.{row.severity}", self.lang),
            }
            for row in rows.itertuples()
        ]
        caption = say("changes_table", self.lang, label=label(name, self.lang))
        return Table(f"changes-{name}", caption, [columns[key] for key in order], lines, self.lang)

    def _gap(self, row: Any) -> str:
        entry = dictionary().get(row.indicator)
        if pd.isna(row.after - row.before):
            return say("changes_no_gap", self.lang)
        decimals = entry.decimals if entry else 2
        gap = formats.difference(row.after, row.before, decimals)
        if not gap and row.after != row.before:
            return say("changes_below", self.lang)
        if entry is None:
            return formats.signed(gap, self.lang, decimals)
        return formats.change(gap, entry.unit, self.lang, entry.decimals)

    # --------------------------------------------------------------------------------------------------- the territories

    def places(self, site: Site) -> list[dict[str, Any]]:
        """What changed in each territory, in the official order, with its most severe differences."""
        return [
            {
                "code": code,
                "name": _place(code, self.lang),
                "key": folded(f"{_place(code, self.lang)} {code} {_region(code, self.lang)}"),
                "region": _region(code, self.lang),
                "href": site.territory(code),
                "words": self.counted(rows),
                "worst": [
                    {
                        "label": label(str(row.indicator), self.lang),
                        "href": f"#i-{row.indicator}",
                        "words": self.told(
                            row, "changes_one", kind=tell(f"compare.kind.{row.kind}", self.lang).lower()
                        ),
                    }
                    for row in rows.drop_duplicates("indicator").head(WORST).itertuples()
                ],
            }
            for code in sorted(self._by_place, key=_official)
            for rows in (self._by_place[code],)
        ]


def _title(outcome: str, lang: Lang) -> str:
    """The title of a report that the edition has not, from its notebook while the checkout has it; else its name."""
    try:
        return read_notebook(outcome, notebooks()[outcome]).titles.get(lang, outcome)
    except (EditionError, KeyError):
        return outcome


def _official(code: str) -> int:
    codes = (*territories.DEPARTEMENTS, *territories.CODES)
    return codes.index(code) if code in codes else len(codes)


def _place(code: str, lang: Lang) -> str:
    there = territories.known(code)
    if there is None:
        return code
    return f"{there.label(lang)} ({code})" if code in territories.DEPARTEMENTS else there.label(lang)


def _region(code: str, lang: Lang) -> str:
    inside = code in territories.DEPARTEMENTS
    return territories.get(territories.region_of(code)).label(lang) if inside else ""


def _amount(text: str, indicator: str, lang: Lang) -> str:
    """A figure of the register, in the unit of its indicator; as it is written there when it is not a number."""
    entry = dictionary().get(indicator)
    try:
        amount = float(text)
    except ValueError:
        return text or tell("compare.absent", lang)
    if entry is None:
        return formats.number(amount, lang, 2)
    return formats.quantity(amount, entry.unit, lang, entry.decimals)


def page(site: Site, changed: Changes) -> bytes:
    """The page, as HTML."""
    lang, comparison = site.lang, changed.comparison
    corrections, perimeter = changed.corrections(), changed.perimeter(site.context.titles)
    return site.render(
        "changes.html.j2",
        path(lang),
        say("changes_since", lang, before=comparison.before),
        description=say("changes_description", lang, before=comparison.before, after=comparison.after),
        lead=comparison.summary(lang),
        outdated=comparison.outdated,
        file=DIFFERENCES,
        rows=formats.number(len(comparison.differences), lang),
        cautions=[say(f"changes_caution_{key}", lang) for key in CAUTIONS],
        limits=page_name("limits", lang),
        editions=table(changed.editions(), download=False),
        severities=changed.severities(),
        counts=table(comparison.overview(lang), download=False),
        kinds=[
            {"name": tell(f"compare.kind.{kind}", lang), "meaning": say(f"changes_kind_{kind}", lang)}
            for kind in KINDS
        ],
        first=changed.first(),
        corrections=table(corrections, download=False) if corrections else None,
        perimeter=table(perimeter, download=False) if perimeter else None,
        unlisted=changed.unlisted(),
        indicators=changed.indicators(site),
        places=changed.places(site),
    )
