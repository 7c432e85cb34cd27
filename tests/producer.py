"""A producer in miniature, for the tests of fetching and importing: a dataset of ours, and a server of its files."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd

from analysis.data.sources.base import Dataset
from analysis.data.sources.remote import Remote
from analysis.foundations.cells import figures, numbers, require_columns
from analysis.foundations.connectors.connector import Newest
from analysis.foundations.published import read_csv

NAME = "fake/domiciled"
FILE = "domiciled_2024.csv"
SAID = Newest("of 2024")
CONTENT = b"dep;year;people\n67;2023;1200\n67;2024;1250\n2A;2024;80\n"


def load(paths) -> pd.DataFrame:
    """People with a domiciliation, from `dep;year;people`."""
    published = read_csv(paths[0], ";")
    require_columns(published, ("dep", "year", "people"), paths[0].name)
    return figures(
        pd.DataFrame(
            {
                "territory": published["dep"],
                "period": published["year"],
                "indicator": "count_domiciled_people",
                "value": numbers(published["people"], paths[0].name),
            }
        )
    )


@dataclass(frozen=True)
class Plain:
    """A connector of one file at one address, which says nothing of its vintages but what it is given to say."""

    url: str
    name: str = FILE
    said: Newest = SAID

    @property
    def host(self) -> str:
        return str(urlsplit(self.url).hostname)

    def newest(self, client) -> Newest:
        return self.said

    def fetch(self, client, folder) -> list[Path]:
        return [client.save(self.url, folder / self.name)]


def dataset(*urls: str, name: str = NAME, files=(FILE,), said=SAID, more=None, **changes) -> Dataset:
    """A dataset that `load` reads, with or without addresses; ``more`` is said of how it is fetched."""
    facts = {
        "producer": "P", "title": "T", "url": "https://producer.example/page", "licence": "Licence", "vintage": "of 2024",
        "perimeter": "x", "load": load,
    }  # fmt: skip
    plain = tuple(Plain(url, file, said) for url, file in zip(urls, files, strict=False))
    remote = Remote(plain, **more or {}) if plain else None
    return Dataset(name=name, files=tuple(files), remote=remote, **facts | changes)


@dataclass
class Producer:
    """What a server answers: a body by path, a status by path, paths whose answer breaks off, and how often it was asked."""

    port: int
    bodies: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)

    def url(self, path: str = FILE) -> str:
        """The address of a file here."""
        return f"http://127.0.0.1:{self.port}/{path}"


@contextmanager
def serving() -> Iterator[Producer]:
    """A server on a free port of this machine, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            producer.asked.append(path)
            body = producer.bodies.get(path, b"")
            self.send_response(producer.statuses.get(path, 200 if path in producer.bodies else 404))
            self.send_header("Content-Length", str(len(body) + (1000 if path in producer.broken else 0)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    producer = Producer(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield producer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def silent_url() -> str:
    """An address of this machine where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/{FILE}"


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its content, to see that nothing changed."""
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()
    }
