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
    observed, expected = report.value(shrinkage.DIRECT), report.value(shrinkage.SHRUNK)
    if not (observed.known and expected.known):
        return stack([prose(sentences.missing(expected, report.lang))])
    weight = formats.percent(100 * float(report.modelled(RECRUITMENT)[1][report.territory.code]), report.lang)
    return stack(
        [
            prose(
                sentences.modelled(expected, report.lang),
                say("small_area.reading", report.lang, weight=weight),
                *sentences.reasons(expected.note, report.lang),
            ),
            trend(report, shrinkage.SHRUNK),
        ]
    )
