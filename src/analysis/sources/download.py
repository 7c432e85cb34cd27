"""Published files from their producers: download with pooch, verify, keep in a cache outside the project.

``fetch`` brings the files of a dataset into the cache and says whether they are those that the sidecar records; the
caller imports them. Nothing is written under ``data/raw`` from here, and nothing at all when a producer cannot be
reached. A file whose content changed at its producer is kept beside the known one, never over it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from analysis.catalogue import sha256_of
from analysis.sources.base import Dataset, SourceError

TIMEOUT = 60
"""Seconds before a producer that does not answer is given up."""


class Unreachable(SourceError):
    """The producer's address could not be reached: one line, and nothing has changed."""


@dataclass(frozen=True)
class Fetched:
    """Files of a dataset as downloaded, and whether each is the one already known (same sha256)."""

    paths: tuple[Path, ...]
    known: tuple[bool, ...]

    @property
    def changed(self) -> bool:
        """Whether the producer publishes something else than what the sidecar records."""
        return not all(self.known)


def fetch(dataset: Dataset, folder: Path, known_sha256: Sequence[str] = ()) -> Fetched:
    """Download the published files of a dataset into ``folder``.

    Args:
        dataset: one with ``download`` addresses; SourceError otherwise, naming the page where to get the file by hand.
        folder: where the files go, each under the name that the loader expects.
        known_sha256: checksums recorded in the sidecar; used to tell what changed.

    Raises Unreachable when an address gives no answer, SourceError when it gives something else than a file.
    """
    if not dataset.download:
        raise SourceError(
            f"{dataset.name}: the producer offers no stable address for this file. Download it from {dataset.url} "
            "and import it with `pacte data import PATH`"
        )
    folder.mkdir(parents=True, exist_ok=True)
    paths = tuple(
        _retrieve(dataset.name, url, folder, name) for url, name in zip(dataset.download, dataset.files, strict=True)
    )
    known = tuple(sha256_of(path.read_bytes()) in known_sha256 for path in paths)
    return Fetched(paths, known)


def _retrieve(dataset: str, url: str, folder: Path, name: str) -> Path:
    import pooch
    import requests

    target = folder / name
    if urlsplit(url).scheme not in ("https", "file") and not _is_loopback(url):
        raise SourceError(f"{dataset}: {url} is not an https address")
    target.unlink(missing_ok=True)
    try:
        downloader = _downloader(pooch, url)
        with _quiet(pooch):
            pooch.retrieve(url, known_hash=None, fname=target.name, path=folder, downloader=downloader)
    except requests.exceptions.HTTPError as error:
        raise SourceError(f"{dataset}: {url} answered {error.response.status_code}; nothing has changed") from error
    except (requests.exceptions.RequestException, OSError) as error:
        host = urlsplit(url).hostname
        raise Unreachable(
            f"{dataset}: {host} cannot be reached ({type(error).__name__}); nothing has changed"
        ) from error
    if target.stat().st_size == 0:
        raise SourceError(f"{dataset}: {url} gave an empty file; nothing has changed")
    return target


def _downloader(pooch, url: str):
    return pooch.HTTPDownloader(timeout=TIMEOUT, progressbar=False) if url.startswith("http") else None


def _is_loopback(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


class _quiet:  # noqa: N801 - reads as a statement
    """Keep pooch's own log lines (which advise on hashes) out of ours."""

    def __init__(self, pooch) -> None:
        self._logger = pooch.get_logger()

    def __enter__(self) -> None:
        self._level = self._logger.level
        self._logger.setLevel("ERROR")

    def __exit__(self, *_: object) -> None:
        self._logger.setLevel(self._level)


def cache_folder() -> Path:
    """Where downloaded files are kept: ``PACTE_CACHE`` when set, else the user's cache folder."""
    import pooch

    return Path(os.environ.get("PACTE_CACHE") or pooch.os_cache("pacte-evaluation"))
