"""Indicators that are more than a ratio: pure functions from figures to figures, most of them modelled.

Nothing here reads a file or words a result. A function takes tidy frames or arrays and returns a frozen result that
carries its interval; what it assumes is in its docstring and in the parameters it is given.
"""
