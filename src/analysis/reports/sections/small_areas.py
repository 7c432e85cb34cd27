"""Small samples: a published share that is noisy in a département, beside what Fay and Herriot's model makes of it."""

from __future__ import annotations

import pandas as pd

from analysis.catalogue import Catalogue
from analysis.indicators import shrinkage
from analysis.narrative import formats, sentences
from analysis.narrative.messages import say
from analysis.panel import Panel
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.modelled import RECRUITMENT
from analysis.reports.report import Report, section


def modelled_rows(panel: Panel, catalogue: Catalogue) -> tuple[pd.DataFrame, pd.Series]:
    """The model's figures as rows of the panel, and the weight that each département's own survey has."""
    from analysis.estimation import small_area

    rules = catalogue.parameters("small_areas")
    given = shrinkage.recruitment(panel, rules)
    found = small_area.shrunk_shares(given.shares, given.sizes, given.covariates)
    quality = small_area.publishable(found.figures["cv"], rules["precision"])
    rows = shrinkage.as_rows(found.figures, quality, given.source)
    return rows, found.figures.groupby("territory")["gamma"].last()


@section
def shrunk_recruitment(report: Report) -> Stack:
    """The share that employers gave, and the one that borrows strength from the others, with the weight of each."""
    observed, modelled = report.value(shrinkage.DIRECT), report.value(shrinkage.SHRUNK)
    if not (observed.known and modelled.known):
        return stack([prose(sentences.missing(modelled, report.lang))])
    weight = formats.percent(100 * float(report.modelled(RECRUITMENT)[1][report.territory.code]), report.lang)
    return stack(
        [
            prose(
                sentences.modelled(modelled, report.lang),
                say("small_area.reading", report.lang, weight=weight),
            ),
            report.trend(shrinkage.SHRUNK),
        ]
    )
