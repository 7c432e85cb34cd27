"""A bad entry of a file of the project is told with file, line, entry and what was expected: never a bare key."""

from importlib import resources

import pytest

from analysis.data.catalogue import Catalogue
from analysis.foundations import entries, gazetteer, measures, values
from analysis.foundations.display import Refusal
from analysis.foundations.entries import EntryError
from analysis.foundations.files import project_root
from analysis.methods import policies
from analysis.site import content

DICTIONARY = """\
units:
  percent: {symbol: {fr: "%", en: "%"}, axis: {fr: "en %", en: "%"}}
  person: {symbol: {fr: personnes, en: people}, axis: {fr: personnes, en: people}}
indicators:
  count_a: {label: {fr: a, en: a}, unit: person, theme: context, definition: {fr: a, en: a}}
  count_b: {label: {fr: b, en: b}, unit: person, theme: context, definition: {fr: b, en: b}}
  share_c:
    label: {fr: c, en: c}
    unit: percent
    theme: context
    definition: {fr: c, en: c}
    decimals: 1
    ratio: {numerator: count_a, denominator: count_b, per: 100, lag: 1}
    breaks:
      "2020": {fr: d, en: d}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("    unit: percent\n", "", r"line 7, indicators.share_c: unit missing; expected label, unit"),
        (
            "unit: percent\n",
            "unit: percnt\n",
            r"line 9, indicators.share_c.unit: 'percnt' is none; did you mean percent",
        ),
        (
            "    theme: context\n",
            "    theme: contxt\n",
            r"line 10, .*share_c.theme: 'contxt' is none; did you mean context",
        ),
        ("decimals: 1", "decimals: one", r"line 12, .*share_c.decimals: expected a whole number"),
        ("decimals: 1", "decimls: 1", r"line 7, .*share_c: unknown keys decimls; did you mean decimals"),
        ("decimals: 1", "minimum: 5\n    maximum: 1", r"line 12, .*share_c.minimum: 5 is above the maximum"),
        ("decimals: 1", "rounding: ten", r"line 12, .*share_c.rounding: expected a number, found 'ten'"),
        ("decimals: 1", "additive: 1", r"line 12, .*share_c.additive: expected true or false"),
        (
            "decimals: 1",
            "population: count_z",
            r"line 12, .*share_c.population: no indicator is named 'count_z'",
        ),
        ("decimals: 1", "higher: good", r"line 12, .*share_c.higher: 'good' is none"),
        (
            "numerator: count_a",
            "numerator: count_z",
            r"line 13, .*share_c.ratio: numerator: no indicator is named 'count_z'",
        ),
        (
            "numerator: count_a",
            "numerator: share_c",
            r"line 13, .*share_c.ratio: numerator: share_c is itself a ratio",
        ),
        ("numerator: count_a, ", "", r"line 13, .*share_c.ratio: numerator missing"),
        ("per: 100", "per: hundred", r"line 13, .*share_c.ratio: `per` is 'hundred'"),
        (
            "per: 100, lag: 1",
            "per: 100, lg: 1",
            r"line 13, .*share_c.ratio: unknown keys lg; did you mean lag",
        ),
        (
            "ratio: {numerator: count_a, denominator: count_b, per: 100, lag: 1}",
            "ratio: 3",
            r"line 13, .*ratio: expected keys",
        ),
        ('"2020": {fr', '"20": {fr', r"line 14, .*share_c.breaks: period '20' is not one of the forms"),
        (
            '"2020": {fr: d, en: d}',
            '"2020": {fr: d}',
            r"line 15, .*share_c.breaks.2020: expected the keys fr and en",
        ),
        (
            "label: {fr: c, en: c}",
            "label: c",
            r"line 8, .*share_c.label: expected the keys fr and en, found 'c'",
        ),
        (
            "label: {fr: c, en: c}",
            "label: {fr: c, en: 3}",
            r"line 8, .*share_c.label.en: expected words, found 3",
        ),
        ("label: {fr: c, en: c}", 'label: {fr: c, en: " "}', r"line 8, .*share_c.label.en: expected words"),
        ("  count_b:", "  count_a:", r"line 6: not plain YAML \(count_a is defined twice"),
        (
            "    unit: percent\n",
            "    unit: percent\n    unit: person\n",
            r"line 10: not plain YAML \(unit is defined twice",
        ),
        ("    unit: percent\n", "   unit: percent\n", r"line [0-9]+: not plain YAML"),
        ("indicators:", "indicator:", r"line 1: unknown keys indicator; did you mean indicators"),
        (
            "  share_c:\n",
            "  share_c: 3\n  share_d:\n",
            r"line 7, indicators.share_c: expected keys with their values, found 3",
        ),
        (DICTIONARY, "", r"expected keys with their values, found None"),
        (DICTIONARY, "- a", r"expected keys with their values, found \['a'\]"),
        (DICTIONARY, "!!python/object/apply:os.system [x]", r"line 1: not plain YAML"),
    ],
)
def test_a_bad_entry_of_the_dictionary_is_named_with_its_line(old, new, message):
    assert old in DICTIONARY
    with pytest.raises(
        EntryError, match=rf"^indicators.yml,? ?{message}" if "line" in message else message
    ) as refusal:
        values.read_dictionary(DICTIONARY.replace(old, new, 1))
    assert "\n" not in str(refusal.value)


def test_ratios_that_rest_on_one_another_are_refused():
    circle = DICTIONARY.replace("numerator: count_a", "numerator: share_d") + (
        "  share_d: {label: {fr: d, en: d}, unit: percent, theme: context, definition: {fr: d, en: d},\n"
        "    ratio: {numerator: share_c, denominator: count_b, per: 100}}\n"
    )
    with pytest.raises(EntryError, match=r"share_c\.ratio: numerator: share_d is itself a ratio"):
        values.read_dictionary(circle)


def _text(*parts):
    return resources.files("analysis").joinpath(*parts).read_text(encoding="utf-8")


MEASURES, CONTENT = _text("foundations", "measures.yml"), _text("site", "content.yml")
DESIGNS = (project_root() / "data" / "raw" / "parameters" / "designs.yml").read_text(encoding="utf-8")


def designs(text, tmp_path):
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "designs.yml").write_text(text, encoding="utf-8")
    return policies.names(Catalogue(tmp_path))


@pytest.mark.parametrize(
    ("read", "text", "old", "new", "message"),
    [
        (measures.read_measures, MEASURES, "\n    axis: 1\n", "\n    axs: 1\n",
         r"measures.yml, line \d+, measures.\w+: unknown keys axs"),
        (measures.read_measures, MEASURES, "measures:", "mesures:", r"measures.yml, line \d+: unknown keys mesures"),
        (measures.read_measures, MEASURES, "proxies: [", "proxies: [zzz, ",
         r"measures.yml, line \d+, measures.\w+.proxies: no indicator"),
        (measures.read_measures, MEASURES, "axes:", "axes: [", r"measures.yml, line \d+: not plain YAML"),
        (content.read_content, CONTENT, "- rate_poverty_60", "- rate_povrty_60",
         r"content.yml, line \d+, findings: .*did you mean rate_poverty_60"),
        (content.read_content, CONTENT, "glossary:", "glosary:",
         r"content.yml, line \d+: unknown keys glosary; did you mean glossary"),
        (content.read_content, CONTENT, "maps:", "maps: 3\nlimit:", r"content.yml, line \d+: .*"),
    ],
)  # fmt: skip
def test_a_bad_entry_of_a_file_of_the_package_is_named_with_its_line(read, text, old, new, message):
    assert old in text
    with pytest.raises(EntryError, match=message):
        read(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("designs:", "desings:", r"line \d+: unknown keys desings; did you mean designs"),
        ("    policy: renewed_accompaniment\n", "    policy: renewd_accompaniment\n",
         r"line \d+, designs.\w+.policy: 'renewd_accompaniment' is no policy; did you mean renewed"),
        ("    policy: renewed_accompaniment\n", "", r"line \d+, designs.\w+: policy missing"),
        ("    starts: wave\n", "    starts: waves\n", r"line \d+, designs.\w+.starts: 'waves' is no way"),
        ("    dataset: politiques/spie", "    datset: politiques/spie", r"line \d+, policies.spie: unknown keys datset"),
        ("spie: flag", "spi: flag", r"line \d+, beside.spi: no policy of that name; did you mean spie"),
        ("spie: flag", "spie: flg", r"line \d+, beside.spie: 'flg' is no rule"),
        ("2020-03", "2020-33", r"line \d+, disturbances.covid.window: period '2020-33'"),
        ("recipients: [rsa_december", "recipients: [rsa_decembre",
         r"line \d+, policies.\w+.recipients: 'rsa_decembre' is no outcome; did you mean rsa_december"),
        ("    scale: log\n", "    scale: level\n", r"line \d+, outcomes.\w+.scale: an effect on a level is told in points"),
    ],
)  # fmt: skip
def test_a_bad_entry_of_the_designs_is_named_with_its_line(old, new, message, tmp_path):
    assert old in DESIGNS, old
    with pytest.raises(EntryError, match=f"designs.yml, {message}"):
        designs(DESIGNS.replace(old, new, 1), tmp_path)


def test_a_parameter_that_is_not_there_is_named_with_its_file_and_its_line(tmp_path):
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "costs.yml").write_text("months:\n  value: [3]\n")
    with pytest.raises(EntryError, match=r"costs.yml, line 1, months: `values` is missing; it has value"):
        Catalogue(tmp_path).parameters("costs")["months"]["values"]
    (tmp_path / "parameters" / "costs.yml").write_text("months: [\n")
    with pytest.raises(EntryError, match=r"costs.yml, line 2: not plain YAML"):
        Catalogue(tmp_path).parameters("costs")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"level": "departemnt"}, "level 'departemnt': expected one of country|level 'departemnt'"),
        ({"parent": "R99"}, "parent 'R99' is the code of no other line"),
        ({"parent": ""}, "no parent"),
        ({"name": " "}, "no name"),
        ({"column": "x"}, "column and row .*whole numbers"),
        ({"code": "02"}, "a code stands on one line"),
        ({"members": "67 99"}, "members '99'"),
        ({"row": None}, "cells do not match the columns"),
    ],
)
def test_a_bad_row_of_the_territories_is_named_with_its_line(changes, message):
    rows = gazetteer.rows_of("territories.csv")
    place = next(i for i, row in enumerate(rows) if row["code"] == "01")
    rows[place] = rows[place] | changes
    with pytest.raises(Refusal, match=rf"territories.csv, line {place + 2}.*({message})"):
        gazetteer.checked(rows)


def test_what_an_alias_repeats_is_read_once():
    deep = "a: &a {x: 1}\n" + "".join(
        f"{c}: &{c} [*{p}, *{p}]\n"
        for p, c in zip("abcdefghijklmnopqrstuvw", "bcdefghijklmnopqrstuvwx", strict=True)
    )
    assert entries.read(deep, "f.yml")["a"] == {"x": 1}
