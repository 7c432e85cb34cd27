"""Files hold no path of one machine and nothing unfinished; every text has both languages and French its typography."""

import re
import shutil
import subprocess

import pytest
import yaml

from tests.conventions import text_rules as rules
from tests.conventions.repository import ROOT, texts

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
BILINGUAL = sorted(
    p for p in texts() if p.endswith(".yml") and p.startswith(("src/", "editions/", "data/raw/parameters/"))
)


@pytest.mark.parametrize(
    "rule",
    [rules.no_absolute_path, rules.nothing_unfinished, rules.no_image_for_a_word_of_the_field],
    ids=lambda rule: rule.__name__,
)
def test_every_file_keeps_the_rule(rule):
    problems = [p for path, text in texts().items() for p in rule(path, text)]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("told", ["true", "input", "false"])
def test_a_clone_has_the_line_ends_of_the_repository_whatever_git_is_told(tmp_path, told):
    """Tables are held to their checksum: with other line ends, three quarters of them would be refused."""
    if shutil.which("git") is None:
        pytest.skip("git is not installed here")
    content = {"a.csv": b"territory,value\n67,1\n", "b.csv.gz": b"\x1f\x8b\x08\n\r\n", "c.yml": b"a: 1\n"}
    origin, clone = tmp_path / "origin", tmp_path / "clone"

    def git(*words):
        said = ("-c", f"core.autocrlf={told}", "-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *said, *words], cwd=origin, check=True, capture_output=True)

    origin.mkdir()
    for name, data in content.items():
        (origin / name).write_bytes(data)
    shutil.copy(ROOT / ".gitattributes", origin)
    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "x")
    git("clone", "--quiet", "--config", f"core.autocrlf={told}", str(origin), str(clone))
    assert {name: (clone / name).read_bytes() for name in content} == content


@pytest.mark.parametrize("path", BILINGUAL)
def test_a_file_reads_the_same_where_libyaml_is_not_built(path):
    """The C reader takes « {fr: Oui ?, en: Yes?} », the Python one refuses it: write such texts in quotes."""
    assert yaml.load(texts()[path], Loader=yaml.SafeLoader) == yaml.load(texts()[path], Loader=LOADER)  # noqa: S506 - a safe one


@pytest.mark.parametrize("path", BILINGUAL)
def test_texts_for_readers_are_in_both_languages_and_well_set(path):
    content = yaml.load(texts()[path], Loader=LOADER)  # noqa: S506 - a safe one
    problems = list(rules.bilingual_texts(content, where=path))
    assert not problems, "\n".join(problems)


# ------------------------------------------------------------------------------------------- the rules, seen to fail

HOME = "/" + "home/someone/data.csv"
SHEBANG = "#!/" + "usr/bin/env bash"


@pytest.mark.parametrize(
    "text", [f"open('{HOME}')", f"see {HOME}", "C:" + "\\Users\\someone", "#!/bin/sh\ncd /" + "tmp/build"]
)
def test_a_machine_path_is_seen(text):
    assert list(rules.no_absolute_path("x.py", text))


@pytest.mark.parametrize(
    "text",
    [
        SHEBANG,
        "https://example.org/home/page",
        "and/or",
        "data/raw/x.csv",
        "/data/processed/*",
        "</var>",
    ],
)
def test_what_only_resembles_a_machine_path_is_accepted(text):
    assert not list(rules.no_absolute_path("x.py", text))


def test_unfinished_marks_are_seen():
    assert list(rules.nothing_unfinished("x.py", "x = 1  # TO" + "DO: later"))
    assert not list(rules.nothing_unfinished("x.py", "# Todo lists are not code"))


@pytest.mark.parametrize(
    ("line", "seen"),
    [("class Workshop:", True), ("wait  # to bury its children", True), ("adopt_orphans()", True), ("last_words = 1", True),
     ('"ski stations were closed"', False), ('"les stations de Météo-France"', False), ("executor.run()", False)],
)  # fmt: skip
def test_an_image_is_seen(line, seen):
    assert bool(list(rules.no_image_for_a_word_of_the_field("src/analysis/x.py", line))) == seen


@pytest.mark.parametrize(
    "text",
    [
        "l'accueil",
        'dits "précaires"',
        "part des foyers; et",
        "part des foyers ; et",
        "combien\u00a0?",
        "60 % du niveau",
        "60% du niveau",
        "60\u00a0% du niveau",
        "{share} % des foyers",
        "trois axes : un",
        "trois axes: un",
        "en 2020: un",
        "dits « précaires »",
        "1 000 foyers",
        "1\u00a0000 foyers",
    ],
)
def test_faulty_french_typography_is_seen(text):
    assert list(rules.french_typography(text))


@pytest.mark.parametrize(
    "text",
    [
        "l’accueil dit «\u00a0précaire\u00a0»",
        "un\u202f; deux\u202f! trois\u202f?",
        "60\u202f% du niveau, en %",
        "{share}\u202f% des {name!r}",
        "trois axes\u00a0: un à 12:30",
        "1\u202f000\u202f000 de foyers en 2020 et 100 autres",
        "le `x = 'y'` de https://example.org/a?b=c;d <a href=\"x\">ici</a> &amp; là",
        "| a | b |\n|:---|---:|",
        "![figure](x.png)",
        "%",
    ],
)
def test_sound_french_typography_is_accepted(text):
    assert not list(rules.french_typography(text))


@pytest.mark.parametrize(
    "node",
    [
        {"label": {"fr": "seulement"}},
        {"label": [{"en": "only"}]},
        {"label": {"fr": "oui", "en": None}},
        {"label": {"fr": {"a": "l'un"}, "en": {"a": "one"}}},
    ],
)
def test_a_text_in_one_language_or_badly_set_is_seen(node):
    assert list(rules.bilingual_texts(node, where="x"))


def test_nested_texts_in_both_languages_are_accepted():
    assert not list(
        rules.bilingual_texts({"languages": ["fr"], "a": {"b": [{"fr": "un", "en": "one"}]}}, where="x")
    )


# ----------------------------------------------------------------------------------- claims that nothing is published

CLAIM = re.compile(
    r"(?:n['’]est|ne sont|n['’]a|n['’]ont)(?: plus| pas)+ (?:été )?(?:publi|diffus)|ne (?:les? |la )?publie pas"
    r"|[Aa]ucun[^.:;]{0,50}(?:n['’]est|ne sont) publi|aucun chiffre public|aucune source publique"
    r"|n['’]est publiée?s? (?:pour|dans) aucun|personne ne publie|[Aa]ucun[^.:;]{0,40}n['’]existe\b"
    r"|[Pp]ubliée?s? (?:par|pour) [^.;]{0,30}(?:départements?|régions?|France)(?:, non par| seulement)"
    r"|n['’]est pas connue? par département"
    r"|\bAucune (?:mesure|statistique) par|mesurée? dans aucun"
    r"|(?:is|are|was|were|been) not (?:been )?published|has not been published|does not publish|do not publish"
    r"|\b[Nn]o(?:ne)?\b[^.:;]{0,40}\b(?:is|are) published|no public (?:figure|source)|nobody publishes"
    r"|[Pp]ublished (?:for|by) [^.;]{0,30}(?:départements?|régions?|France)(?: only\b|, not by)|for no département"
    r"|\b[Nn]o \w+ by département(?: exists|\.|$)|not known by département|nothing measures"
    r"|publiée?s?[^.;]{0,60} jusqu['’]en (?:19|20)\d\d|published[^.;]{0,60} (?:up to|until) (?:19|20)\d\d|last published in"
    r"|(?:l['’]enquête|dont les chiffres|la série) [^.;:]{0,30}s['’]arrêt(?:e|ent) en (?:19|20)\d\d(?! dans nos)"
    r"|(?:the \w+ survey|whose figures|the series) ends? in (?:19|20)\d\d(?! in our)"
)
"""A sentence that says of figures that they are not published, or are not: to look for, on a day (``data.existing``)."""

FOUND = re.compile(
    r"\b(?:n['’]avons|n['’]a|n['’]ont)[^.]* trouvé|\bfound\b|publiée?s? ici\b|published here\b"
    r"|\b[Nn]os (?:chiffres|fichiers|séries)\b|\b[Oo]ur (?:figures|files|series)\b"
)
"""What makes of it a thing that was looked for and not found, or of our files and pages alone."""


def claims_of(words):
    """The sentences of a text that claim that something is not published, without saying that it was not found."""
    return [one for one in re.split(r"(?<=[.;])\s", words) if CLAIM.search(one) and not FOUND.search(one)]


LOOKED_FOR = {
    "methods.sums.territories": "of a total, in the definition of a sum",
    "failures_one": "of a report", "failures_many": "of a report",
    "limits.absence": "that it is not said", "reason.published_for_20R": "of one file, which a note of the figure names",
}  # fmt: skip


YEAR = (
    r"December 2022 is not published|[Dd]écembre 2022 n’est pas publié|2022 was not published|2022 n’a pas été publié"
    r"|référent fiscal du ménage, publiés jusqu’en 2021|head of the household, published until 2021"
)
"""Of periods that were looked for: the barometer has no December 2022, INSEE no Filosofi 2022, none by head after 2021."""


TOLD = re.compile(
    r"README\.md|docs/(?:methods|checks|local-figures)\.md|notebooks/report_.*\.ipynb|data/raw/.*\.source\.yml"
    r"|data/raw/parameters/(?:designs|costs|non_take_up|prices)\.yml|src/analysis/(?:foundations/(?:measures|indicators)|data/sources/.*)\.yml"
)
"""What readers read of what is published, beside the catalogues."""


def claims():
    """Each text for readers that makes such a claim, with where it stands."""
    for path, text in texts().items():
        if path.endswith(".po"):
            for key, words in re.findall(r'msgid "(.+?)"\nmsgstr ((?:".*"\n?)+)', text):
                yield path, key, "".join(re.findall(r'"(.*)"', words))
        elif TOLD.fullmatch(path):
            yield from ((path, line.strip(), line) for line in text.splitlines())


def test_nothing_is_said_not_published_without_having_been_looked_for():
    problems = [
        f"{path}: {sentence.strip()[:160]}"
        for path, key, words in claims()
        for sentence in claims_of(words)
        if key not in LOOKED_FOR and not re.search(YEAR, sentence)
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize(
    "words",
    [
        "La pauvreté des enfants n’a plus été publiée par département depuis 2009",
        "Aucun TEE_3D départemental n’est publié.",
        "CNAF holds attendance by family income and does not publish it by département.",
        "No figure by département is published.",
        "Aucune mesure par département n’existe.",
        "No measure by département exists.",
        "Publié par région, non par département.",
        "Published for five départements only, among the highest.",
        "Prix national : il n’est publié pour aucun département.",
        "today's level is not known by département",
        "Flows are published for France only",
        "Votre département compte ce que personne ne publie",
        "l'enquête de la Drees s'arrête en 2019, les comptes commencent en 2023",
        "Accounts are not the DREES survey, whose figures end in 2019",
        "Le nombre d’agents est publié, et celui des travailleurs sociaux jusqu’en 2020",
    ],
)
def test_such_a_claim_is_seen(words):
    assert claims_of(words)


@pytest.mark.parametrize(
    "words",
    [
        "Nous n’avons trouvé aucune mesure par département.",
        "We found no measure by département.",
        "Repris ici par région ; Dares le publie aussi par département.",
    ],
)
def test_what_was_looked_for_or_is_said_of_our_files_is_no_claim(words):
    assert not claims_of(words)
