"""The only module that speaks HTTP: what producers' machines answer, patiently asked for and never trusted.

``Client`` asks the machines of its allow-list alone, over https (redirects too; this computer itself may be asked without,
for tests), within the requests that each bears in a minute. What passes (a producer that is busy, silent, or cuts its
answer) is asked again, later each time; what does not is told at once. A body has a limit of size, is what it should be and
whole, or it is refused; a file that a producer can send from the middle is taken up where it was cut. It knows no dataset
and writes nothing but the file that it is asked for, whole, under the name that it is given.
"""

from __future__ import annotations

import ipaddress
import json
import threading
from collections import deque
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from time import monotonic, sleep
from typing import IO, Any, Literal, TypeVar
from urllib.parse import urljoin, urlsplit
from zipfile import is_zipfile

import requests
import tenacity

from analysis.foundations import limits
from analysis.foundations.file_names import shown
from analysis.foundations.limits import SourceError, too_large
from analysis.foundations.published import is_web_page

Kind = Literal["json", "csv", "xml", "file", "page"]
"""What an address is expected to answer: ``page`` alone may be a web page."""

RATES: Mapping[str, int] = {
    "api.insee.fr": 30,
    "bdm.insee.fr": 30,
    "www.insee.fr": 10,
    "data.ademe.fr": 600,
}
"""Requests a minute that a machine bears, as its producer says; ``RATE`` for the others."""
RATE = 60
LEADS_TO: Mapping[str, tuple[str, ...]] = {
    "www.data.gouv.fr": ("static.data.gouv.fr", "object.files.data.gouv.fr")
}
"""Machines of the same producer to which an address of a machine leads."""
AGENT = "pacte-evaluation (research on public data; python-requests)"
TIMEOUT = (10, 60)
"""Seconds before a machine that does not accept a connection, then one that falls silent, is given up."""
LONGEST = 900
"""Seconds that one answer may take in all."""
REDIRECTS = 5
ATTEMPTS = 4
BUSY = 60
"""Seconds to wait where a machine says that it was asked too often (429), and not for how long; ``PATIENCE`` at most."""
PATIENCE = 300
_BLOCK = 1 << 14
_REMEDIES = {
    400: "A column or a value that is asked for may have another name now: compare the connector with the producer's page",
    401: "It wants a key",
    403: "It wants a key, or refuses programs: get the file by hand",
    404: "It was moved or withdrawn: look for it on the producer's page, and write its new address in the connector",
    410: "It was withdrawn: look for what follows it on the producer's page",
    413: "It is too much at once: ask for less in the connector",
    429: "Ask again later",
}
"""What to do about a status of refusal."""

Progress = Callable[[str, int, int | None], None]
"""Told of each block that arrives: the address, the bytes so far, and how many are to come in all, when that is known."""
T = TypeVar("T")


class WebError(SourceError):
    """What came of asking a machine, in one line; nothing was written. ``passing``: it may be otherwise a little later."""

    passing = False


class Unreachable(WebError):
    """A machine gave no answer. ``host`` is its name."""

    passing = True

    def __init__(self, message: str, host: str) -> None:
        super().__init__(message)
        self.host = host


class Refused(WebError):
    """A machine answered that it does not give this. ``status`` is the number by which it says so."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status
        self.passing = status == 429 or status >= 500


class Cut(WebError):
    """A body that ends before its end."""

    passing = True


@dataclass(frozen=True)
class _Asked:
    """One thing that is asked for: its address, with its parameters, and what it should be."""

    url: str
    kind: Kind
    headers: Mapping[str, str]

    @property
    def told(self) -> str:
        """The address as an error names it: without what follows the first letters of a long query."""
        return shown(self.url if len(self.url) <= 160 else f"{self.url[:160]}…")


@dataclass
class _Budget:
    """The requests of the last minute to one machine, and until when it is left in peace."""

    rate: int | None
    starts: deque[float] = field(default_factory=deque)
    held: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, clock: Callable[[], float], wait: Callable[[float], None]) -> None:
        """Wait for the right to one request."""
        with self.lock:
            now = clock()
            while self.starts and now - self.starts[0] >= 60:
                self.starts.popleft()
            full = self.rate and len(self.starts) >= self.rate
            until = max(self.held, self.starts[-self.rate] + 60 if self.rate and full else 0)
            if until > now:
                wait(until - now)
            self.starts.append(max(until, clock()))


class Client:
    """Asks the machines of an allow-list; one may serve several threads, and keeps what each machine bears among them.

    Args:
        allow: names of the machines that may be asked, those to which they lead (``LEADS_TO``) included.
        progress: told of what arrives.
        rates: requests a minute by machine, where they are not those of ``RATES``.
        attempts: how many times something is asked for in all.
        wait, clock: what waits for some seconds, and seconds that pass; tests give their own.
    """

    def __init__(
        self,
        allow: Collection[str],
        *,
        progress: Progress | None = None,
        rates: Mapping[str, int] = RATES,
        attempts: int = ATTEMPTS,
        wait: Callable[[float], None] = sleep,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self.allow = frozenset(allow).union(*(LEADS_TO.get(host, ()) for host in allow))
        self._progress = progress or (lambda *_: None)
        self._attempts, self._wait, self._clock = attempts, wait, clock
        self._budgets = {host: _Budget(rates.get(host, None if _here(host) else RATE)) for host in self.allow}
        self._local = threading.local()

    def get(
        self,
        url: str,
        params: Mapping[str, str | int] | None = None,
        *,
        kind: Kind,
        headers: Mapping[str, str] | None = None,
        attempts: int | None = None,
    ) -> bytes:
        """What an address answers, whole.

        Raises Unreachable, Refused or Cut once it was asked for ``attempts`` times, SourceError at once where it answers
        something else than ``kind``, too much, or leads to a machine that is not allowed.
        """
        asked = _asked(url, params, kind, headers)
        return self._patiently(lambda: self._content(asked), attempts)

    def json(
        self,
        url: str,
        params: Mapping[str, str | int] | None = None,
        *,
        headers: Mapping[str, str] | None = None,
        attempts: int | None = None,
    ) -> Any:
        """What an address answers in JSON; Cut where it is not whole."""
        return json.loads(self.get(url, params, kind="json", headers=headers, attempts=attempts))

    def save(
        self,
        url: str,
        path: Path,
        params: Mapping[str, str | int] | None = None,
        *,
        kind: Kind = "file",
        headers: Mapping[str, str] | None = None,
    ) -> Path:
        """Keep what an address answers as the file ``path``, which is written whole or not at all.

        What arrived of a file that was cut stands beside, as ``.part``, where the producer can send the rest: it is taken up
        from there, now or the next time. Errors are those of ``get``.
        """
        asked = _asked(url, params, kind, headers)
        path.parent.mkdir(parents=True, exist_ok=True)
        part = _Part(path)
        try:
            self._patiently(lambda: self._into(asked, part), None)
        except BaseException:
            part.leave()
            raise
        part.path.replace(path)
        part.leave()
        return path

    # ------------------------------------------------------------------------------------------------------- one request

    def _patiently(self, ask: Callable[[], T], attempts: int | None) -> T:
        """What asking gives in the end: again and again while the reason passes, each time after a longer wait."""
        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(attempts or self._attempts),
            retry=tenacity.retry_if_exception(lambda error: isinstance(error, WebError) and error.passing),
            wait=_longer,
            sleep=self._wait,
            reraise=True,
        )
        return retrying(ask)

    def _content(self, asked: _Asked) -> bytes:
        stream = BytesIO()
        with self._open(asked, {}) as answer:
            self._receive(asked, answer, stream, 0)
        content = stream.getvalue()
        _check(asked, content, answer.headers)
        return content

    def _into(self, asked: _Asked, part: _Part) -> None:
        start, tag = part.begun()
        try:
            answer = self._open(asked, {"Range": f"bytes={start}-", "If-Range": tag} if start else {})
        except Refused as error:
            if error.status != 416 or not start:
                raise
            part.forget()
            raise Cut(f"{asked.told} has nothing after {start:,} bytes; nothing has changed") from error
        with answer:
            goes_on = answer.status_code == 206
            if goes_on and not answer.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
                part.forget()
                raise Cut(f"{asked.told} went on from another place than asked; nothing has changed")
            with part.open(answer.headers, goes_on=goes_on) as stream:
                self._receive(asked, answer, stream, start if goes_on else 0)
        try:
            _check(asked, part.path.read_bytes(), answer.headers)
        except SourceError:
            part.forget()
            raise

    def _open(self, asked: _Asked, more: Mapping[str, str]) -> requests.Response:
        """An answer whose body can be read, through redirects that are checked each; Refused for any other."""
        url, headers = asked.url, {**asked.headers, **more}
        for _ in range(REDIRECTS + 1):
            host = self._allowed(url, asked)
            self._budgets[host].take(self._clock, self._wait)
            try:
                answer = self._session.get(
                    url, headers=headers, stream=True, allow_redirects=False, timeout=TIMEOUT
                )
            except requests.RequestException as error:
                raise _silent(host, error) from error
            if not answer.is_redirect:
                return self._granted(asked, answer, host, parts=bool(more))
            answer.close()
            url = _joined(url, answer.headers["Location"])
            if _scheme_and_host(url) != ("https", host):
                headers.pop("Authorization", None)
        raise SourceError(f"{asked.told} leads from address to address without end; nothing has changed")

    def _allowed(self, url: str, asked: _Asked) -> str:
        """The machine of an address, unless it may not be asked."""
        scheme, host = _scheme_and_host(url)
        if scheme != "https" and not (scheme == "http" and _here(host)):
            raise SourceError(f"{shown(url)[:160]} is not an https address; nothing has changed")
        if host not in self.allow:
            led = "" if url == asked.url else f", to which {asked.told} leads,"
            raise SourceError(
                f"{shown(host)}{led} is not a machine that may be asked; nothing has changed. Look at what moved there, and "
                "declare its address in the connector if it is the producer's"
            )
        return host

    def _granted(
        self, asked: _Asked, answer: requests.Response, host: str, *, parts: bool
    ) -> requests.Response:
        if answer.status_code == 200 or (answer.status_code == 206 and parts):
            return answer
        with answer:
            status, said = answer.status_code, _said(answer)
            after = _retry_after(answer.headers) if status in (429, 503) else None
        if status == 429 or after:
            after = BUSY if after is None else after
            if after > PATIENCE:
                raise SourceError(
                    f"{asked.told} answered {status}, not to be asked again for {after:.0f} seconds"
                )
            self._budgets[host].held = self._clock() + after
        remedy = _REMEDIES.get(
            status, "Ask again later" if status >= 500 else "Compare it with the connector"
        )
        raise Refused(f"{asked.told} answered {status}{said}; nothing has changed. {remedy}", status)

    def _receive(self, asked: _Asked, answer: requests.Response, stream: IO[bytes], start: int) -> None:
        """Write the body as it arrives, within the limits of size and time."""
        length = answer.headers.get("Content-Length", "")
        whole = "Content-Encoding" not in answer.headers and _is_number(length)
        total, arrived, until = start + int(length) if whole else None, start, self._clock() + LONGEST
        try:
            for block in answer.iter_content(_BLOCK):
                arrived += len(block)
                if (size := max(arrived, total or 0)) > limits.MAX_BYTES:
                    raise too_large(asked.told, size, limits.MAX_BYTES, "bytes or more")
                if self._clock() > until:
                    raise Cut(
                        f"{asked.told} had not given its whole body after {LONGEST} seconds; nothing has changed"
                    )
                stream.write(block)
                self._progress(asked.url, arrived, total)
        except requests.RequestException as error:
            raise Cut(f"{asked.told} was cut before its end; nothing has changed") from error
        if total is not None and arrived < total:
            raise Cut(f"{asked.told} was cut before its end; nothing has changed")

    @property
    def _session(self) -> requests.Session:
        """The connections of this thread; no name and password that stand in a file of the person are ever sent."""
        if not hasattr(self._local, "session"):
            self._local.session = _Session()
            self._local.session.headers["User-Agent"] = AGENT
            self._local.session.auth = lambda request: request
        session: requests.Session = self._local.session
        return session


class _Session(requests.Session):
    """A session that does not look where an answer leads: the client does, and reads nothing of what leads elsewhere."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nowhere."""


class _Part:
    """What arrived of a file, and by what its producer knows the version that it is part of (``.tag``)."""

    def __init__(self, path: Path) -> None:
        self.path = path.with_name(f"{path.name}.part")
        self._tag = path.with_name(f"{path.name}.part.tag")

    def begun(self) -> tuple[int, str]:
        """How many bytes there are, and of which version; nothing when the rest cannot be asked for."""
        try:
            return self.path.stat().st_size, self._tag.read_text(encoding="ascii")
        except (OSError, UnicodeDecodeError):
            return 0, ""

    def open(self, headers: Mapping[str, str], *, goes_on: bool) -> IO[bytes]:
        """The file to write to, at its end or from the beginning."""
        if not goes_on:
            self._tag.unlink(missing_ok=True)
            tag = headers.get("ETag", "")
            tag = headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag
            if tag.isascii() and tag.isprintable() and tag and "Content-Encoding" not in headers:
                self._tag.write_text(tag, encoding="ascii")
        return self.path.open("ab" if goes_on else "wb")

    def forget(self) -> None:
        """Begin again next time."""
        self.path.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)

    def leave(self) -> None:
        """Keep only what can be taken up again."""
        if not (self.path.is_file() and self._tag.is_file()):
            self.forget()


def _asked(
    url: str, params: Mapping[str, str | int] | None, kind: Kind, headers: Mapping[str, str] | None
) -> _Asked:
    try:
        whole = requests.Request("GET", url, params=params).prepare().url
    except requests.RequestException as error:
        raise SourceError(f"{shown(url)[:160]} is no address; nothing has changed") from error
    return _Asked(str(whole), kind, headers or {})


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 16


def _joined(url: str, location: str) -> str:
    """Where a redirect leads; nowhere when that is no address."""
    with suppress(ValueError):
        return urljoin(url, location)
    return ""


def _scheme_and_host(url: str) -> tuple[str, str]:
    """How an address is asked and of which machine; empty for what two readers of addresses might read differently."""
    with suppress(ValueError):
        parts = urlsplit(url)
        if "\\" not in url and "@" not in parts.netloc and url.isprintable():
            return parts.scheme, parts.hostname or ""
    return "", ""


def _here(host: str) -> bool:
    """Whether a name is that of this computer, which may be asked without https."""
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _longer(state: tenacity.RetryCallState) -> float:
    """One second, then two, then four; nothing more where the machine said how long."""
    error = state.outcome and state.outcome.exception()
    return 0 if isinstance(error, Refused) and error.status == 429 else 2.0 ** (state.attempt_number - 1)


def _silent(host: str, error: requests.RequestException) -> Unreachable:
    return Unreachable(f"{shown(host)} cannot be reached ({type(error).__name__}); nothing has changed", host)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds after which a machine may be asked again: a number, or a moment by its own clock."""
    given = headers.get("Retry-After", "")
    if _is_number(given):
        return float(given)
    try:
        delay: timedelta = parsedate_to_datetime(given) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):
        return None
    return max(0.0, delay.total_seconds())


def _said(answer: requests.Response) -> str:
    """What a refusal says of itself, where it is a short JSON message."""
    try:
        body = json.loads(next(answer.iter_content(2_000), b""))
    except (requests.RequestException, ValueError, RecursionError):
        return ""
    words = [body[key] for key in ("message", "error", "detail") if isinstance(body, dict) and key in body]
    text = next((word for word in words if isinstance(word, str)), "")
    return f" (« {shown(' '.join(text.split()))[:200]} »)" if text else ""


# ------------------------------------------------------------------------------------------------------------ what arrived


def _check(asked: _Asked, content: bytes, headers: Mapping[str, str]) -> None:
    """Refuse a body that is not of the kind that was asked for, or not whole."""
    declared = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not content.strip():
        raise SourceError(f"{asked.told} gave an empty file; nothing has changed")
    if asked.kind != "page" and (is_web_page(content) or declared == "text/html"):
        raise SourceError(f"{asked.told} gave a web page, not a file; nothing has changed")
    if asked.kind == "csv" and (content.lstrip()[:1] in (b"{", b"[") or declared.endswith("json")):
        raise SourceError(f"{asked.told} gave JSON, not a CSV; nothing has changed")
    if asked.kind == "xml" and not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise SourceError(f"{asked.told} gave something else than XML; nothing has changed")
    if not _whole(asked.kind, content, length_known="Content-Length" in headers):
        raise Cut(f"{asked.told} gave {len(content):,} bytes that end in the middle; nothing has changed")


def _whole(kind: Kind, content: bytes, *, length_known: bool) -> bool:
    if kind == "json":
        try:
            json.loads(content)
        except (ValueError, RecursionError):
            return False
    if kind == "xml":
        return content.rstrip().endswith(b">")
    if kind == "csv":
        return _last_line_whole(content, length_known=length_known)
    return is_zipfile(BytesIO(content)) if content.startswith(b"PK\x03\x04") else True


def _last_line_whole(content: bytes, *, length_known: bool) -> bool:
    """Whether the last line ends, or at least has all cells where the number of bytes is that which was announced."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True  # two bytes a letter: its reader tells
    ended = content.endswith((b"\n", b"\r"))
    lines = content.rstrip(b"\r\n")
    head, last = lines.partition(b"\n")[0], lines.rpartition(b"\n")[2]
    separator = max(b";,\t|", key=lambda sign: head.count(bytes([sign])))
    if last.count(b'"') % 2 or b'"' in head + last:
        return ended  # separators may stand within quotes
    return (ended or length_known) and last.count(bytes([separator])) >= head.count(bytes([separator]))
