"""Evaluation of France's Pacte des solidarités, département by département.

The package is nine rooms, in the order of the way of the data (docs/architecture.md).
"""

from analysis.foundations.version import __version__ as __version__
