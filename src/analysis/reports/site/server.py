"""A site shown on this machine: the folder of an edition over HTTP, to this machine only.

It listens on the loopback address and answers no other name, so that no page of elsewhere can read it. It gives files of the
folder and nothing else: no listing, no hidden file, nothing outside, even through a link. Each page is sent with the policy
that it holds; nothing may frame it, guess its type or keep it.
"""

from __future__ import annotations

import html
import ipaddress
import re
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

from analysis.catalogue import DataError

HOST, PORT = "127.0.0.1", 8017

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


class NotLoopback(DataError):
    """An address that others than this machine could reach."""


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder, to this machine only."""

    server_version, sys_version = "pacte", ""
    extensions_map = TYPES

    def parse_request(self) -> bool:
        """Refuse a request that was not meant for this machine (a name of elsewhere that leads here)."""
        if not super().parse_request():
            return False
        name = urlsplit(f"//{self.headers.get('Host', '')}").hostname or ""
        if name not in ("localhost", HOST, "::1"):
            self.send_error(HTTPStatus.MISDIRECTED_REQUEST)
            return False
        return True

    def send_head(self):
        """The file that was asked for, or an error; an address of a folder without its slash is completed."""
        if self._file() is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def _file(self) -> Path | None:
        """The file behind an address, when it may be shown."""
        parts = [part for part in unquote(urlsplit(self.path).path).split("/") if part]
        if any(part.startswith(".") or "\\" in part or "\0" in part for part in parts):
            return None
        root = Path(self.directory).resolve()
        path = root.joinpath(*parts).resolve()
        if not path.is_relative_to(root):
            return None
        if path.is_dir():
            path = path / "index.html"
        return path if path.is_file() else None

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
            found = _POLICY.search(page.read(_HEAD))
        held = html.unescape(found[1].decode("utf-8")) if found else "default-src 'none'"
        return f"{held}; frame-ancestors 'none'"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is written for each request."""


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
        return ThreadingHTTPServer((host, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise DataError(f"port {port} cannot be used ({error.strerror}); give another with --port") from error


def serve(folder: Path, port: int = PORT, host: str = HOST) -> None:
    """Show a site until interrupted; see ``server``."""
    with server(folder, port, host) as listening:
        listening.serve_forever()
