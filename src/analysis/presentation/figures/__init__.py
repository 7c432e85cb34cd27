"""Figures: each a drawing with its finding, its long description and the table behind it.

Every function takes results and figures already read, with the language, and returns a ``Figure`` that a notebook shows
as it is. None reads data. A figure is drawn at two widths (``base.drawings``), each on a ``style.Page``, and each mark that
stands for a figure is given its name. Modelled figures are drawn differently from observed ones in all of them, a missing
figure is said, and nothing is put in an order of merit.
"""

from analysis.presentation.figures.bars import Row, bars, intervals
from analysis.presentation.figures.base import Figure
from analysis.presentation.figures.cartogram import Circle, cartogram
from analysis.presentation.figures.distribution import distribution
from analysis.presentation.figures.effect_tables import bacon_table, design_table
from analysis.presentation.figures.event_study import event_study
from analysis.presentation.figures.forest import EffectRow, forest
from analysis.presentation.figures.funnel import funnel
from analysis.presentation.figures.placebo_gaps import placebo_gaps
from analysis.presentation.figures.sparkline import sparkline
from analysis.presentation.figures.tilemap import tile_map
from analysis.presentation.figures.trend import Line, trend

__all__ = [
    "Circle", "EffectRow", "Figure", "Line", "Row", "bacon_table", "bars", "cartogram", "design_table", "distribution",
    "event_study", "forest", "funnel", "intervals", "placebo_gaps", "sparkline", "tile_map", "trend",
]  # fmt: skip
