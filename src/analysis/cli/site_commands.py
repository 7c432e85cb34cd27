"""``pacte site``: show a site on this machine, make the folder to deploy.

A mistake of the caller's is one clear message and exit code 2; what cannot be done is exit code 1, and nothing is written.
The work is done in ``reports.site``; here are words and exit codes.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from analysis.batch import publication
from analysis.foundations.files import DataError, project_root
from analysis.reports import edition as editions
from analysis.site import server

site_app = typer.Typer(help="The site of an edition: show it, publish it.", no_args_is_help=True)

Name = Annotated[
    str | None, typer.Option("--edition", help="Name or file of an edition; the latest year by default.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", help="Folder of the editions; reports/ by default.", show_default=False),
]


_ADDRESS = re.compile(r"https?://[^\s<>\"'\\]+")


def _fail(message: object, code: int) -> typer.Exit:
    typer.echo(f"pacte site: {message}", err=True)
    return typer.Exit(code)


def _asked(edition: str | None, out: Path | None) -> tuple[editions.Edition, Path, Path]:
    """An edition, the checkout and its folder, or a refusal."""
    try:
        root = project_root()
        found = editions.load(edition, root)
        editions.hold(found)
        return found, root, (root / "reports" if out is None else out.expanduser().resolve()) / found.name
    except (editions.EditionError, DataError) as error:
        raise _fail(error, 2) from error


@site_app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for a free one.")] = server.PORT,
    edition: Name = None,
    out: Out = None,
) -> None:
    """Show a site to this machine, at an address that no other reaches, until Ctrl-C."""
    _, _, folder = _asked(edition, out)
    try:
        listening = server.server(folder, port)
    except DataError as error:
        raise _fail(error, 1) from error
    with listening:
        typer.echo(f"http://{server.HOST}:{listening.server_address[1]}/ (Ctrl-C to stop)")
        try:
            listening.serve_forever()
        except KeyboardInterrupt:
            raise typer.Exit(0) from None


@site_app.command()
def publish(
    target: Annotated[
        Path, typer.Argument(help="The folder to deploy: new, empty, or an earlier publication.")
    ],
    address: Annotated[
        str | None,
        typer.Option(help="Where it will be, for its list of pages (sitemap.xml).", show_default=False),
    ] = None,
    with_failures: Annotated[
        bool,
        typer.Option("--with-failures", help="Publish although reports failed; the overview names them."),
    ] = False,
    edition: Name = None,
    out: Out = None,
) -> None:
    """Write the folder to deploy, whole or not at all."""
    asked = _asked(edition, out)
    if address is not None and not _ADDRESS.fullmatch(address):
        raise _fail(f"--address: {address!r} does not begin with https:// or http://, or is no address", 2)
    try:
        files = publication.publish(*asked, target, address, with_failures)
    except (editions.EditionError, DataError, OSError) as error:
        raise _fail(error, 1) from error
    typer.echo(f"{len(files)} files in {target}")
