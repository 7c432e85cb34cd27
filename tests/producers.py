"""Machines of producers in miniature, on this computer: the grammars of their addresses, and the errors that they give.

``serving`` gives a ``Machine`` that answers what a test tells it to; ``opendatasoft``, ``datagouv`` and ``datafair`` make it
answer as these portals do, from small tables: a table too long for ``/records``, an attached file whose identifier carries
its edition, groups that are left out. ``Reply`` tells an error: too many requests, a body that is cut, a web page.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, urlsplit

from analysis.foundations.answers import plain
from analysis.foundations.web import Client

PAGE = b"<!DOCTYPE html><html><body>Maintenance</body></html>"


@dataclass
class Asked:
    """A request: its path, its parameters, its headers, and its address as it was written."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]
    line: str = ""


@dataclass
class Reply:
    """An answer; ``cut``: the bytes after which it breaks off; ``announced``: whether its length is told."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    announced: bool = True


Answer = Reply | Callable[[Asked], Reply]


@dataclass
class Machine:
    """What a server answers, by path: one answer, or several that are given in turn, the last again and again."""

    port: int
    name: str = "127.0.0.1"
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    @property
    def portal(self) -> str:
        """The beginning of its addresses."""
        return f"http://{self.name}:{self.port}"

    def on(self, path: str, *answers: Answer) -> str:
        """Answer so at a path; returns its address."""
        self.answers[path] = list(answers)
        return f"{self.portal}{path}"

    def first(self, path: str, *errors: Reply) -> None:
        """Give errors before what is answered at a path."""
        self.answers[path] = [*errors, *self.answers[path]]

    def reply(self, asked: Asked) -> Reply:
        """The answer to a request."""
        self.asked.append(asked)
        waiting = self.answers.get(asked.path, [Reply(status=404)])
        answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return answer if isinstance(answer, Reply) else answer(asked)


@contextmanager
def serving(name: str = "127.0.0.1") -> Iterator[Machine]:
    """A machine on a free port, for as long as the block lasts."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            reply = machine.reply(
                Asked(parts.path, dict(parse_qsl(parts.query)), dict(self.headers), self.path)
            )
            self.send_response_only(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            if reply.announced:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: reply.cut])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    machine = Machine(server.server_address[1], name)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield machine
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def client(*machines: Machine, **changes) -> Client:
    """A client that may ask these machines, and never waits: ``client.waited`` are the seconds that it would have."""
    waited: list[float] = []
    made = Client([machine.name for machine in machines], **{"wait": waited.append, **changes})
    made.waited = waited  # type: ignore[attr-defined]
    return made


def as_json(content: object, **changes) -> Reply:
    """An answer in JSON."""
    return Reply(json.dumps(content).encode(), headers={"Content-Type": "application/json"}, **changes)


def as_csv(text: str, **changes) -> Reply:
    """An answer in CSV, as portals give it."""
    return Reply(text.encode("utf-8"), headers={"Content-Type": "text/csv; charset=utf-8"}, **changes)


def error(status: int, message: str = "", **headers: str) -> Reply:
    """A refusal, with what the portal says of it."""
    reply = as_json({"message": message}, status=status)
    reply.headers |= {key.replace("_", "-"): value for key, value in headers.items()}
    return reply


def moved(to: str, status: int = 302) -> Reply:
    """A redirect."""
    return Reply(status=status, headers={"Location": to})


def resumable(body: bytes, tag: str = '"v1"', cut: int | None = None) -> Callable[[Asked], Reply]:
    """A file that can be asked for from the middle; the first answer may break off."""
    cuts = [cut]

    def answer(asked: Asked) -> Reply:
        headers = {"ETag": tag, "Content-Type": "application/octet-stream"}
        if "Range" in asked.headers and asked.headers.get("If-Range", tag) == tag:
            start = int(asked.headers["Range"].removeprefix("bytes=").rstrip("-"))
            if start >= len(body):
                return Reply(status=416)
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            return Reply(body[start:], 206, headers)
        return Reply(body, 200, headers, cut=cuts.pop() if cuts else None)

    return answer


# ------------------------------------------------------------------------------------------------------------- portals


def opendatasoft(
    machine: Machine, dataset: str, table: str = "", files: dict[str, bytes] | None = None, key: str = "",
    modified: str = "2026-10-02T08:00:00+00:00",
) -> None:  # fmt: skip
    """A dataset of an Opendatasoft portal: a table (``;``, with its heading), files attached to it, a key that it wants."""
    base = f"/api/explore/v2.1/catalog/datasets/{quote(dataset)}"
    heads = table.partition("\n")[0].split(";")

    def guarded(answer: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
        wanted = f"Apikey {key}" if key else None
        return lambda asked: (
            answer(asked) if asked.headers.get("Authorization") == wanted else error(401, "Missing key")
        )

    def export(asked: Asked) -> Reply:
        words = asked.query.get("select", "").split(",")
        if unknown := [word for word in words if word.strip() and word.strip() not in heads]:
            return error(400, f"ODSQL query is malformed: unknown field {unknown[0]}")
        if asked.query.get("limit") == "1":
            column = heads.index(asked.query["order_by"].removesuffix(" desc"))
            return as_csv(f"{words[0]}\n{max(row.split(';')[column] for row in table.splitlines()[1:])}\n")
        return as_csv(table)

    def records(asked: Asked) -> Reply:
        if int(asked.query.get("offset", 0)) + int(asked.query.get("limit", 10)) > 10_000:
            return error(400, "offset + limit should be less than 10000")
        return as_json({"total_count": table.count("\n") - 1, "results": []})

    titles = {re.sub(r"\W+", "_", plain(title)): title for title in files or {}}
    listing = [{"id": one, "title": title, "url": "x", "href": "x"} for one, title in titles.items()]
    machine.on(base, guarded(lambda _: as_json({"metas": {"default": {"modified": modified}}})))
    machine.on(f"{base}/exports/csv", guarded(export))
    machine.on(f"{base}/records", guarded(records))
    machine.on(f"{base}/attachments", as_json({"total_count": len(listing), "attachments": listing}))
    for one, title in titles.items():
        machine.on(f"{base}/attachments/{quote(one)}", Reply((files or {})[title]))


def uuid(number: int) -> str:
    """An identifier as those of data.gouv."""
    return f"00000000-0000-4000-8000-{number:012d}"


def datagouv(machine: Machine, dataset: str, files: dict[str, bytes], static: Machine) -> None:
    """A dataset of data.gouv: resources by their titles, which a redirect leads to on another machine."""
    resources = []
    for number, (title, body) in enumerate(files.items()):
        url = static.on(f"/resources/{dataset}/{quote(title)}", Reply(body))
        machine.on(f"/api/1/datasets/r/{uuid(number)}", moved(url))
        resources.append(
            {"id": uuid(number), "title": title, "url": url, "last_modified": "2026-06-25T10:00:00"}
        )
    machine.on(f"/api/1/datasets/{dataset}/", as_json({"resources": resources}))


def datafair(machine: Machine, dataset: str, rows: Sequence[dict[str, object]]) -> None:
    """A dataset of a data-fair portal, that adds its rows up as it is asked to, and no more groups than it is asked for."""

    def groups(rows: Sequence[dict[str, object]], fields: list[str], sizes: list[int], asked: Asked) -> dict:
        values = sorted({row[fields[0]] for row in rows}, key=str)
        if asked.query.get("sort") == f"-{fields[0]}":
            values.reverse()
        given, aggs = values[: sizes[0]], []
        for value in given:
            inside = [row for row in rows if row[fields[0]] == value]
            metric = asked.query.get("metric_field")
            one = {"value": value, "total": len(inside)}
            if metric:
                one["metric"] = sum(float(str(row[metric])) for row in inside)
            if fields[1:]:
                one |= groups(inside, fields[1:], sizes[1:], asked)
            aggs.append(one)
        others = sum(row[fields[0]] not in given for row in rows)
        return {"total": len(rows), "total_values": len(values), "total_other": others, "aggs": aggs}

    def answer(asked: Asked) -> Reply:
        equal = {key.removesuffix("_eq"): value for key, value in asked.query.items() if key.endswith("_eq")}
        kept = [row for row in rows if all(str(row[key]) == value for key, value in equal.items())]
        fields = asked.query["field"].split(";")
        sizes = [int(size) for size in asked.query.get("agg_size", "20;20").split(";")]
        return as_json(groups(kept, fields, sizes, asked))

    machine.on(
        f"/data-fair/api/v1/datasets/{dataset}", as_json({"dataUpdatedAt": "2026-09-20T03:00:00.000Z"})
    )
    machine.on(f"/data-fair/api/v1/datasets/{dataset}/values_agg", answer)
