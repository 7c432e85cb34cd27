"""A site shown on this machine: the folder of an edition over HTTP, to this machine only.

It listens on the loopback address and answers no other name, so that no page of elsewhere can read it. It gives files of the
folder and nothing else: no listing, no hidden file, nothing outside, even through a link. Each page is sent with the policy
that it holds; nothing may frame it, guess its type or keep it. A request is short, and there are few at a time: one that
does not end is closed, one that says what no browser says is answered with a status.
"""

from __future__ import annotations

import html
import ipaddress
import re
import socket
import sys
import threading
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.parse import unquote, urlsplit

from analysis.foundations.files import DataError

HOST, PORT = "127.0.0.1", 8017

IDLE = 15.0
"""Seconds that a connection may be silent."""

LONGEST = 120.0
"""Seconds that a connection may take, asking and answering."""

MOST = 64
"""Connections at a time."""

TYPES = {
    "": "application/octet-stream",
    ".css": "text/css; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".ipynb": "application/x-ipynb+json",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".xml": "application/xml",
}
_CLOSED = "default-src 'none'; frame-ancestors 'none'; sandbox"
_POLICY = re.compile(rb'http-equiv="Content-Security-Policy" content="([^"]*)"')
_HEAD = 4096
_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?", re.IGNORECASE)


class NotLoopback(DataError):
    """An address that others than this machine could reach."""


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder, to this machine only."""

    server_version, sys_version = "pacte", ""
    extensions_map = TYPES
    timeout = IDLE

    def parse_request(self) -> bool:
        """Refuse a request that was not meant for this machine (a name of elsewhere that leads here)."""
        if not super().parse_request():
            return False
        names = self.headers.get_all("Host", [])
        if len(names) != 1 or not _NAMES.fullmatch(names[0].strip()):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return False
        return True

    def send_head(self):
        """The file that was asked for, or an error; an address of a folder without its slash is completed."""
        if self._file() is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def translate_path(self, path: str) -> str:
        """The place of the file that was asked for, or of its folder: never another than ``_file`` allows."""
        return str(self._place() or Path(self.directory) / ".none")

    def _file(self) -> Path | None:
        """The file behind an address, when it may be shown."""
        path = self._place()
        if path is not None and path.is_dir():
            path = self._inside(path / "index.html")
        return path if path is not None and path.is_file() else None

    def _place(self) -> Path | None:
        """What an address names in the folder, when it is there and nothing leads out."""
        try:
            parts = unquote(urlsplit(self.path).path).split("/")
        except ValueError:  # no address
            return None
        if not self.path.startswith("/") or any(part.startswith(".") or "\\" in part for part in parts):
            return None
        place = self._inside(Path(self.directory).joinpath(*filter(None, parts)))
        return None if place is not None and not parts[-1] and not place.is_dir() else place

    def _inside(self, path: Path) -> Path | None:
        """A path, links followed, when it is there and in the folder."""
        try:
            path = path.resolve(strict=True)
        except (OSError, ValueError, RuntimeError):  # not there, too long, no name, a loop of links
            return None
        return path if path.is_relative_to(Path(self.directory).resolve()) else None

    def list_directory(self, path):
        """No folder is listed."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def end_headers(self) -> None:
        """The headers of every answer."""
        self.send_header("Content-Security-Policy", self._policy())
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Resource-Policy", "same-origin")
        self.send_header("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def _policy(self) -> str:
        """The policy that a page holds, with none to frame it; for anything else, nothing is allowed."""
        path = self._file() if getattr(self, "path", None) else None
        if path is None or path.suffix != ".html":
            return _CLOSED
        with path.open("rb") as page:
            match = _POLICY.search(page.read(_HEAD))
        held = html.unescape(match[1].decode("utf-8")) if match else "default-src 'none'"
        return f"{held}; frame-ancestors 'none'"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written for each request."""


class _Server(ThreadingHTTPServer):
    """Answers a few connections at a time, each for a while."""

    daemon_threads = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: dict[socket.socket, float] = {}
        self._changing = threading.Lock()

    def process_request(self, request: Any, client_address: object) -> None:
        """Answer in a thread; close at once what is one too many."""
        with self._changing:
            full = len(self._open) >= MOST
            if not full:
                self._open[request] = monotonic() + LONGEST
        if full:
            self.shutdown_request(request)
        else:
            super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection, and close it."""
        with self._changing:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def service_actions(self) -> None:
        """Between connections: end those that take too long; their thread sees it."""
        with self._changing:
            late = [request for request, end in self._open.items() if end < monotonic()]
        for request in late:
            with suppress(OSError):
                request.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say in a line what went wrong, but for those who left."""
        error = sys.exception()
        if not isinstance(error, OSError):
            print(f"pacte: {type(error).__name__}", file=sys.stderr)


def server(folder: Path, port: int = PORT, host: str = HOST) -> ThreadingHTTPServer:
    """A server of a folder that is ready and does not answer yet; port 0 takes a free one.

    Raises ``NotLoopback`` for an address that others could reach, DataError for a folder that holds no site.
    """
    try:
        loopback = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise NotLoopback(
            f"{host} is not the loopback address: a site is shown to this machine only; use {HOST}"
        )
    if not (folder / "index.html").is_file():
        raise DataError(f"{folder} holds no index.html: build the edition first with `pacte report --all`")
    try:
        return _Server((host, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise DataError(f"port {port} cannot be used ({error.strerror}); give another with --port") from error
