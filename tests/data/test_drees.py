"""DREES files: each trap on a small sheet written here, then the published files against published figures."""

from datetime import datetime

import openpyxl
import pandas as pd
import pytest

from analysis.data.schema import check_figures
from analysis.data.sources import datasets
from analysis.data.sources.drees import benefits, minimum_incomes, orientation, social_aid
from analysis.foundations import territories
from analysis.foundations.limits import SourceError
from tests.checks import Check, growth, one, total

BY_NAME = {name.split("/")[1]: entry for name, entry in datasets().items() if name.startswith("drees/")}


def _book(path, sheets):
    """A workbook with the given rows in each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return [path]


def _at(frame, indicator, column="value"):
    rows = frame[frame["indicator"] == indicator]
    return dict(zip(zip(rows["territory"], rows["period"], strict=True), rows[column], strict=True))


# ------------------------------------------------------------------------------------------------------------- monthly

NATIONAL = [
    ["Tableau 1"],
    [None, *(x for label, _ in benefits._MONTHLY.values() for x in (f" {label} ", None))],
    [None, *["Effectif", "Evolution"] * 7],
    [datetime(2020, 5, 1), 1988100, 4.39, 1184400, 2, "343 500*", -7.5, 4538700, 6, 6175700, 0, 80900, -6, 1800, -77],
    [datetime(2020, 6, 1), "2 023 700*", 6.4, "1 194 000*", 3, "nd", "nd", "4 599 400*", 6, "6 157 800*", 1, "nd",
     "nd", "nd", "nd"],
    ["nd : non disponible."],
]  # fmt: skip


def _months(last, unit=1):
    return [
        ["Tableau"],
        ["Numero", 1, None, "2A", None, 971, None],
        ["Département", "Ain", None, "Corse-du-Sud", None, "Guadeloupe**", None],
        [datetime(2020, 5, 1), 8340 * unit, 10.2, 2380, "nd", 43640, "nd"],
        last,
        ["* Données provisoires"],
    ]


def _monthly(path, last):
    sheets = {"Tableau 1": NATIONAL, **{f"Tableau {n}": _months(last) for n in range(2, 9)}}
    return benefits.load_monthly(_book(path / "m.xlsx", sheets))


def test_monthly_provisional_months_are_text_and_starred(tmp_path):
    frame = check_figures(_monthly(tmp_path, ["juin-20*", 8580, 13, 2400, 1, "NC", 1]), "twin")
    values, states = (_at(frame, "count_rsa_recipients", c) for c in ("value", "state"))
    assert values[("01", "2020-05")] == 8340 and states[("01", "2020-05")] == "observed"
    assert values[("01", "2020-06")] == 8580 and states[("01", "2020-06")] == "provisional"
    assert states[("971", "2020-06")] == "unavailable"
    assert values[("FR", "2020-06")] == 2_023_700 and states[("FR", "2020-06")] == "provisional"
    assert (
        _at(frame, "count_ass_recipients", "state")[("FR", "2020-05")] == "provisional"
    )  # a star, and a date as month
    assert _at(frame, "count_ass_recipients", "state")[("FR", "2020-06")] == "unavailable"
    assert (
        _at(frame, "count_rsa_recipients", "lower")[("FR", "2020-05")] == 1_988_050
    )  # France is rounded to 100
    assert set(frame["territory"]) == {"01", "2A", "971", "FR"}


def test_monthly_row_that_is_not_a_month_is_refused(tmp_path):
    with pytest.raises(SourceError, match="'été' is not a month"):
        _monthly(tmp_path, ["été", 8580, 13, 2400, 1, 5, 1])


def test_december_carries_counts_and_no_rate(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text(
        "dep_code,annee,rsa_taux,rsa_nb,ass_nb,prime_activite_nb\n02,2024,34.4,18130.0,4650.0,39690.0\n"
    )
    frame = benefits.load_december([path])
    assert _at(frame, "count_rsa_recipients") == {("02", "2024-12"): 18130}
    assert set(frame["indicator"]) == set(benefits._DECEMBER.values())


# -------------------------------------------------------------------------------------------------------------- yearly


def _yearly_sheet(values, header=("2015", "2016", "2016 (2)", 2019), split=False):
    years = list(header)
    head = [["Tableau"], [None, "N° Dep", "Libelle Dep", *([] if split else years)]]
    if split:
        head[1] += ["Total RSA socle"]
        head.append([None, None, None, *years])
    return [*head, *[[None, *row] for row in values], [None, None, "Résident à l'étranger", 1, 1, 1, 1]]


def _yearly(path, changes=None):
    usual = [
        ["47", "Lot-et-Graonne", 10, 11, 12, 13],
        ["974", "La Réunion", "-", 21, 22, 23.5],
        ["20A", "Corse-du-Sud", "ns", 1, 2, 3],
        ["", "DOM", 1, 1, 1, 1],
        ["", "France ", 100, 110, 120, 130],
    ]
    sheets = {title: _yearly_sheet(usual) for title in minimum_incomes._YEARLY}
    sheets["Tableau 11"] = _yearly_sheet(usual, split=True)
    sheets["Tableau 14"] = _yearly_sheet(
        [[*row[:2], *[v * 2 if isinstance(v, int | float) else v for v in row[2:]]] for row in usual]
    )
    return minimum_incomes.load_yearly(_book(path / "y.xlsx", {**sheets, **(changes or {})}))


def test_yearly_second_2016_totals_and_missing_signs(tmp_path):
    frame = check_figures(_yearly(tmp_path), "twin")
    rsa, states = (_at(frame, "count_rsa_recipients_yearly", c) for c in ("value", "state"))
    assert rsa[("47", "2016-12")] == 12 and rsa[("2A", "2016-12")] == 2
    assert states[("2A", "2015-12")] == "suppressed" and states[("974", "2015-12")] == "not_applicable"
    assert set(frame["territory"]) == {"47", "974", "2A", "FR"}
    old_age, notes = (_at(frame, "count_old_age_minimum_recipients_yearly", c) for c in ("state", "note"))
    assert old_age[("2A", "2016-12")] == "modelled" and notes[("2A", "2016-12")] == "half_of_region"
    assert notes[("974", "2019-12")] == "estimated_by_producer" and old_age[("47", "2019-12")] == "observed"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            [["47", "Lot", 1, 1, 1, 1], ["47", "Lot-et-Garonne", 2, 2, 2, 2], ["", "France", 1, 1, 1, 1]],
            "appear twice",
        ),
        ([["", "Métropole", 1, 1, 1, 1], ["", "France", 1, 1, 1, 1]], "« Métropole » is no territory"),
        ([["47", "Lot-et-Garonne", 9, 9, 9, 9e6], ["", "France", 1, 1, 1, 1]], "have been swapped"),
        (
            [["47", "Lot-et-Garonne", 9, 9, 9, "?"], ["", "France", 1, 1, 1, 1]],
            "Lot-et-Garonne, 2019.*expected a number",
        ),
    ],
)
def test_yearly_contradictions_are_refused(tmp_path, change, message):
    with pytest.raises(SourceError, match=message):
        _yearly(tmp_path, {"Tableau 11": _yearly_sheet(change)})


def test_yearly_territory_repeated_alike_is_read_once(tmp_path):
    rows = [["974", "Réunion", 1, 1, 1, 1], ["974", "La Réunion", 1, 1, 1, 1], ["", "France", 1, 1, 1, 1]]
    frame = _yearly(tmp_path, {"Tableau 1": _yearly_sheet(rows)})
    assert _at(frame, "count_aah_recipients_yearly")[("974", "2019-12")] == 1


# --------------------------------------------------------------------------------------------------------------- oarsa


def test_oarsa_letters_collectivities_and_questions_not_asked(tmp_path):
    answers = [["", "Tableau"], ["", "Département/territoire", 2017, 2018]]
    answers += [
        ["", "20-Corse ", "ND ", 62],
        ["", "69M-Métropole-de-Lyon ", "/ ", "NC"],
        ["", "67-Bas-Rhin ", "NR ", 7],
    ]
    answers += [["", "975-Saint-Pierre-et-Miquelon\xa0 ", 100, 100]]
    labels = [label for _, label in orientation._OARSA.values()]
    national = [["", "", "", 2017, 2018], *[["", label, "", "/ ", 83] for label in labels]]
    sheets = {"Tableau A1": national, **dict.fromkeys(orientation._OARSA, answers)}
    frame = check_figures(orientation.load_oarsa(_book(tmp_path / "o.xlsx", sheets)), "twin")
    states, values = (_at(frame, "share_rsa_oriented", c) for c in ("state", "value"))
    assert states[("20R", "2017-12")] == states[("67", "2017-12")] == "unavailable"
    assert states[("69M", "2018-12")] == "not_applicable" and ("69M", "2017-12") not in states
    assert values[("FR", "2018-12")] == 83 and ("FR", "2017-12") not in values
    assert set(frame["territory"]) == {"20R", "69M", "67", "FR"}
    assert ("67", "2018") in _at(
        frame, "amount_delay_to_orientation_days"
    )  # a mean over the year, not a stock


# ---------------------------------------------------------------------------------------------------------- social aid


def _social_sheet(rows, years=(2009, 2018, 2019)):
    return [
        ["Tableau"],
        ["Code\n région", "Code\ndépartement", "Département", *years],
        *rows,
        ["TOTAL estimé France métropolitaine", None, None, 30, 30, 30],
        ["TOTAL estimé DROM (hors Mayotte)", None, None, 3, 3, 3],
        ["TOTAL estimé France entière (hors Mayotte)", None, None, 33, 33, 33],
        ["Dépenses par région"],
        ["Code\n région", "Région", None, *years],
        ["84", "Auvergne-Rhône-Alpes", None, 20, 20, 20],
        ["104", "La Réunion", None, 1, 1, 1],
        ["TOTAL estimé France métropolitaine", None, None, 99, 99, 99],
    ]


SOCIAL = [
    ["84", "01", "Ain", 0, -5.5, 3532.0289],
    [94, 20, "Collectivité de Corse", 4, 5, 6],
    ["94", "2A", "Corse-du-Sud", 2, 0, None],
    ["84", "69M", "Lyon Métropole ", "-", 7, 8],
    ["103", "973", "Guyane", 0, 9, 2],
]


def test_spending_null_cells_are_not_all_zeros(tmp_path):
    book = _book(tmp_path / "s.xlsx", dict.fromkeys(social_aid._SPENDING, _social_sheet(SOCIAL)))
    frame = social_aid.load_spending(book)
    values, states, notes = (
        _at(frame, "amount_rsa_allowance_gross_keur", c) for c in ("value", "state", "note")
    )
    assert values[("01", "2009")] == 0 and notes[("01", "2009")] == "published_zero"
    assert values[("01", "2018")] == -5.5 and notes[("01", "2018")] == "published_negative"
    assert states[("2A", "2018")] == "unavailable" and states[("2A", "2009")] == "observed"
    assert states[("69M", "2009")] == states[("973", "2009")] == "not_applicable"
    assert notes[("973", "2019")] == "rsa_recentralised"
    assert values[("20R", "2019")] == 6 and values[("FM", "2019")] == 30
    assert notes[("FR", "2019")] == "excluding_mayotte"
    assert set(frame["territory"]) == {"01", "20R", "2A", "69M", "973", "FM", "FR", "R84", "R04"}


def test_aid_recipients_blanks_and_dashes(tmp_path):
    book = _book(tmp_path / "a.xlsx", dict.fromkeys(social_aid._AID, _social_sheet(SOCIAL[1:])))
    frame = check_figures(social_aid.load_aid_recipients(book), "twin")
    states = _at(frame, "count_pch_recipients", "state")
    assert states[("2A", "2019-12")] == "unavailable" and states[("69M", "2009-12")] == "not_applicable"
    assert states[("973", "2009-12")] == "observed"  # an observed 0: only RSA was not in force overseas


def test_social_aid_row_of_unknown_totals_is_refused(tmp_path):
    rows = [["Grand Paris", None, None, 1, 1, 1]]
    with pytest.raises(SourceError, match="« Grand Paris » holds figures"):
        social_aid.load_spending(
            _book(tmp_path / "s.xlsx", dict.fromkeys(social_aid._SPENDING, _social_sheet(rows)))
        )


def test_missing_sheet_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"no sheet Tableau 1, Tableau 2.*found Feuille"):
        benefits.load_monthly(_book(tmp_path / "m.xlsx", {"Feuille": [["x"]]}))


# ----------------------------------------------------------------------------------------------------- published files


@pytest.fixture(scope="module")
def loaded(published):
    """Figures of a dataset, read from its published files once."""
    folder, kept = published("drees"), {}

    def load(name):
        if name not in kept:
            dataset = BY_NAME[name]
            kept[name] = check_figures(dataset.load(dataset.find(sorted(folder.iterdir()))), name)
        return kept[name]

    return load


def _reference(path, label):
    table = pd.read_csv(path, dtype="str", keep_default_na=False)
    rows = table[(table["indicator"] == label) & (table["confirmed"] == "yes")]
    assert len(rows), f"no reference figure « {label} »"
    return dict(zip(rows["geo"], rows["value"].astype(float), strict=True))


@pytest.mark.parametrize(
    ("name", "rows", "areas", "first", "last"),
    [
        ("solidarity_benefits_monthly", 32137, 102, "2017-01", "2020-10"),
        ("minima_december_2019_2024", 1728, 96, "2019-12", "2024-12"),
        ("minima_yearly_1995_2019", 16391, 103, "1995-12", "2019-12"),
        ("oarsa_2015_2018", 4080, 102, "2015-12", "2018-12"),
        ("social_spending_1999_2019", 26840, 122, "1999", "2019"),
        ("social_aid_recipients_1996_2020", 13420, 122, "2002-12", "2020-12"),
    ],
)
def test_published_shape(loaded, name, rows, areas, first, last):
    frame = loaded(name)
    assert (len(frame), frame["territory"].nunique()) == (rows, areas)
    assert (frame["period"].min(), frame["period"].max()) == (first, last)


@pytest.mark.parametrize(
    ("name", "indicator", "period", "label", "scale", "tolerance", "matched"),
    [
        ("solidarity_benefits_monthly", "count_rsa_recipients", "2019-12", "RSA allocataires (mensuel)", 1, 0, 101),
        ("minima_yearly_1995_2019", "count_rsa_recipients_yearly", "2019-12", "RSA allocataires", 1, 0, 103),
        ("oarsa_2015_2018", "share_rsa_oriented", "2018-12", "bénéficiaires RSA orientés (OARSA)", 1, 0, 94),
        ("social_spending_1999_2019", "amount_rsa_insertion_excl_cui_gross_keur", "2019",
         "dépenses insertion RSA hors CUI", 1000, 0.5, 101),  # published in M€ with three decimals
    ],
)  # fmt: skip
def test_published_values_by_territory(
    loaded, reference_figures, name, indicator, period, label, scale, tolerance, matched
):
    frame = loaded(name)
    ours = frame[(frame["indicator"] == indicator) & (frame["period"] == period)].set_index("territory")
    checked = 0
    for place, value in _reference(reference_figures, label).items():
        if place in ("DOM", "Saint-Pierre-et-Miquelon"):
            continue  # neither is a territory of the project
        row = ours.loc[territories.parse(place)]
        if row["state"] == "unavailable":
            assert row["note"] == "published_for_20R" and value == 0
            continue
        assert abs(row["value"] - value * scale) <= tolerance, place
        checked += 1
    assert checked == matched


def test_rsa_of_october_2020_and_of_the_end_of_2019(loaded, reference_figures):
    rsa = _at(loaded("solidarity_benefits_monthly"), "count_rsa_recipients")
    now, before = (sum(rsa[(d, p)] for d in territories.DEPARTEMENTS) for p in ("2020-10", "2019-10"))
    published = _reference(reference_figures, "RSA allocataires (somme départements, provisoire)")
    assert now == published["France"] == 2_069_380
    assert round(100 * (now / before - 1), 2) == 8.50
    assert rsa[("FR", "2020-10")] == 2_069_300  # the producer's own total, rounded to 100
    yearly = _at(loaded("minima_yearly_1995_2019"), "count_rsa_recipients_yearly")
    totals = _reference(reference_figures, "RSA allocataires")
    overseas = sum(yearly[(d, "2019-12")] for d in territories.OVERSEAS)
    assert yearly[("FR", "2019-12")] == rsa[("FR", "2019-12")] == totals["France"] == 1_916_100
    assert yearly[("FM", "2019-12")] == totals["France métropolitaine"] == 1_707_800
    assert abs(overseas - totals["DOM"]) <= 100  # 208,361 for 208,300


def test_last_five_months_are_provisional(loaded):
    frame = loaded("solidarity_benefits_monthly")
    months = frame[frame["state"] == "provisional"].groupby("indicator")["period"].unique().map(sorted)
    assert months["count_rsa_recipients"] == [f"2020-{m:02d}" for m in range(6, 11)]
    assert months["count_ass_recipients"] == [f"2020-{m:02d}" for m in range(5, 10)]
    assert not any("youth_guarantee" in name for name in months.index)


def test_three_files_agree_on_the_same_months(loaded):
    monthly, december, yearly = (
        loaded(n)
        for n in ("solidarity_benefits_monthly", "minima_december_2019_2024", "minima_yearly_1995_2019")
    )
    for indicator in benefits._DECEMBER.values():
        theirs = _at(monthly, indicator)
        both = {k: v for k, v in _at(december, indicator).items() if k in theirs}
        assert len(both) == 96 and all(theirs[k] == v for k, v in both.items())
    rsa = _at(monthly, "count_rsa_recipients")
    for (code, period), value in _at(yearly, "count_rsa_recipients_yearly").items():
        if period >= "2017" and code in territories.DEPARTEMENTS:
            assert abs(value - rsa[(code, period)]) <= 5  # rounding to 10 is all the difference


def test_departements_add_up_to_the_published_totals(loaded):
    for name in ("social_spending_1999_2019", "social_aid_recipients_1996_2020"):
        frame = loaded(name)
        last = frame[frame["period"] == frame["period"].max()]
        for indicator, rows in last.groupby("indicator"):
            values = rows.set_index("territory")["value"]
            apart = [c for c in values.index if c not in ("20R", "69M", "69D", "FR", "FM") and c[0] != "R"]
            total = values[apart].sum() + values["20R"]  # 2A and 2B are not published any more
            regions = values[[c for c in values.index if c[0] == "R"]].sum()
            assert total == pytest.approx(values["FR"], abs=2), indicator
            assert regions == pytest.approx(values["FR"], abs=2), indicator


# ----------------------------------------------------------------------------- the page of checks

CHECKS = (
    Check("RSA households, October 2020, sum of 101 départements", "2,069,380", "DREES, monthly data (provisional)",
          lambda: total("count_rsa_recipients", "2020-10"),
          "`tests/data/test_drees.py::test_rsa_of_october_2020_and_of_the_end_of_2019`"),
    Check("RSA households, change from October 2019 to October 2020, %", "8.5", "DREES, Études et résultats 1175",
          lambda: growth("count_rsa_recipients", "2020-10", "2019-10"), "same test, to the second decimal: 8.50"),
    Check("RSA households, end of 2019, France", "1,916,100", "DREES, minima sociaux",
          lambda: one("count_rsa_recipients_yearly", "FR", "2019-12"), "same test"),
    Check("RSA households, end of 2019, metropolitan France", "1,707,800", "DREES, minima sociaux",
          lambda: one("count_rsa_recipients_yearly", "FM", "2019-12"), "same test"),
    Check("RSA households, end of 2019, sum of 5 overseas départements", "208,300", "DREES, minima sociaux",
          lambda: total("count_rsa_recipients_yearly", "2019-12", territories.OVERSEAS),
          "the published total is rounded; same test"),
    Check("RSA households, change over 2022, %", "−2.3", "DREES, minima sociaux, end of 2022 (France)",
          lambda: growth("count_rsa_recipients", "2022-12", "2021-12", "FM"),
          "ours is the 96 metropolitan départements"),
    Check("RSA households, change over 2023, %", "−2.0", "DREES, minima sociaux, end of 2023 (France)",
          lambda: growth("count_rsa_recipients", "2023-12", "2022-12", "FM"),
          "ours is the 96 metropolitan départements"),
    Check("prime d'activité, end of 2019, France, millions of households", "4.50", "DREES, minima sociaux",
          lambda: one("count_activity_bonus_recipients", "FR", "2019-12") / 1000000.0),
    Check("RSA recipients with an orientation, end of 2017, %", "83", "DREES, OARSA",
          lambda: one("share_rsa_oriented", "FR", "2017-12"),
          "read in the file; `tests/data/test_drees.py::test_published_values_by_territory`"),
)  # fmt: skip
