"""Evaluation of France's Pacte des solidarités, département by département.

Modules are layered: each imports only from those above it in docs/architecture.md, and a test enforces the order.
"""

__version__ = "0.1.0"
