"""Pupils' social situation: three school years in one table, each indicator dated by its own."""

import pytest

from analysis.data.sources.education import _INDICATORS, DATASETS, load
from analysis.foundations import territories
from analysis.foundations.limits import SourceError


def _write(folder, columns, values):
    path = folder / DATASETS[0].files[0]
    path.write_text(f"dep,{','.join(columns)}\n2B,{','.join(values)}\n", encoding="utf-8")
    return [path]


def test_each_indicator_has_the_year_of_its_publication(tmp_path):
    frame = load(_write(tmp_path, _INDICATORS, [str(n) for n in range(len(_INDICATORS))]))
    assert set(frame.territory) == {"2B"}
    years = frame.set_index("indicator").period
    assert years["count_scholarship_pupils_lower_secondary"] == "2020"
    assert years["index_social_segregation_lower_secondary"] == "2021"
    assert years["index_social_position_primary"] == "2022"


def test_a_missing_column_is_named(tmp_path):
    with pytest.raises(SourceError, match="ips_col_2022"):
        load(_write(tmp_path, ["ips_eco_2022"], ["1"]))


def test_published_file(published):
    frame = load([published("education", DATASETS[0].files[0])])
    assert set(frame.territory) == set(territories.DEPARTEMENTS)
    assert frame.state.eq("observed").all()
    wide = frame.pivot(index="territory", columns="indicator", values="value")
    assert wide.index_social_position_lower_secondary.idxmax() == "75"
    assert wide.index_social_position_lower_secondary.idxmin() == "976"
    assert wide.count_scholarship_pupils_lower_secondary.sum() == 855_244
    assert wide.loc["93", "share_scholarship_pupils_lower_secondary"] == 45.2
