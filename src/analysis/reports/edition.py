"""What an edition is: a YAML file that says which notebooks, which territories, which languages and which data vintages.

Everything that a person writes (a file, a name, an option) is turned here into a list of tasks, or refused with the place,
what was expected and the nearest candidates, before anything is executed or written. This module runs no notebook and
reads no figure; it stands at the head of the way from notebook to page.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypeVar

from analysis.data import processed
from analysis.data.catalogue import Catalogue
from analysis.foundations import entries, levels, territories
from analysis.foundations.display import Refusal, hint, listed, note, shown
from analysis.foundations.files import DataError, project_root
from analysis.foundations.levels import DEPARTEMENT
from analysis.foundations.values import LANGS, Lang, Text

PARAMETERS = ("territory", "edition", "lang")
"""What every report notebook takes, each a text, in a cell tagged ``parameters``."""

Known = TypeVar("Known", bound=str)

_KEYS = ("name", "title", "outcomes", "territories", "languages", "vintages")
_OPTIONAL = ("national",)
COUNTRY = "FR"
"""The territory of the reports that are made once, for the whole country."""
INDICATORS = "indicators"
"""Stands for the territory of the pages of indicators, which hold them all."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_TITLE = re.compile(r"\A\s*#[ \t]+(?P<title>\S[^\n]*)(?:\n|\Z)")


class EditionError(Refusal, ValueError):
    """A request that names something unknown or malformed; the message gives the remedy."""


@dataclass(frozen=True, order=True)
class Task:
    """One report to make: a notebook, for a territory, in a language."""

    edition: str
    territory: str
    outcome: str
    lang: Lang

    @property
    def stem(self) -> str:
        """File name of the report without its ending: French is the default, English says so."""
        return self.outcome if self.lang == "fr" else f"{self.outcome}.{self.lang}"

    def file(self, ending: str) -> str:
        """Where a file of the report stands in the folder of its edition, with forward slashes."""
        return f"{self.territory}/{self.stem}{ending}"

    @property
    def path(self) -> str:
        """Where the report itself stands."""
        return self.file(".html")

    @property
    def error(self) -> str:
        """Where its error is kept when it failed."""
        return self.file(".error.txt")

    @property
    def failed(self) -> str:
        """Where its notebook is kept, as far as it went, when it failed."""
        return self.file(".failed.ipynb")

    @property
    def is_indicator(self) -> bool:
        """Whether it is the page of an indicator, which ``outcome`` names: no notebook makes it."""
        return self.territory == INDICATORS

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of the notebook."""
        return {"territory": self.territory, "edition": self.edition, "lang": self.lang}

    def __str__(self) -> str:
        return f"{self.territory} {self.outcome} {self.lang}"


@dataclass(frozen=True)
class Notebook:
    """A report notebook: its outcome, its title in each language that it has, its file."""

    outcome: str
    path: Path
    titles: Mapping[str, str]


@dataclass(frozen=True)
class Edition:
    """The content of an edition file, checked.

    ``outcomes`` are reported on in each territory, ``national`` ones once for the country. ``vintages`` is either the day
    on which the data were closed, or the vintage of each dataset by name: ``hold`` reads them.
    """

    name: str
    title: Text
    outcomes: tuple[str, ...]
    territories: tuple[str, ...]
    languages: tuple[Lang, ...]
    vintages: date | Mapping[str, str]
    national: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All its outcomes, those of the territories first, then of those of another level."""
        short = (one for code in self.territories for one in self.of(code) if one not in self.outcomes)
        return (*self.outcomes, *self.national, *dict.fromkeys(short))

    @property
    def possible(self) -> tuple[str, ...]:
        """The same, and those of levels on whose territories it reports when it is asked."""
        short = (kind.outcome for kind in levels.LEVELS.values() if kind.outcome)
        return tuple(dict.fromkeys((*self.every, *short)))

    def beside(self, codes: Iterable[str]) -> Edition:
        """The edition with territories beside its own, which it does not list and which were asked for by name."""
        every = {*self.territories, *codes}
        return replace(self, territories=tuple(sorted(every, key=territories.sort_key)))

    def of(self, territory: str) -> tuple[str, ...]:
        """The outcomes reported on for a territory."""
        there = territories.known(territory)
        if there is not None and there.kind.outcome:
            return (there.kind.outcome,)
        return self.national if territory == COUNTRY else self.outcomes


# ------------------------------------------------------------------------------------------------------- notebooks


def notebooks(root: Path | None = None) -> dict[str, Path]:
    """The report notebooks of a checkout by outcome."""
    folder = (root or project_root()) / "notebooks"
    return {path.stem.removeprefix("report_"): path for path in sorted(folder.glob("report_*.ipynb"))}


def read_notebook(outcome: str, path: Path) -> Notebook:
    """Check a report notebook's parameters cell and read its titles. EditionError says what it lacks."""
    where = f"notebooks/{path.name}"
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        tagged = [
            (set(cell.get("metadata", {}).get("tags", ())), cell["cell_type"], _source(cell))
            for cell in cells
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise EditionError(
            f"{where} cannot be read as a notebook ({type(error).__name__}); open it in JupyterLab"
        ) from error
    cells = [source for tags, kind, source in tagged if kind == "code" and "parameters" in tags]
    if len(cells) != 1:
        raise EditionError(f"{where}: {len(cells)} cells are tagged `parameters`, expected one")
    parameters = _parameters(cells[0], where)
    if extra := set(parameters) ^ set(PARAMETERS):
        raise EditionError(
            f"{where}: parameters are {sorted(parameters)}, expected {list(PARAMETERS)} (differs: {sorted(extra)})"
        )
    titles = {lang: _title(tagged, lang) for lang in LANGS}
    return Notebook(outcome, path, {lang: title for lang, title in titles.items() if title})


def titles(edition: Edition, root: Path | None = None) -> dict[str, Mapping[str, str]]:
    """Title of each outcome of an edition by language; its name where the notebook gives none."""
    paths = notebooks(root)
    titles_by_lang: dict[str, Mapping[str, str]] = {}
    for outcome in (one for one in edition.possible if one in paths or one in edition.every):
        try:
            given = read_notebook(outcome, paths[outcome]).titles
        except (EditionError, KeyError):
            given = {}
        titles_by_lang[outcome] = {**dict.fromkeys(LANGS, outcome), **given}
    return titles_by_lang


def imported(path: Path) -> set[str]:
    """Names of the modules that the cells of a notebook import."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return set().union(*(imports(_source(cell)) for cell in cells if cell["cell_type"] == "code"))


def imports(source: str) -> set[str]:
    """Names of the modules that a text of Python imports anywhere, and of what it imports from them; none from magics."""
    names: set[str] = set()
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return names
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update([node.module, *(f"{node.module}.{alias.name}" for alias in node.names)])
    return names


def _source(cell: Mapping) -> str:
    return cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"])


def _parameters(source: str, where: str) -> dict[str, str]:
    """The texts that a parameters cell gives: ``name = "text"`` or ``name: type = "text"``, and what types are imported."""
    more = f'{where}: the parameters cell holds more than `name = "text"` lines, with or without a type'
    try:
        nodes = ast.parse(source).body
    except (SyntaxError, ValueError) as error:
        raise EditionError(f"{more} ({error})") from error
    values: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and node.module in ("typing", "typing_extensions"):
            continue
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        named = [target.id for target in targets if isinstance(target, ast.Name)]
        if not isinstance(node, ast.Assign | ast.AnnAssign) or len(named) < len(targets):
            raise EditionError(f"{more}: line {node.lineno}, {shown(ast.unparse(node))}")
        try:
            value = ast.literal_eval(node.value) if node.value else None
        except (ValueError, TypeError, RecursionError) as error:
            raise EditionError(
                f"{more}: line {node.lineno}, {shown(ast.unparse(node))}, has to be run"
            ) from error
        for name in named:
            if not isinstance(value, str):
                raise EditionError(f"{where}: parameters {[name]} are not texts; write them in quotes")
            if name in values:
                raise EditionError(
                    f"{where}: {name} is given twice in the parameters cell, line {node.lineno}"
                )
            values[name] = value
    return values


def _title(cells: Sequence[tuple[set[str], str, str]], lang: str) -> str | None:
    """The first ``# `` heading that opens a markdown cell of a language (or of no language)."""
    others = set(LANGS) - {lang}
    for tags, kind, source in cells:
        if kind == "markdown" and not tags & others and (match := _TITLE.match(source)):
            return match["title"][0] + match["title"][1:].rstrip(" \t#")
    return None


def without_title(source: str) -> str:
    """A markdown cell without the ``# `` heading that opens it: the page has it as its own first heading."""
    return _TITLE.sub("", source, count=1)


# --------------------------------------------------------------------------------------------------------- editions


def available(root: Path | None = None) -> dict[str, Path]:
    """The editions of a checkout by name."""
    return {path.stem: path for path in sorted(((root or project_root()) / "editions").glob("*.yml"))}


def default_name(root: Path | None = None) -> str:
    """The latest edition: the greatest of those whose name is a year."""
    years = [name for name in available(root) if re.fullmatch(r"\d{4}", name)]
    if not years:
        raise EditionError("no edition is named after a year under editions/; say which one with --edition")
    return max(years)


def load(name_or_path: str | None = None, root: Path | None = None) -> Edition:
    """Read an edition by name (``2025``) or from a file (``mine/essai.yml``); EditionError when it is not right."""
    root = root or project_root()
    asked = default_name(root) if name_or_path is None else str(name_or_path)
    if asked.endswith((".yml", ".yaml")):
        path = Path(asked)
        if not path.is_file():
            raise EditionError(
                f"no edition file {shown(asked)}{hint(path.stem, available(root), 'editions')}"
            )
    else:
        known = available(root)
        if asked not in known:
            raise EditionError(f"no edition is named {shown(asked)}{hint(asked, known, 'editions')}")
        path = known[asked]
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise EditionError(f"edition file {path.name} cannot be read: {error}") from error
    edition = parse(text, where=path.name, root=root)
    if edition.name != path.stem:
        raise EditionError(
            f"{path.name}: name is {edition.name!r}, expected the name of the file, {path.stem!r}"
        )
    return edition


def parse(text: str, where: str, root: Path) -> Edition:
    """Read the YAML text of an edition, strictly: known keys only, texts quoted, every name known.

    Outcomes are those of the notebooks under ``root``; datasets those of the project's catalogue.
    """
    try:
        content = entries.read(text, where).only(_KEYS, _OPTIONAL)
    except entries.EntryError as error:
        raise EditionError(str(error)) from error
    edition = Edition(
        name=_edition_name(content["name"], where),
        title=_edition_title(content["title"], where),
        outcomes=_chosen(content["outcomes"], notebooks(root), f"{where}, outcomes"),
        territories=_territories(content["territories"], where),
        languages=_chosen(content["languages"], LANGS, f"{where}, languages"),
        vintages=_vintages(content["vintages"], where),
        national=_chosen(content["national"], notebooks(root), f"{where}, national")
        if "national" in content
        else (),
    )
    if both := sorted({*edition.outcomes} & {*edition.national}):
        raise EditionError(f"{where}, national: {both[0]} is among the outcomes of territories as well")
    return edition


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise EditionError(
            f"{where}: {shown(value)} is not text but {type(value).__name__}; put it in quotes"
        )
    return value


def _edition_name(value: object, where: str) -> str:
    name = _text(value, f"{where}, name")
    if not _NAME.fullmatch(name):
        raise EditionError(
            f"{where}, name: {shown(name)} is not lower-case letters, digits, - and _ (40 at most)"
        )
    return name


def _edition_title(value: object, where: str) -> Text:
    if not isinstance(value, Mapping) or set(value) != set(LANGS):
        raise EditionError(f"{where}, title: expected a text for each of {', '.join(LANGS)}")
    return Text(**{lang: _text(value[lang], f"{where}, title.{lang}") for lang in LANGS})


def _list(value: object, where: str) -> list[str]:
    if not isinstance(value, list) or not value:
        raise EditionError(f"{where}: expected a list of at least one")
    texts = [_text(item, where) for item in value]
    if twice := sorted({text for text in texts if texts.count(text) > 1}):
        raise EditionError(f"{where}: {twice[0]} is listed twice")
    return texts


def _chosen(value: object, known: Iterable[str], where: str) -> tuple:
    known = tuple(known)
    for item in (items := _list(value, where)):
        if item not in known:
            raise EditionError(f"{where}: {shown(item)} is unknown{hint(item, known, 'known')}")
    return tuple(items)


def _territories(value: object, where: str) -> tuple[str, ...]:
    """The territories of an edition: ``all`` for the départements, alone or in a list with others beside them."""
    codes: list[str] = []
    given = ["all"] if value == "all" else _list(value, f"{where}, territories, or the word all")
    for item in given:
        codes += territories.DEPARTEMENTS if item == "all" else [_signatory(item, f"{where}, territories")]
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise EditionError(f"{where}, territories: {twice[0]} is listed twice")
    return tuple(sorted(codes, key=territories.sort_key))


def _signatory(text: str, where: str) -> str:
    """The code of a territory that an edition may report on, from what was written; EditionError says why it may not."""
    try:
        code = territories.parse(text)
        level = territories.get(code).kind
        if not level.reported:
            code = territories.parse(text, DEPARTEMENT)
    except territories.UnknownTerritory as error:
        raise EditionError(f"{where}: {error}") from error
    if level.disclosure and not level.outcome:
        raise EditionError(
            f"{where}: figures of the level {level.title} can be of few people, and no disclosure rule is written for them; "
            "list départements, or territories of another level"
        )
    return code


def on_request(code: str) -> bool:
    """Whether a territory may be reported on in any edition, listed or not: one that signs in place of a département, or an
    EPCI, of which there is one short report that holds to the rule of few people.
    """
    there = territories.known(code)
    kind = there.kind if there is not None else DEPARTEMENT
    return kind.reported and kind.is_below and (bool(kind.outcome) or not kind.disclosure)


def _vintages(value: object, where: str) -> date | dict[str, str]:
    if isinstance(value, date):
        return value
    if not isinstance(value, Mapping) or not value:
        raise EditionError(
            f"{where}, vintages: expected a date such as 2025-11-30, or the vintage of each dataset"
        )
    vintages = {
        _text(key, f"{where}, vintages"): _text(text, f"{where}, vintages, {key}")
        for key, text in value.items()
    }
    catalogue = Catalogue(vintages={})
    if known := list(catalogue):
        for dataset in vintages:
            if dataset not in known:
                raise EditionError(
                    f"{where}, vintages: no dataset {shown(dataset)}{hint(dataset, known, 'known')}"
                )
        try:
            catalogue.chosen(vintages)
        except DataError as error:
            raise EditionError(f"{where}, vintages: {error}") from error
    return dict(sorted(vintages.items()))


def hold(edition: Edition) -> None:
    """Read, from now on in this process, the vintages that an edition names, or those of the day on which it was closed.

    A line says which datasets are read in an older vintage because of that day.
    """
    catalogue = Catalogue(vintages={})
    chosen = catalogue.chosen(edition.vintages) if any(catalogue) else {}
    processed.hold(chosen)
    if chosen and isinstance(edition.vintages, date):
        note(
            f"edition {edition.name} is closed on {edition.vintages}: what came out since of {listed(chosen, 5)} is left "
            f"out; another day under `vintages` in editions/{edition.name}.yml takes it in"
        )


# ------------------------------------------------------------------------------------------------------------- plan


def plan(
    edition: Edition,
    asked: Sequence[str] = (),
    outcomes: Sequence[str] = (),
    languages: Sequence[str] = (),
    root: Path | None = None,
    level: str | None = None,
) -> tuple[list[Task], dict[str, Notebook]]:
    """The tasks of a request, in a fixed order, and the notebooks they run.

    Args:
        edition: the edition that is built.
        asked: territories as a person writes them; every one of the edition when empty.
        outcomes: outcomes; every one of the edition when empty.
        languages: ``fr``, ``en``; those of the edition when empty.
        root: the checkout; the project's by default.
        level: that of the territories, where another is asked for than the edition's own (``epci``): all of it when none is
            named.
    """
    every = [*edition.territories, COUNTRY] if level is None else _of_level(level)
    codes = [_asked_for(text, edition, level) for text in asked] or every
    edition = edition.beside(code for code in codes if on_request(code))
    chosen = [
        _one(text, edition.every, "outcome", f"outcomes of edition {edition.name}") for text in outcomes
    ]
    langs = [_one(text, LANGS, "language", "languages") for text in languages] or list(edition.languages)
    pairs = {(code, name) for code in codes for name in edition.of(code) if name in (chosen or edition.every)}
    if not pairs:
        raise EditionError(_nothing(edition, codes, chosen))
    paths, used = notebooks(root), {name for _, name in pairs}
    books = {name: read_notebook(name, paths[name]) for name in edition.every if name in used}
    for book in books.values():
        for lang in langs:
            if lang not in book.titles:
                raise EditionError(
                    f"notebooks/{book.path.name}: no markdown cell tagged {lang} opens with a `# ` title"
                )
    tasks = [Task(edition.name, code, outcome, lang) for code, outcome in pairs for lang in langs]
    return sorted(tasks, key=lambda task: _order(task, edition)), books


def _order(task: Task, edition: Edition) -> tuple:
    """National reports first: what they compute serves the others."""
    place = (task.territory != COUNTRY, territories.sort_key(task.territory))
    return *place, edition.every.index(task.outcome), LANGS.index(task.lang)


def _asked_for(text: str, edition: Edition, level: str | None = None) -> str:
    """The code of a territory that a person asked a report on; the country where the edition has national reports."""
    try:
        code = territories.parse(text, level)
        if not (edition.national or territories.get(code).kind.reported):
            code = territories.parse(text, DEPARTEMENT)
    except territories.UnknownTerritory as error:
        raise EditionError(str(error)) from error
    known = (*edition.territories, *([COUNTRY] if edition.national else []))
    if code not in known and not on_request(code):
        raise EditionError(
            f"{territories.get(code).name} ({code}) is not in edition {edition.name}"
            f"{hint(code, known, 'its territories')}"
        )
    return code


def _of_level(level: str) -> list[str]:
    """The territories of a level on which reports are made."""
    if not levels.get(level).reported:
        known = [one.key for one in levels.LEVELS.values() if one.reported]
        raise EditionError(
            f"no report is made on the level {shown(level)}{hint(level, known, 'those that are reported on')}"
        )
    return list(territories.of_level(level))


def _nothing(edition: Edition, codes: Sequence[str], chosen: Sequence[str]) -> str:
    """Why a request comes down to no report."""
    name, kinds = chosen[0], {territories.get(code).kind for code in codes}
    if all(kind.outcome for kind in kinds):
        return (
            f"{name} is no report on the level {kinds.pop().title}, which has {edition.of(codes[0])[0]} alone"
        )
    if name in edition.national:
        return f"{name} is a national report: ask for {COUNTRY}, or --all"
    return f"{name} is a report on départements: say which ones, or --all"


def _one(text: str, known: Sequence[Known], kind: str, label: str) -> Known:
    found = next((one for one in known if one == text), None)
    if found is None:
        raise EditionError(f"unknown {kind} {shown(text)}{hint(text, known, label)}")
    return found
