"""What several resources give, brought at the same time into the cache: whole, or not there.

Machines are asked together, each for one resource after the other; one that cannot be reached is asked once. What was cut
stays beside and goes on from there the next time, and what its producer says to be the same as what is there is not asked
for again. It knows a name and connectors, and neither reads nor judges what came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from analysis.foundations import places
from analysis.foundations.connectors.connector import Connector, Newest
from analysis.foundations.files import as_json, sha256_of, write_whole
from analysis.foundations.limits import SourceError
from analysis.foundations.web import Client, Unreachable

AT_ONCE = 8
"""Machines that are asked at the same time."""
_WHOLE = "whole.json"
T = TypeVar("T")


@dataclass(frozen=True)
class Arrived:
    """The files of a resource as its producer gives them, in a folder of their own, and what it says of them."""

    folder: Path
    paths: tuple[Path, ...]
    newest: Newest

    @property
    def sha256(self) -> tuple[str, ...]:
        """The checksum of each file."""
        return tuple(sha256_of(path.read_bytes()) for path in self.paths)

    def alone(self) -> None:
        """Remove what arrived earlier of the same resource."""
        for other in self.folder.parent.iterdir():
            if other != self.folder:
                places.remove(other)


def bring(
    wanted: Mapping[str, Sequence[Connector]],
    client: Client,
    begun: Callable[[str], object] = lambda name: None,
    stop: Callable[[], object] = lambda: None,
) -> Iterator[tuple[str, Arrived | SourceError]]:
    """The name of each resource with what arrived, or why nothing did, in the order in which they are given.

    Args:
        wanted: the connectors of each. client: may ask their machines.
        begun: told, in the thread that asks, of which resource it asks.
        stop: called when the caller goes away, so that what is under way is not waited for.
    """
    yield from _of_each(wanted, client, _ask, begun, stop)


def newest_of(
    wanted: Mapping[str, Sequence[Connector]], client: Client
) -> Iterator[tuple[str, Newest | SourceError]]:
    """The name of each resource with what its producer says of it, or why it said nothing; nothing is brought."""
    yield from _of_each(wanted, client, _newest)


def _of_each(
    wanted: Mapping[str, Sequence[Connector]],
    client: Client,
    asks: Callable[[str, Sequence[Connector], Client], T],
    begun: Callable[[str], object] = lambda name: None,
    stop: Callable[[], object] = lambda: None,
) -> Iterator[tuple[str, T | SourceError]]:
    """What ``asks`` gives of each resource, in the order in which they are given."""
    chains: dict[str, list[str]] = {}
    for name, connectors in wanted.items():
        chains.setdefault(connectors[0].host, []).append(name)
    answers: dict[str, Future[T]] = {name: Future() for name in wanted}
    with ThreadPoolExecutor(min(AT_ONCE, len(chains) or 1)) as pool:
        for chain in chains.values():
            pool.submit(_ask_each, {name: wanted[name] for name in chain}, client, asks, answers, begun)
        try:
            for name in wanted:
                error = answers[name].exception()
                if error is not None and not isinstance(error, SourceError):
                    raise error
                yield name, error or answers[name].result()
        except BaseException:
            stop()
            raise


def _ask_each(
    chain: Mapping[str, Sequence[Connector]],
    client: Client,
    asks: Callable[[str, Sequence[Connector], Client], T],
    answers: Mapping[str, Future[T]],
    begun: Callable[[str], object],
) -> None:
    silent: dict[str, Unreachable] = {}
    for name, connectors in chain.items():
        try:
            if error := next((silent[one.host] for one in connectors if one.host in silent), None):
                raise error
            begun(name)
            answers[name].set_result(asks(name, connectors, client))
        except Unreachable as error:
            silent[error.host] = error
            answers[name].set_exception(error)
        except BaseException as error:
            answers[name].set_exception(error)


def _newest(name: str, connectors: Sequence[Connector], client: Client) -> Newest:
    """What producers say of a resource now."""
    with _told(name, connectors):
        return _latest([one.newest(client) for one in connectors])


def _latest(each: Sequence[Newest]) -> Newest:
    return max(each, key=lambda one: (one.modified or date.min, one.vintage))


def _ask(name: str, connectors: Sequence[Connector], client: Client) -> Arrived:
    """What producers give of a resource now; from the cache when they say that this is still the newest."""
    with _told(name, connectors):
        each = [one.newest(client) for one in connectors]
        folder = places.cache() / "fetched" / name / sha256_of(repr((*connectors, *each)).encode())[:16]
        paths: list[Path] = []
        for number, (connector, said) in enumerate(zip(connectors, each, strict=True)):
            part = folder / str(number)
            paths += (_whole(part) if said.modified else ()) or _fetched(connector, client, part)
    return Arrived(folder, tuple(paths), _latest(each))


def _fetched(connector: Connector, client: Client, folder: Path) -> tuple[Path, ...]:
    """What a connector brings, with a record that tells the next time that it is whole."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(connector.fetch(client, folder))
    record = {path.relative_to(folder).as_posix(): sha256_of(path.read_bytes()) for path in paths}
    write_whole(folder / _WHOLE, as_json({"files": list(record), "sha256": list(record.values())}))
    return paths


@contextmanager
def _told(name: str, connectors: Sequence[Connector]) -> Iterator[None]:
    """What went wrong with a resource, by its name."""
    try:
        yield
    except Unreachable as error:
        raise Unreachable(f"{name}: {error}", error.host) from error
    except (SourceError, OSError) as error:
        raise SourceError(f"{name}: {error}") from error
    except Exception as error:  # an answer of another form than the connector reads
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise SourceError(
            f"{name}: {', '.join(dict.fromkeys(one.host for one in connectors))} answers in a form that the connector does "
            f"not read ({reason}); nothing has changed. The producer may have changed it: compare it with the connector"
        ) from error


def _whole(folder: Path) -> tuple[Path, ...]:
    """The files of an arrival that is whole and as it was; none otherwise."""
    record = places.record(folder / _WHOLE)
    try:
        paths = tuple(folder / name for name in record["files"])
        return paths if [sha256_of(path.read_bytes()) for path in paths] == record["sha256"] else ()
    except (OSError, KeyError, TypeError):
        return ()
