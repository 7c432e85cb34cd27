"""The words for readers are in catalogues, whole in every language, where each is said; no other word reaches a page."""

import re
from functools import cache

import pytest
import yaml

from analysis.foundations.values import LANGS
from tests.conventions import word_rules as rules
from tests.conventions.repository import texts

FOLDER = "src/analysis/foundations/locales"
NAMES = ("interface", "narrative", "site")
TEMPLATES = {path: text for path, text in texts().items() if path.endswith(".j2")}
CODE = {p: t for p, t in texts().items() if p.startswith("src/analysis/") and p.endswith(".py")}
WORDING = {
    path: text
    for path, text in CODE.items()
    if re.match(
        r"src/analysis/(?:presentation/|site/|reports/sections/|reports/(?:report|rows|render|blocks))",
        path,
    )
}
"""The modules whose texts can reach a reader."""
CONTENT = "src/analysis/site/content.yml"


def file(name, lang):
    return texts()[f"{FOLDER}/{lang}/LC_MESSAGES/{name}.po"]


@cache
def words(name, lang="fr"):
    return rules.words(rules.read(file(name, lang)))


KEYS = {key: name for name in NAMES for key in words(name)}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_catalogue_is_whole(name, lang):
    problems = list(rules.sound(file(name, lang), lang))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_messages_and_places(name):
    problems = list(rules.alike(words(name, "fr"), words(name, "en")))
    assert not problems, "\n".join(problems)


def test_every_catalogue_and_language_is_known():
    there = {path for path in texts() if path.endswith(".po")}
    assert there == {f"{FOLDER}/{lang}/LC_MESSAGES/{name}.po" for name in NAMES for lang in LANGS}
    assert len(KEYS) == sum(len(words(name)) for name in NAMES if name != "interface") + len(
        words("interface")
    )


# ----------------------------------------------------------------------------------------------- what is said is there


def test_every_key_that_is_said_is_there():
    problems = [
        f"{path}:{line}: no message is named {key}"
        for path, text in CODE.items()
        for line, pattern in rules.said(text)
        for key in rules.unknown([pattern], KEYS)
    ]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("path", TEMPLATES)
def test_every_key_of_a_template_is_there(path):
    assert not list(rules.unknown(rules.template_keys(TEMPLATES[path]), words("interface")))


def listed():
    """The keys that the content of the site lists, by themselves or by the name of a term."""
    content = yaml.safe_load(texts()[CONTENT])
    pages = [*content["methods"], *content["assumptions"]]
    terms = [name for section in content["glossary"] for name in section["terms"]]
    return [
        *(one["title"] for one in (*pages, *content["glossary"])),
        *(key for one in pages for key in one["text"]),
        *content["limits"],
        *(f"{kind}.{name}" for name in terms for kind in ("term", "definition")),
    ]


def test_the_content_of_the_site_is_the_texts_of_its_catalogue():
    assert sorted(listed()) == sorted(words("site"))


def test_every_message_is_said_somewhere():
    """What fills the place of a key that is put together must be written somewhere, in code or in data."""
    written = {w for path, text in texts().items() if _fills(path) for w in re.findall(r"\w+", text)}
    keys = [key for key, name in KEYS.items() if name != "site"]
    unsaid = list(rules.unsaid(keys, CODE.values(), TEMPLATES.values(), written))
    assert not unsaid, f"nothing says {', '.join(unsaid)}: remove them from both languages"


def _fills(path):
    return path.startswith(("src/", "notebooks/", "data/raw/parameters/")) and not path.endswith(".po")


VERBS = "a|ont|est|sont|n’a|n’est|ne|se|sert|passe|évolue|connaît|compte|reste|dépasse|s’écarte|suit"
MISUSED = re.compile(
    rf"(?:^|[.:;,(] ?)(?:[Ll]es )?Yvelines (?:{VERBS})\b|(?:situe|trouve) les Yvelines|"
    r"\b(?:[Dd]e|[Dd]u|[Àà]|[Ee]n|[Ll]e|[Ll]a|[Dd]’) (?:les )?Yvelines"
)
FORMS = {"name": "Yvelines", "the": "les Yvelines", "part": "Yvelines"}


def test_a_departement_in_the_plural_fits_every_french_message():
    """« Yvelines a », « où se situe les Yvelines », « de Yvelines »: a name comes with its article, and is no subject."""
    wrong = {}
    for name in NAMES:
        for key, text in words(name, "fr").items():
            said = re.sub(r"\{(\w+)\}", lambda m: FORMS.get(m[1], "…"), text.replace("'", "’"))
            wrong |= {key: found[0]} if (found := MISUSED.search(said)) else {}
    assert not wrong


@pytest.mark.parametrize(
    "text", ["Où se situe {the}", "{part} a expérimenté", "Les chiffres de {name}", "Ici, {the} ne…"]
)
def test_a_name_misused_is_seen(text):
    assert MISUSED.search(re.sub(r"\{(\w+)\}", lambda m: FORMS[m[1]], text))


# --------------------------------------------------------------------------------------------- no word is written elsewhere


@pytest.mark.parametrize("path", TEMPLATES)
def test_a_template_holds_no_word(path):
    assert not list(rules.template_words(TEMPLATES[path]))


@pytest.mark.parametrize("path", sorted(WORDING))
def test_a_module_that_words_holds_no_sentence(path):
    problems = [f"{path}:{line}: {text!r} is a message" for line, text in rules.prose(WORDING[path])]
    assert not problems, "\n".join(problems)


# ------------------------------------------------------------------------------------------- the rules, seen to fail

HEADER = (
    'msgid ""\nmsgstr ""\n"Language: fr\\n"\n"Plural-Forms: nplurals=2; plural=(n > 1);\\n"\n'
    '"Content-Type: text/plain; charset=utf-8\\n"\n\n'
)
SOUND = HEADER + 'msgid "a.key"\nmsgstr "Un mot : {place}."\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"Un mot : {place}."', '""'),
        ('msgid "a', '#, fuzzy\nmsgid "a'),
        ('msgid "a', '#~ msgid "old"\n#~ msgstr "x"\n\nmsgid "a'),
        ("mot :", "mot:"),
        ("Un mot", "<b>Un</b> mot"),
        ("Language: fr", "Language: en"),
        ("nplurals=2", "nplurals=3"),
        ('msgid "a', 'msgid "a.key"\nmsgstr "Un"\n\nmsgid "a'),
        ('"Un mot', '""\n"Un mot'),
    ],
)
def test_a_faulty_catalogue_is_seen(before, after):
    assert not list(rules.sound(SOUND, "fr"))
    assert before in SOUND and list(rules.sound(SOUND.replace(before, after), "fr"))


@pytest.mark.parametrize(
    "english",
    [{}, {"a": "{x}"}, {"a": "x", "b": "{y}"}, {"b": "{x}", "a": "y"}, {"a": "y", "b": "{x}", "c": "z"}],
)
def test_languages_that_differ_are_seen(english):
    french = {"a": "un", "b": "{x}"}
    assert not list(rules.alike(french, {"a": "one", "b": "{x}"})) and list(rules.alike(french, english))


def test_what_is_said_and_what_is_not_is_seen():
    code = "say('a.key', lang)\nreport.say(f'b.{kind}.last', n=1)\nsay(f'can.{x}' if x else 'd', lang)"
    patterns = [pattern for _, pattern in rules.said(code)]
    assert list(rules.unknown(patterns, ["a.key", "b.one.last", "can.one", "d"])) == []
    assert len(list(rules.unknown(patterns, ["a.keys", "b.last", "can.", "e"]))) == 4
    keys = ["a.key", "b.one.last", "b.two.last", "can.other_way", "can.other_place", "map_x", "e"]
    modules = [code, "what, way = 'other', 'way'\nf'{what}_{way}'"]
    unsaid = rules.unsaid(keys, modules, ['{{ ("map_" ~ x) | say }}'], {"one", "x"})
    assert list(unsaid) == ["b.two.last", "can.other_place", "e"]


@pytest.mark.parametrize(
    "template",
    [
        "<p>Sources</p>",
        "<p>{{ x }} sur {{ y }}</p>",
        '<img alt="Carte">',
        '<a{% if x %} class="a"{% endif %} aria-label="{{ x }} lire">',
        '<meta name="description" content="Rapport">',
        '{{ "home" }}',
        '{{ x or "rien" }}',
        '{{ "un" if x else y }}',
        '{{ x ~ " et " ~ y }}',
    ],
)
def test_a_word_in_a_template_is_seen(template):
    assert list(rules.template_words(template))


@pytest.mark.parametrize(
    "template",
    [
        '<p id="home" class="a b">{{ "home" | say }} · {{ x | join(", ") }}</p>',
        '{% for key in ("one", "two") %}<i>{{ ("data_" ~ key) | say }}</i>{% endfor %}',
        '<style>p { color: red }</style><meta name="viewport" content="width=device-width">{# words #}',
        '{{ "source" | say(source="") }}{% if x == "done" %}{{ x.key }}{% endif %}',
    ],
)
def test_a_template_without_words_is_accepted(template):
    assert not list(rules.template_words(template))


def test_a_sentence_in_code_is_seen():
    code = '''def f(x):
    """Words about it."""
    if not x:
        raise ValueError(f"the row {x} has no name")
    a = f"<p>Ce chiffre est {x}</p>"
    b = '<p class="data wide" role="group">' + "rate_poverty" + " · "
    return a + b + "no figure"'''
    assert [line for line, _ in rules.prose(code)] == [5, 7]
