"""Published files from their producers: download with pooch, verify, keep in a cache outside the project.

``fetch`` brings the files of a dataset into the cache and says whether they are those that the sidecar records; the
caller imports them. Nothing is written under ``data/raw`` from here, and nothing at all when a producer cannot be
reached or answers with something else than a file. Each version that a producer publishes is kept in a folder of its
own, named after its checksum: a new one never takes the place of a known one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from logging import Logger
from pathlib import Path
from urllib.parse import urlsplit

from analysis.data.sources.base import Dataset
from analysis.foundations import places
from analysis.foundations.files import sha256_of
from analysis.foundations.limits import MAX_BYTES, SourceError, too_large
from analysis.foundations.published import is_web_page

TIMEOUT = (10, 60)
"""Seconds before a producer that does not accept a connection, then one that falls silent, is given up."""


class _Counted:
    """Counts what arrives, where pooch would draw a bar, and stops a file that is larger than those that are read."""

    total = 0

    def __init__(self, where: str) -> None:
        self.where, self.arrived = where, 0

    def update(self, size: int) -> None:
        self.arrived += size
        if (size := max(self.arrived, self.total)) > MAX_BYTES:
            raise too_large(self.where, size, MAX_BYTES, "bytes or more")

    def reset(self) -> None:
        self.arrived = self.total = 0

    def close(self) -> None:
        self.reset()


class Unreachable(SourceError):
    """A producer's address could not be reached: one line, and nothing has changed. ``host`` is the machine."""

    def __init__(self, message: str, host: str) -> None:
        super().__init__(message)
        self.host = host


@dataclass(frozen=True)
class Fetched:
    """Files of a dataset as downloaded, their sha256, and whether each is the one already known."""

    paths: tuple[Path, ...]
    sha256: tuple[str, ...]
    known: tuple[bool, ...]

    @property
    def changed(self) -> bool:
        """Whether the producer publishes something else than what the sidecar records."""
        return not all(self.known)


def host(dataset: Dataset) -> str:
    """The machine that a dataset's files come from; empty when it has no address."""
    return (urlsplit(dataset.download[0]).hostname or "") if dataset.download else ""


def no_address(dataset: Dataset) -> SourceError:
    """Why a dataset cannot be fetched, and how to have it all the same."""
    return SourceError(
        f"{dataset.name} has no stable address. Get {', '.join(dataset.files)} from {dataset.url} and import it with "
        "`pacte data import PATH`"
    )


def fetch(dataset: Dataset, folder: Path, known_sha256: Sequence[str] = ()) -> Fetched:
    """Download the published files of a dataset into ``folder``.

    Args:
        dataset: one with ``download`` addresses; SourceError otherwise, naming the page where to get the file by hand.
        folder: where the files go, each version in a folder of its own, under the name that the loader expects.
        known_sha256: checksums recorded in the sidecar; used to tell what changed.

    Raises Unreachable when an address gives no answer, SourceError when it gives something else than a file.
    """
    if not dataset.download:
        raise no_address(dataset)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".incoming-") as incoming:
        arrived = [
            _retrieve(dataset.name, url, Path(incoming), name)
            for url, name in zip(dataset.download, dataset.files, strict=True)
        ]
        sha256 = tuple(sha256_of(path.read_bytes()) for path in arrived)
        paths = tuple(_keep(path, folder / key[:16]) for path, key in zip(arrived, sha256, strict=True))
    return Fetched(paths, sha256, tuple(key in known_sha256 for key in sha256))


def _keep(arrived: Path, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return arrived.replace(folder / arrived.name)


def _retrieve(dataset: str, url: str, folder: Path, name: str) -> Path:
    import pooch
    import requests

    address = urlsplit(url)
    if address.scheme != "https" and address.hostname not in ("127.0.0.1", "localhost", "::1"):
        raise SourceError(f"{dataset}: {url} is not an https address")
    downloader = pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=_Counted(f"{dataset}: {url}"))
    try:
        with _quiet(pooch.get_logger()):
            pooch.retrieve(url, known_hash=None, fname=name, path=folder, downloader=downloader)
    except requests.exceptions.HTTPError as error:
        code = "with an error" if error.response is None else error.response.status_code
        raise SourceError(f"{dataset}: {url} answered {code}; nothing has changed") from error
    except requests.exceptions.RequestException as error:
        raise Unreachable(
            f"{dataset}: {address.hostname} cannot be reached ({type(error).__name__}); nothing has changed",
            str(address.hostname),
        ) from error
    return _checked(dataset, url, folder / name)


def _checked(dataset: str, url: str, path: Path) -> Path:
    """What arrived, unless it is nothing or the page that a site shows in place of a file."""
    content = path.read_bytes()
    if not content.strip():
        raise SourceError(f"{dataset}: {url} gave an empty file; nothing has changed")
    if is_web_page(content):
        raise SourceError(f"{dataset}: {url} gave a web page, not a file; nothing has changed")
    return path


@contextmanager
def _quiet(logger: Logger) -> Iterator[None]:
    """Keep pooch's own log lines (which advise on hashes) out of ours."""
    level = logger.level
    logger.setLevel("ERROR")
    try:
        yield
    finally:
        logger.setLevel(level)


def cache_folder() -> Path:
    """Where downloaded files are kept: ``PACTE_CACHE`` when set, else the user's cache folder."""
    return places.cache()
