"""The reader of long exports: each way in which portals write territories, periods, series, masks and statuses."""

import pytest

from analysis.data.sources.tidy import Tidy, as_written, year
from analysis.foundations.limits import SourceError

JOBS = "count_private_jobs"


def read(tmp_path, reader, *lines):
    path = tmp_path / "export.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    frame = reader([path])
    keys = zip(frame["territory"], frame["period"], frame["indicator"], strict=True)
    return {
        key: state if value != value else value
        for key, value, state in zip(keys, frame["value"], frame["state"], strict=True)
    }


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("2026-T2", "2026-Q2"), ("2026Q2", "2026-Q2"), ("2026-Q2", "2026-Q2"), ("2007-S1", "2007-S1"), (" 2024 ", "2024"),
        ("2024.0", "2024"), ("2026-06", "2026-06"), ("2026-06-30", "2026-06"), ("2026-06-30T00:00:00+02:00", "2026-06"),
        ("2025-2026", "2025-2026"),
    ],
)  # fmt: skip
def test_periods_are_read_as_portals_write_them(written, read_as):
    assert as_written(written) == read_as
    assert year("2023-12-31") == "2023"


def test_series_are_chosen_by_several_columns_and_margins_are_left(tmp_path):
    reader = Tidy(
        "dep", "date", {("ABC", "Total"): "count_job_seekers_abc", ("A", "F"): "count_job_seekers_a"},
        series=("cat", "sexe"), value="n", codes={"Total": "FM", "NA": None}, filters={"type": ("Brutes",)},
    )  # fmt: skip
    found = read(
        tmp_path, reader, "type;date;dep;cat;sexe;n", "Brutes;2026-T2;01;ABC;Total;10", "Brutes;2026-T2;Total;ABC;Total;99",
        "Brutes;2026-T2;1;A;F;1", "Brutes;2026-T2;01;A;M;2", "CVS;2026-T2;01;ABC;Total;11", "Brutes;2026-T2;NA;ABC;Total;98",
    )  # fmt: skip
    assert found == {
        ("01", "2026-Q2", "count_job_seekers_abc"): 10, ("FM", "2026-Q2", "count_job_seekers_abc"): 99,
        ("01", "2026-Q2", "count_job_seekers_a"): 1,
    }  # fmt: skip


def test_a_column_a_year_is_read_whatever_years_come_and_a_sum_with_a_masked_term_has_no_value(tmp_path):
    reader = Tidy(
        "code", "period", {"eff": JOBS}, series=("measure",), value="value", sums=True, since="2006",
        wide=r"(?P<measure>eff)_(?P<period>\d{4})",
    )  # fmt: skip
    found = read(
        tmp_path, reader, "code;secteur;eff_2005;eff_2006;eff_2027;etab_2006", "01;a;9;1;2;4", "01;b;9;1,5;s;4",
        "2A;a;9;3 000;;5", "2A;b;9;1;7;5",
    )  # fmt: skip
    assert found == {
        ("01", "2006", JOBS): 2.5, ("01", "2027", JOBS): "suppressed",
        ("2A", "2006", JOBS): 3001, ("2A", "2027", JOBS): "unavailable",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ("12;A", 12), ("12;P", 12), ("0;A", 0), (";K", "unavailable"), ("0;K", "unavailable"), (";A", "unavailable"),
        ("12;C", "suppressed"), ("s;A", "suppressed"), ("SECRET;A", "suppressed"),
    ],
)  # fmt: skip
def test_a_status_and_a_mask_are_states_and_never_zero(tmp_path, cells, value):
    reader = Tidy("GEO", "TIME_PERIOD", {"OBS_VALUE": JOBS}, shape=r"\d{4}-DEP-(.+)", status="OBS_STATUS")
    lines = ("GEO;TIME_PERIOD;OBS_VALUE;OBS_STATUS", f"2026-DEP-971;2023;{cells}")
    assert read(tmp_path, reader, *lines) == {("971", "2023", JOBS): value}
    if cells == "12;P":
        assert reader([tmp_path / "export.csv"])["state"].tolist() == ["provisional"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2026-DEP-971;2023;12;F", r"column 'OBS_STATUS': 'F'; expected one of"),
        ("2026-DEP-99;2023;12;A", "holds what is no territory"),
        ("2026-REG-84;2023;12;A", "holds what is no territory"),
        ("2026-DEP-971;23;12;A", "column 'TIME_PERIOD': '23'"),
        ("2026-DEP-971;2023;douze;A", "column 'OBS_VALUE'.*douze"),
    ],
)
def test_what_has_no_meaning_here_is_refused_with_its_place(tmp_path, line, said):
    reader = Tidy("GEO", "TIME_PERIOD", {"OBS_VALUE": JOBS}, shape=r"\d{4}-DEP-(.+)", status="OBS_STATUS")
    with pytest.raises(SourceError, match=rf"export\.csv.*{said}"):
        read(tmp_path, reader, "GEO;TIME_PERIOD;OBS_VALUE;OBS_STATUS", line)


def test_codes_of_three_figures_and_a_number_of_thousands(tmp_path):
    reader = Tidy("dep", "an", {"n": JOBS}, shape=r"0?(\w{2,3})", scale=1000)
    found = read(tmp_path, reader, "dep;an;n", "001;2024;1,5", "02A;2024;2", "971;2024;3")
    assert found == {("01", "2024", JOBS): 1500, ("2A", "2024", JOBS): 2000, ("971", "2024", JOBS): 3000}
