"""What a process does once before it forks a child for each report. Importing this module does it.

It imports what reports import (the run names what is of this package), reads their words, and rehearses the pages of
the notebooks that will run (highlighting, templates), which are pure functions of their files. No figure is read or
drawn, no cell is run: no thread may live and no state may exist when a child is forked. What cannot be imported, read
or rehearsed is left to the report that needs it, whose failure it then is.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from analysis.batch import surroundings
from analysis.reports.edition import imports
from analysis.reports.kept import fingerprint

MODULES = (
    "IPython.core.completer",
    "IPython.core.completerlib",
    "IPython.core.magics",
    "IPython.core.oinspect",
    "IPython.core.pylabtools",
    "IPython.lib.lexers",
    "babel.numbers",
    "ipykernel.zmqshell",
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.pyplot",
    "nbconvert.filters.highlight",
    "nbconvert.filters.markdown_mistune",
    "pandas",
    "papermill",
    "pyarrow.pandas_compat",
    "pyarrow.parquet",
    "pygments.formatters.html",
    "pygments.styles.default",
)

COLD = (
    "dask", "diff_diff", "distributed", "pandera", "scipy.optimize", "scipy.stats",
    "statsmodels",
)  # fmt: skip
"""What only the panel, the shared results and a cluster need, of 10 to 80 MB: who computes them imports it, and no other."""


def _import(names: Iterable[str]) -> None:
    for name in names:
        if f"{name}.".startswith(tuple(f"{cold}." for cold in COLD)):
            continue
        try:
            pkgutil.resolve_name(name)  # a module, or what one gives, as the face does
        except Exception:  # noqa: S112 - see the module's docstring
            continue


def _later() -> set[str]:
    """What the modules of the package that are loaded import only when one of their functions is called."""
    files = [
        getattr(module, "__file__", None)
        for name, module in sys.modules.items()
        if name.startswith("analysis.")
    ]
    return set().union(*(imports(Path(file).read_text(encoding="utf-8")) for file in files if file))


def warm(modules: list[str], root: str, notebooks: list[str]) -> None:
    """Import modules and rehearse notebooks of a checkout."""
    _import([*MODULES, *modules])
    _import(sorted(_later()))
    from analysis.foundations import values
    from analysis.presentation.narrative import messages
    from analysis.reports import render

    fingerprint.libraries()
    with suppress(Exception):
        values.dictionary()
    for lang in values.LANGS:
        with suppress(Exception):
            messages.known("", lang)
    for path in notebooks:
        try:
            render.rehearse(Path(path), Path(root))
        except Exception:  # noqa: S112
            continue


warm(**json.loads(os.environ.get(surroundings.WARM) or '{"modules": [], "root": "", "notebooks": []}'))
gc.collect()
gc.freeze()
