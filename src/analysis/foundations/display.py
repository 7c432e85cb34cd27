"""What a person at work sees of the package: short representations, that something takes time, errors that say the remedy.

Results of every layer derive from ``Brief``, which shows them on a line, and in a notebook as a list of their fields.
Errors whose message is enough derive from ``Refusal``: a person reads the message and the line that caused it, not forty
lines of traceback. ``waiting`` says what is being done when it takes long.

Errors and waiting are for a person who is there (``attended``): a notebook that papermill runs for a report is given
neither, so its outputs depend on nothing but its inputs, and an error kept beside a report has its whole traceback.

The lowest layer: it imports nothing of the package and knows no figure. The words of reports are not here (``narrative``).
"""

from __future__ import annotations

import codecs
import errno
import io
import linecache
import os
import sys
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import Field
from html import escape
from numbers import Real
from time import perf_counter
from types import TracebackType
from typing import Any, ClassVar

ITEMS = 6
"""Members of a collection that are written out; of more, the first and their number."""

LENGTH = 80
"""Characters of a text that are written out."""

LINES = 10
"""Lines of a list that an error holds at most."""

PATIENCE = 1.0
"""Seconds before a person is told what is being waited for."""


def attended() -> bool:
    """Whether a person is there: at a terminal, or in a notebook whose front end can be asked for an answer.

    papermill, nbconvert and the engine of the reports run cells for nobody, and say so: they take no input.
    """
    shell = _shell()
    kernel = getattr(shell, "kernel", None)
    if shell is not None and kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", False))
    return sys.stderr is not None and sys.stderr.isatty()


def _shell() -> object | None:
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", None)
    return get_ipython() if get_ipython else None


@contextmanager
def waiting(what: str, patience: float = PATIENCE) -> Iterator[None]:
    """Tell a person what is being done, if it takes longer than ``patience`` seconds, and at the end how long it took."""
    if not attended():
        yield
        return
    stream = sys.stdout if getattr(_shell(), "kernel", None) else sys.stderr
    said = threading.Event()

    def tell() -> None:
        said.set()
        print(f"{what}…", end="", file=stream, flush=True)

    timer, started = threading.Timer(patience, tell), perf_counter()
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        if said.is_set():
            print(f" {perf_counter() - started:.0f} s", file=stream, flush=True)


_told: set[str] = set()


def note(text: str) -> None:
    """Tell a person something about how things are done, once, on a line of its own: at a notebook or on standard error."""
    shell = _shell()
    if text in _told or sys.stderr is None or (shell is not None and not attended()):
        return
    _told.add(text)
    print(text, file=sys.stdout if getattr(shell, "kernel", None) else sys.stderr, flush=True)


# ------------------------------------------------------------------------------------------------------------ output

BROKEN_PIPE = 141
"""Exit code of a command whose reader has left (128 + SIGPIPE, as a shell has it)."""

_PLAIN = {
    "’": "'",
    "«": '"',
    "»": '"',
    "–": "-",
    "—": "-",
    "…": "...",
    "œ": "oe",
    "Œ": "OE",
    "€": "EUR",
    "×": "x",
    "→": "->",
    "−": "-",
}


class _Unwritable(Exception):
    """Standard output could not be written: no mistake of what was being said, and none of the files' that were written."""


class _Output(io.TextIOWrapper):
    """Standard output whose failures are told from those of any other file."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except OSError as error:
            raise _Unwritable(error.errno, error.strerror) from error

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            raise _Unwritable(error.errno, error.strerror) from error


@contextmanager
def output() -> Iterator[None]:
    """Standard output and error of a command, on whatever they are written.

    What a terminal cannot show is written in plain letters. When standard output is full, or its reader has left, the
    command ends with a line on standard error, and exit code 1 or ``BROKEN_PIPE``.
    """
    codecs.register_error("plain", _in_plain_letters)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="plain")
    if isinstance(sys.stdout, io.TextIOWrapper):
        said = sys.stdout
        sys.stdout = _Output(said.buffer, said.encoding, "plain", line_buffering=said.line_buffering)
    try:
        try:
            yield
        finally:
            if sys.stdout is not None:
                sys.stdout.flush()
    except _Unwritable as error:
        raise SystemExit(_leave(*error.args)) from None


def _leave(number: int, reason: str) -> int:
    """Say that standard output cannot be written, and write no more there; the exit code."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    gone = number == errno.EPIPE
    words = "whoever read the output has left" if gone else f"the output cannot be written ({reason})"
    with suppress(OSError):
        print(f"pacte: {words}; the rest was not said", file=sys.stderr, flush=True)
    return BROKEN_PIPE if gone else 1


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    """A codec's answer to characters that it lacks: the letters without their accents."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = "".join(_PLAIN.get(c, c) for c in error.object[error.start : error.end])
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c if c.isascii() else "?" for c in plain if not unicodedata.combining(c)), error.end


# ------------------------------------------------------------------------------------------------------------ errors


class Refusal(Exception):
    """An error whose message says what is wrong and the remedy: a person at a notebook needs no more than that.

    IPython shows what ``_render_traceback_`` returns, where there is one: there is when a person is there.
    ``%debug`` still opens the place of the error.
    """

    def __str__(self) -> str:
        """The message as it is: a ``KeyError`` among the bases would put it in quotes."""
        return str(self.args[0]) if self.args else ""

    @property
    def _render_traceback_(self) -> Callable[[], list[str]]:
        if not attended():
            raise AttributeError("nobody is there to read a shortened error")
        return self._shortened

    def _shortened(self) -> list[str]:
        return [f"{type(self).__name__}: {self}", *_own_line(self.__traceback__)]


def _own_line(traceback: TracebackType | None) -> list[str]:
    """The last line of the person's own code that a traceback goes through."""
    found = []
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals.get("__name__") == "__main__":
            source = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
            found = [f"  line {traceback.tb_lineno}: {source}"] if source else []
        traceback = traceback.tb_next
    return found


def shown(value: object) -> str:
    """What was written, short enough for a message."""
    text = str(value) if isinstance(value, Real) else repr(value)
    return text if len(text) <= 62 else f"{text[:60]}…"


def listed(names: Iterable[object], most: int = LINES) -> str:
    """Names in a message, the first ten."""
    texts = [str(name) for name in names]
    return (", ".join(texts[:most]) or "none") + (f" … {len(texts)} in all" if len(texts) > most else "")


def nearest(word: object, known: Iterable[object], most: int = 3, likeness: float = 0.6) -> list[str]:
    """The known words that a word is most like, the most alike first; none when none is."""
    from difflib import get_close_matches

    return get_close_matches(str(word)[:80], [str(one) for one in known], most, likeness)


def hint(word: object, known: Iterable[object], others: str = "") -> str:
    """The end of a refusal: the known words that are nearest.

    Where none is near, nothing; or what the known ones are, under the name that ``others`` gives them.
    """
    known = list(known)
    if near := nearest(word, known):
        return f"; did you mean {', '.join(near)}?"
    return f"; {others}: {listed(known)}" if others else ""


class UnknownName(Refusal, AttributeError):
    """A name that is asked of a thing that has not; the message gives the nearest."""


class UnknownLanguage(Refusal, ValueError):
    """A language that the project does not speak."""


# --------------------------------------------------------------------------------------------------- representations


class Brief:
    """A dataclass that is shown by its fields, each in a few words; declare it with ``repr=False``."""

    __slots__ = ()
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={_cut(text)}" for name, text in self._fields())
        return f"{type(self).__name__}({fields})"

    def _repr_html_(self) -> str:
        return listing(type(self).__name__, self._fields())

    def _fields(self) -> list[tuple[str, str]]:
        shown = (name for name, field in self.__dataclass_fields__.items() if field.repr)
        return [(name, short(getattr(self, name))) for name in shown]


def short(thing: Any) -> str:
    """Anything in a few words: four significant digits, the first members of a collection, the extent of an array."""
    if isinstance(thing, bool) or thing is None:
        return str(thing)
    if isinstance(thing, str):
        return repr(_cut(thing))
    if hasattr(thing, "dtype") and hasattr(thing, "shape"):
        return _array(thing) if thing.shape else _number(thing.item())
    if hasattr(thing, "columns") and hasattr(thing, "shape"):
        return f"<{thing.shape[0]} × {thing.shape[1]}: {_few([str(name) for name in thing.columns])}>"
    if isinstance(thing, int | float):
        return _number(thing)
    if isinstance(thing, Mapping):
        return f"{{{_few([f'{key}: {short(value)}' for key, value in thing.items()])}}}"
    if isinstance(thing, Sequence | frozenset | set) and not isinstance(thing, bytes | bytearray):
        return f"({_few([short(member) for member in thing])})"
    return repr(thing)


def _cut(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}…"


def _number(value: float) -> str:
    return f"{value:.4g}" if isinstance(value, float) and abs(value) < 10_000 else f"{value:,.0f}"


def _array(values: Any) -> str:
    """An array or a column: how many numbers, and between which."""
    extent = " × ".join(str(n) for n in values.shape)
    if values.dtype.kind in "iuf":
        flat = values.to_numpy() if hasattr(values, "to_numpy") else values
        if known := [x for x in flat.ravel().tolist() if x == x]:
            return f"<{extent}: {_number(min(known))} to {_number(max(known))}>"
    return f"<{extent}>"


def _few(texts: Sequence[str]) -> str:
    rest = f", … {len(texts)} in all" if len(texts) > ITEMS else ""
    return ", ".join(texts[:ITEMS]) + rest


def capped(lines: Iterable[str], limit: int = LINES) -> list[str]:
    """The first lines of a list that may be long, and how many more there are: ``limit`` lines at most."""
    found = list(lines)
    return found if len(found) <= limit else [*found[: limit - 1], f"… and {len(found) - limit + 1:,} more"]


def listing(title: str, pairs: Iterable[tuple[object, object]]) -> str:
    """A title, then names with what is said of each, as the HTML of a notebook's output. Everything is escaped."""
    rows = "".join(f"<li><code>{escape(str(name))}</code> {escape(str(text))}</li>" for name, text in pairs)
    return f"<p><strong>{escape(title)}</strong></p><ul>{rows}</ul>"
