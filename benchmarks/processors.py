"""Kinds of processors that this machine can pass for: what libraries are told, in variables, to do without.

Used by ``identity``, for whole editions, and by tests, for the numbers behind them.

OpenBLAS, which multiplies and inverts matrices for NumPy, SciPy and diff-diff, takes the kernels of a kind of processor;
NumPy does without instructions for its own loops; the C library likewise for exp and log; diff-diff has a compiled part.
Each kind is a combination of all of them, so that few processes try every one.
"""

import os
import platform
from collections.abc import Mapping
from pathlib import Path

NEEDED: Mapping[str, frozenset[str]] = {
    "Nehalem": frozenset({"sse4_2"}),
    "Sandybridge": frozenset({"avx"}),
    "Haswell": frozenset({"avx2", "fma"}),
    "SkylakeX": frozenset({"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"}),
}
"""Instructions, as Linux names them, that the kernels of each kind of processor use."""

_OLD = ("Nehalem", "Sandybridge")
_TUNED = "glibc.cpu.hwcaps=-AVX,-AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL"
VARIABLES = (
    "DIFF_DIFF_BACKEND", "GLIBC_TUNABLES", "NPY_DISABLE_CPU_FEATURES", "OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE",
)  # fmt: skip
"""What is set to pass for a kind of processor."""


def why_not(kind: str) -> str | None:
    """Why this machine cannot pass for a kind of processor; None when it can."""
    path = Path("/proc/cpuinfo")
    if platform.machine() not in ("x86_64", "AMD64") or not path.exists():
        return f"this is no x86-64 machine under Linux ({platform.machine()}), the only one that can pass for another"
    line = next((x for x in path.read_text().splitlines() if x.startswith("flags")), "")
    lacking = sorted(NEEDED[kind] - set(line.split()))
    return f"this processor lacks {', '.join(lacking)}, which {kind} has" if lacking else None


def environment(kind: str, compiled: bool) -> dict[str, str]:
    """The variables under which a process computes as on that kind of processor.

    Args:
        kind: one of ``NEEDED``. compiled: whether diff-diff has its compiled part.
    """
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    chosen = {"OPENBLAS_CORETYPE": kind, "OPENBLAS_L2_SIZE": "256" if kind in _OLD else "1024"}
    if kind in _OLD:
        chosen |= {"NPY_DISABLE_CPU_FEATURES": " ".join(_dispatched(kind)), "GLIBC_TUNABLES": _TUNED}
    return kept | chosen | {"DIFF_DIFF_BACKEND": "auto" if compiled else "python"}


def _dispatched(kind: str) -> list[str]:
    """Instructions that NumPy would choose here and that a kind of processor does not have."""
    from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

    has = ("SSSE3", "SSE41", "POPCNT", "SSE42", "X86_V2") + (("AVX", "F16C") if kind == "Sandybridge" else ())
    return [name for name in __cpu_dispatch__ if __cpu_features__.get(name) and name not in has]
