"""Small samples: a published share that is noisy in a département, beside what Fay and Herriot's model makes of it."""

from __future__ import annotations

from analysis.methods.indicators import shrinkage
from analysis.presentation.narrative import formats, sentences
from analysis.presentation.narrative.messages import say
from analysis.reports.blocks import Stack, prose, stack
from analysis.reports.modelled import RECRUITMENT
from analysis.reports.report import Report, section
from analysis.reports.sections.trends import trend


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
                *sentences.reasons(modelled.note, report.lang),
            ),
            trend(report, shrinkage.SHRUNK),
        ]
    )
