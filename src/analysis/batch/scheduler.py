"""The scheduler of a Dask cluster: reached, asked, and told to clear up, each within a limit of time.

Whatever listens at an address may be something else, or say nothing at all, and Dask waits for ever. Reports are not known
here.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from distributed import Client, SchedulerPlugin, Security
from distributed.comm.core import connect

from analysis.foundations.files import DataError


class ClusterError(DataError):
    """The cluster cannot be reached, has no worker, or cannot make these reports; the message gives the remedy."""


class Clearing(SchedulerPlugin):
    """On the scheduler: closes a plugin when the command that opened it is gone, however it ended."""

    def __init__(self, client: str, plugin: str) -> None:
        self.client, self.name = client, plugin

    def remove_client(self, scheduler: Any, client: str) -> None:
        """Close the plugin of this client, then leave."""
        if client == self.client:
            self._task = asyncio.ensure_future(self._clear(scheduler))

    async def _clear(self, scheduler: Any) -> None:
        with suppress(ValueError):  # it was closed before
            await scheduler.unregister_worker_plugin(comm=None, name=self.name)
        with suppress(ValueError):
            scheduler.remove_plugin(self.name)


def connected(address: str, patience: float) -> Client:
    """A client of the scheduler at an address, which is given so many seconds; ClusterError when none answers there."""
    # What matters of a lost connection is said here, without a traceback.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        asyncio.run(asyncio.wait_for(_greet(address, patience), patience))
        return within(2 * patience, Client, address, timeout=patience, name="pacte", set_as_default=False)
    except Exception as error:  # anything may be listening there, and answer anything
        reason = f"{type(error).__name__}: {str(error) or f'nothing was said in {patience:g} s'}"
        raise ClusterError(
            f"no Dask scheduler answers at {address} ({reason}): start one with `dask scheduler`, "
            "and give the address that it says, such as tcp://127.0.0.1:8786"
        ) from error


async def _greet(address: str, patience: float) -> None:
    """Ask who is there, and leave. A Client that cannot connect would hold the command for long before it lets it end, and
    what listens and says nothing, for ever.
    """
    comm = await connect(address, timeout=patience, **Security().get_connection_args("client"))
    try:
        await comm.write({"op": "identity", "reply": True})
        found = await comm.read()
    finally:
        comm.abort()
    if not isinstance(found, Mapping) or found.get("type") != "Scheduler":
        raise ValueError("what answers there is no scheduler")


def within(seconds: float, do: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """What Dask answers, which waits for ever by itself; TimeoutError after so many seconds."""
    answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put((do(*args, **more), None))
        except BaseException as error:
            answers.put((None, error))

    threading.Thread(target=ask, daemon=True).start()
    try:
        found, error = answers.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"no answer in {seconds:g} s") from None
    if error is not None:
        raise error
    return found
