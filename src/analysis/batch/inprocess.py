"""The cells of a notebook run in this process, with the messages that a kernel would send.

The shell is ipykernel's own, whose channel to the outside is replaced by a recorder: it formats, displays and reports
errors with the code that JupyterLab runs. nbclient's own code turns those messages into outputs. What differs from a
kernel is only that no other process, no socket and no thread is there.

It must be called once in a process (see ``pool``): a shell, its streams and its namespace are the process's.
"""

from __future__ import annotations

import asyncio
import builtins
import io
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from ipykernel.compiler import XCachingCompiler
from ipykernel.zmqshell import ZMQInteractiveShell
from IPython.core.error import StdinNotImplementedError
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.profiledir import ProfileDir
from jupyter_client.session import Session
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from nbformat import NotebookNode, v4
from papermill.clientwrap import PapermillNotebookClient
from traitlets.config import Config

from analysis.batch.cells import be_strict
from analysis.batch.child import kept_errors
from analysis.reports import outputs


class Recorder(Session):
    """Stands for the channel of a kernel: hands each message to ``receive`` instead of sending it."""

    receive: Callable[[dict], object] | None = None

    def send(  # type: ignore[override] # jupyter's takes more, which nothing here gives
        self,
        stream: object,
        msg_or_type: object,
        content: dict | None = None,
        parent: dict | None = None,
        **_: object,
    ):
        """Hand over a message given whole, or by type and content."""
        message = (
            msg_or_type
            if isinstance(msg_or_type, dict)
            else self.msg(str(msg_or_type), content or {}, parent=parent)
        )
        if self.receive is not None:
            self.receive(message)
        return message


class Stream(io.TextIOBase):
    """Stands for sys.stdout or sys.stderr: keeps what is written, and what the process writes below Python, until asked.

    Args:
        name: ``stdout`` or ``stderr``.
        descriptor: the raw file descriptor of that stream, which is redirected while the stream is open.
        emit: called with the name and the text at each flush.
    """

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, descriptor: int, emit: Callable[[str, str], object]) -> None:
        super().__init__()
        self.name = name
        self._descriptor = descriptor
        self._emit = emit
        self._pieces: list[str] = []
        self._room = 0
        # Open as long as the stream; what a library says as it dies is found there (``deaths``).
        self._raw = kept_errors(name) or tempfile.TemporaryFile()  # noqa: SIM115
        self._saved = os.dup(descriptor)
        os.dup2(self._raw.fileno(), descriptor)

    def write(self, text: str) -> int:
        """Keep text until the next flush."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self._room > 0:
            self._collect()
            self._keep(text)
        return len(text)

    def begin(self) -> None:
        """A cell begins, or clears what it wrote: as much as a page shows can be written again."""
        self._room = outputs.TEXT + 1  # one more, by which it is seen that there was more

    def _keep(self, text: str) -> None:
        if self._room > 0:
            self._pieces.append(text[: self._room])
            self._room -= len(self._pieces[-1])

    def _collect(self) -> None:
        """Take what was written below Python since the last time, so that it keeps its place."""
        if os.fstat(self._raw.fileno()).st_size:
            self._raw.seek(0)
            self._keep(self._raw.read(4 * outputs.TEXT).decode("utf-8", "replace"))
            self._raw.seek(0)
            self._raw.truncate()

    def flush(self) -> None:
        """Emit what was written since the last time, if anything."""
        if self._raw.closed:
            return
        self._collect()
        text = "".join(self._pieces)
        self._pieces.clear()
        if text:
            self._emit(self.name, text)

    def fileno(self) -> int:
        """The redirected descriptor, for those who write below Python."""
        return self._descriptor

    def writable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Nothing but a flush: a cell that closes the stream would have what it prints afterwards lost."""
        self.flush()

    def restore(self) -> None:
        """Give the descriptor back."""
        os.dup2(self._saved, self._descriptor)
        os.close(self._saved)
        self._raw.close()


class _TimeUp(BaseException):
    """Raised in a cell that has run for too long; not an Exception, so that a cell does not catch it by mistake."""


@contextmanager
def _limited(seconds: float | None) -> Iterator[None]:
    """Raise _TimeUp in the block after some seconds, where the system has alarms."""
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return

    def stop(*_: object) -> None:
        raise _TimeUp

    handler = signal.signal(signal.SIGALRM, stop)
    before, _ = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, before)


@contextmanager
def _shell(recorder: Recorder) -> Iterator[ZMQInteractiveShell]:
    """A new shell with an empty namespace, no history on disk and no configuration of the user's."""
    if InteractiveShell.initialized():
        raise RuntimeError(
            "an IPython shell runs in this process already: use `pacte report`, which makes a process for each"
        )
    config = Config()
    config.HistoryManager.enabled = False
    config.HistoryManager.hist_file = ":memory:"
    main = sys.modules.get("__main__")
    with tempfile.TemporaryDirectory() as folder:
        profile = ProfileDir.create_profile_dir(folder)
        shell = ZMQInteractiveShell.instance(
            config=config, profile_dir=profile, ipython_dir=folder, compiler_class=XCachingCompiler
        )
        shell.enable_gui = lambda gui=None: None  # type: ignore[method-assign] # there is no event loop
        said: tuple[Any, Any] = (shell.displayhook, shell.display_pub)  # ipykernel's, which have a session
        for one in said:
            one.session = recorder
        be_strict(shell)
        try:
            yield shell
        finally:
            ZMQInteractiveShell.clear_instance()
            if main is not None:
                sys.modules["__main__"] = main


def _no_input(prompt: object = "") -> str:
    raise StdinNotImplementedError("a report asks nobody: give it a parameter instead of input()")


@contextmanager
def _streams(emit: Callable[[str, str], object]) -> Iterator[tuple[Stream, ...]]:
    before = sys.stdout, sys.stderr
    for stream in before:
        stream.flush()
    ours = Stream("stdout", 1, emit), Stream("stderr", 2, emit)
    sys.stdout, sys.stderr = ours
    asked, builtins.input = builtins.input, _no_input
    try:
        yield ours
    finally:
        sys.stdout, sys.stderr = before
        builtins.input = asked
        for stream in ours:
            stream.restore()


class InProcessClient(PapermillNotebookClient):  # type: ignore[misc] # papermill says no types
    """nbclient's and papermill's bookkeeping of cells and outputs around a shell of this process."""

    def execute(self, **kwargs: object):
        """Run every cell until one fails, as papermill does; return the notebook."""
        self.reset_execution_trackers()
        self._process = os.getpid()
        self._recorder = recorder = Recorder(key=b"")
        with _shell(recorder) as self._shell, asyncio.Runner(debug=False) as self._runner:
            self._displays = 0
            formatter: Any = self._shell.display_formatter
            formatter.format = partial(self._formatted, formatter.format)
            with _streams(self._emit) as self._streams:
                self.papermill_execute_cells()
            self.nb.metadata["language_info"] = {
                "name": "python",
                "pygments_lexer": "ipython3",
                "file_extension": ".py",
            }
        return self.nb

    def execute_cell(self, cell, cell_index: int, **_: object):
        """Run one cell. CellExecutionError when it raises, CellTimeoutError when it is too long."""
        tags = cell.metadata.get("tags", [])
        if cell.cell_type != "code" or not cell.source.strip() or self.skip_cells_with_tag in tags:
            return cell
        cell.outputs = []
        self.clear_before_next_output = False
        self._begin()
        self._recorder.receive = lambda message: self._received(message, cell, cell_index)
        try:
            result = self._runner.run(self._run(cell.source))
            error = result.error_before_exec or result.error_in_exec
            cell.execution_count = result.execution_count
        except BaseException as raised:  # what a cell did to the loop, beyond what the shell catches
            error = raised
        if os.getpid() != self._process:
            os._exit(0)  # a copy of this process that a cell made and let run on
        if isinstance(error, _TimeUp):
            raise CellTimeoutError.error_from_timeout_and_cell("cell execution timed out", self.timeout, cell)
        failed = self._failed(cell, error)
        if failed is not None and "raises-exception" not in tags:
            raise CellExecutionError.from_cell_and_msg(cell, dict(failed))
        return cell

    def _begin(self) -> None:
        self._displays = 0
        for stream in self._streams:
            stream.begin()

    def _formatted(
        self, format_: Callable, value: object, *more: object, **chosen: object
    ) -> tuple[dict, dict]:
        """The representations of a value; none, at no cost, once a cell has displayed more than a page shows."""
        return format_(value, *more, **chosen) if self._displays <= outputs.DISPLAYS else ({}, {})

    def _received(self, message: dict, cell: NotebookNode, cell_index: int) -> None:
        """Keep what a cell sends, but for what no page would show of it (see ``outputs``)."""
        kind = message["msg_type"]
        if kind == "clear_output":
            self._begin()
        if kind in ("display_data", "execute_result"):
            self._displays += 1
            if self._displays > outputs.DISPLAYS + 1:
                return
        self.process_message(message, cell, cell_index)

    @staticmethod
    def _failed(cell: NotebookNode, error: BaseException | None) -> NotebookNode | None:
        """The error among the outputs of a cell, which is put there when the cell raised one that is not shown.

        papermill takes a SystemExit of 0 for no failure, whatever it cut: it is told what happened.
        """
        failed = next((out for out in cell.outputs if out.output_type == "error"), None)
        if error is not None and failed is None:
            name, said = type(error).__name__, str(error)
            failed = v4.new_output("error", ename=name, evalue=said, traceback=[f"{name}: {said}"])
            cell.outputs.append(failed)
        if failed is not None and failed.ename == "SystemExit" and failed.evalue in ("", "0"):
            failed.evalue = "code 0"
        return failed

    async def _run(self, source: str):
        """Run code in the running loop, where `await` works and `asyncio.run` does not, as in a kernel.

        The shell's own methods are called, whatever a cell put in their place.
        """
        shell, kind = self._shell, ZMQInteractiveShell
        try:
            transformed, problem = kind.transform_cell(shell, source), None
        except Exception:
            transformed, problem = source, sys.exc_info()
        with _limited(self.timeout):
            if kind.should_run_async(
                shell, source, transformed_cell=transformed, preprocessing_exc_tuple=problem
            ):
                try:
                    result = await kind.run_cell_async(
                        shell,
                        source,
                        store_history=True,
                        transformed_cell=transformed,
                        preprocessing_exc_tuple=problem,
                    )
                finally:
                    shell.events.trigger("post_execute")
                shell.events.trigger("post_run_cell", result)
            else:
                result = kind.run_cell(shell, source, store_history=True)
        for stream in self._streams:  # not those of sys, in place of which a cell may have put others
            stream.flush()
        return result

    def _emit(self, name: str, text: str) -> None:
        self._recorder.send(None, "stream", {"name": name, "text": text})
