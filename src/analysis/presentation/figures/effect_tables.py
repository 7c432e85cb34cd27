"""The tables of effects that no drawing has: of a design, of its coverage, of a decomposition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analysis.foundations.values import Lang
from analysis.methods.policies import Description
from analysis.presentation.figures.effect_axes import unit_name
from analysis.presentation.narrative import designs, formats
from analysis.presentation.narrative.messages import say
from analysis.presentation.narrative.sizes import Unit, in_unit
from analysis.presentation.tables import Column, Table

if TYPE_CHECKING:  # its libraries take seconds to import, which reports without effects need not wait for
    from analysis.estimation.regressions import Bacon


def design_table(
    description: Description,
    *,
    key: str,
    lang: Lang,
    name: str = "",
    caption: str = "",
    beside: Description | None = None,
) -> Table:
    """Who is treated since when, who is compared, who and what is left out and why, and what must be known.

    Args:
        name: the design for a reader; that of its policy when empty. caption: another than the design's.
        beside: a description that stands elsewhere, whose rows are not said again.
    """
    name = name or designs.policy_name(description.policy or description.name, lang)
    columns = [Column(part, say(f"effect.design.{part}", lang), "text") for part in ("kind", "content")]
    there = designs.design_rows(beside, lang) if beside else []
    rows = [row for row in designs.design_rows(description, lang) if row not in there]
    return Table(key, caption or say("effect.design.caption", lang, name=name), columns, rows, lang)


def bacon_table(decomposition: Bacon, *, key: str, caption: str, lang: Lang, unit: Unit) -> Table:
    """What a two-way fixed effects coefficient is made of: the weight and the estimate of each kind of comparison."""
    parts = [(kind, 100 * row["weight"], row["estimate"]) for kind, row in decomposition.kinds.iterrows()]
    parts.append(("total", 100 * decomposition.kinds["weight"].sum(), decomposition.twfe))
    rows = [
        {
            "kind": formats.capital(say(f"effect.table.kind_{kind}", lang)),
            "weight": weight,
            "effect": in_unit(effect, unit),
        }
        for kind, weight, effect in parts
    ]
    columns = [
        Column("kind", say("effect.table.comparison", lang), "text"),
        Column("weight", say("effect.table.weight", lang), decimals=1),
        Column("effect", say("effect.table.effect", lang, unit=unit_name(unit, lang)), decimals=2),
    ]
    return Table(key, caption, columns, rows, lang)
