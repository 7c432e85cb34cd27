"""Urssaf: private salaried jobs, from a re-user's table."""

import pytest

from analysis.data.sources import urssaf
from analysis.foundations.limits import SourceError


def write(tmp_path, *lines):
    path = tmp_path / "urssaf_effectifs_prive_dep_2014_2024__ottd.csv"
    path.write_text("\n".join(("code,year,eff_total", *lines)) + "\n", encoding="utf-8")
    return [path]


def test_codes_keep_their_zero_and_lacking_years_have_no_row(tmp_path):
    frame = urssaf.load(write(tmp_path, "01,2014,146291", "2A,2015,40000", "974,2014,191800"))
    assert frame[["territory", "period", "value"]].to_numpy().tolist() == [
        ["01", "2014", 146291], ["2A", "2015", 40000], ["974", "2014", 191800],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("01,2014,1", "01,2014,2"), "appear twice.* first 01, 2014"),
        (("01,2014,",), "no number of jobs on row 2"),
    ],
)
def test_a_doubtful_table_is_refused(tmp_path, lines, message):
    with pytest.raises(SourceError, match=message):
        urssaf.load(write(tmp_path, *lines))


def test_published_jobs(published):
    """100 départements over eleven years; December 2020, with ski stations closed, shows in Savoie alone."""
    frame = urssaf.load([published("urssaf", "urssaf_effectifs_prive_dep_2014_2024__ottd.csv")])
    wide = frame.pivot(index="territory", columns="period", values="value")
    assert wide.shape == (100, 11)
    assert "976" not in wide.index
    assert wide.loc["01", "2014"] == 146_291
    fall = wide["2020"] / wide["2019"] - 1
    assert fall.idxmin() == "73"
    assert fall["73"] == pytest.approx(-0.14, abs=0.005)
    assert wide["2024"].sum() == pytest.approx(19.99e6, rel=0.001)
