"""Evaluation of France's Pacte des solidarités, département by département.

Modules are layered: each imports only from those above it in docs/architecture.md, and a test enforces the order.
"""

from analysis.foundations.version import __version__
