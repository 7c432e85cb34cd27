"""The surroundings of a process that makes reports, made here and not inherited: its environment, and where it finds code.

Bytes, speed and whether a report ends at all depend on variables: Python's own, those of numerical libraries, the folders
where Jupyter finds templates and kernels. A process is given those of ``FIXED``, the same everywhere, and of the caller's
only what says where it is (``PASSED``), what is this project's (``PACTE_…``) and what corrects a processor (``PROCESSOR``).

Its code comes from the environment that the caller's interpreter belongs to, never from the current folder nor from
PYTHONPATH: a file ``calendar.py`` or a package ``analysis`` that happens to lie there is not run.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

MATPLOTLIBRC = Path(__file__).with_name("matplotlibrc")

WARM = "PACTE_WARM"
"""Variable that tells the warm process what to prepare, as JSON (see ``warm``)."""

FIXED = {
    "PYTHONHASHSEED": "0",
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "LANG": "C.UTF-8",
    "SOURCE_DATE_EPOCH": "0",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "MATPLOTLIBRC": str(MATPLOTLIBRC),
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "RAYON_NUM_THREADS": "1",  # of diff-diff's backend: its last digits follow the number of threads
    "ARROW_DEFAULT_MEMORY_POOL": "system",  # jemalloc keeps 40 MB of what reading the panel took
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "JUPYTER_PREFER_ENV_PATH": "1",
    "JUPYTER_NO_CONFIG": "1",
}
"""Variables of every process, whatever those of the caller: neither bytes nor speed depend on them."""

PASSED = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH", "LD_PRELOAD", "DYLD_LIBRARY_PATH",
    "SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA",
})  # fmt: skip
"""Variables of the caller that are passed on: where things are on this machine, and how programs are loaded."""

PROCESSOR = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
"""Variables of the caller by which OpenBLAS is told what the processor is, where it would compute wrongly by itself."""

OURS = "PACTE_"
"""How the names of this project's own variables begin."""


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The whole environment of a process, with what it is told besides."""
    known = {*PASSED, *PROCESSOR}
    passed = {k: v for k, v in os.environ.items() if k in known or k.startswith(OURS)}
    return {**passed, **_package(), **FIXED, **(more or {})}


@cache
def _package() -> dict[str, str]:
    """Where this package is, for an interpreter that would find none by itself, or another copy."""
    folder = str(Path(__file__).resolve().parents[2])
    installed = {str(Path(sysconfig.get_path(kind)).resolve()) for kind in ("purelib", "platlib")}
    return {} if folder in installed else {"PYTHONPATH": folder}


def command(module: str, *words: str, places: Sequence[str] = ()) -> list[str]:
    """The words that run ``main`` of a module in an interpreter of its own, on whose path ``places`` come last."""
    code = f"import sys; sys.path += {list(places)!r}; from {module} import main; main()"
    return [sys.executable, "-P", "-c", code, *words]


def places(target: Callable) -> list[str]:
    """The folder of the package of a function, for a process that would not find it by itself.

    It comes last there, so that nothing in it stands before a library.
    """
    top = sys.modules.get(target.__module__.partition(".")[0])
    file = getattr(top, "__file__", None)
    if file is None or top is sys.modules.get(__package__.partition(".")[0]):
        return []
    return [str(Path(file).parents[1 if hasattr(top, "__path__") else 0])]
