"""What a process imports once before it forks a child for each report. Importing this module does it.

Nothing is read, drawn or computed here: no thread may run and no state may exist when a child is forked. Modules that
cannot be imported are left to the report that needs them, whose failure it then is.
"""

from __future__ import annotations

import gc
import importlib
import os

from analysis.reports import pool

MODULES = (
    "analysis.panel",
    "analysis.reports.build",
    "analysis.reports.inprocess",
    "IPython.core.completer",
    "IPython.core.magics",
    "ipykernel.zmqshell",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "nbconvert.filters.highlight",
    "nbconvert.filters.markdown_mistune",
    "pandas",
    "papermill",
    "pyarrow.parquet",
    "pygments.formatters.html",
    "pygments.lexers.python",
    "IPython.lib.lexers",
)


def _import(names: list[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:  # noqa: S112 - see the module's docstring
            continue


_import([*MODULES, *filter(None, os.environ.get(pool.WARM, "").split(","))])
gc.collect()
gc.freeze()
