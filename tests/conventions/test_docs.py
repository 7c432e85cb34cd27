"""What the pages say is so: their commands exist, their links lead somewhere, what they name is there, their numbers hold.

Every Markdown page is read. The numbers of docs/methods.md (tables marked `values`) are computed anew from the committed
figures, and so are the tables that `make docs` writes.
"""

import doctest
import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from analysis.data.catalogue import Catalogue
from analysis.estimation import comparison, small_area
from analysis.foundations.measures import measures
from analysis.foundations.values import dictionary
from analysis.methods import evaluation, policies
from analysis.methods.indicators import energy, shrinkage, take_up
from tests.checks import Check, column, panel, weighted
from tests.conventions import doc_rules as rules
from tests.conventions import pages
from tests.conventions.repository import ROOT, texts
from tests.conventions.text_rules import french_typography
from tests.methods.test_power import seen
from tests.producer import NAME, dataset

PAGES = {path: text for path, text in texts().items() if path.endswith(".md")}


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists(page):
    problems = [f"{page}: {p}" for words in rules.commands(PAGES[page]) if (p := rules.wrong_command(words))]
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    problems = list(rules.broken_links(page, PAGES))
    assert not problems, "\n".join(problems)


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_there(page):
    problems = [f"{page}: {p}" for name in rules.named(PAGES[page]) if (p := rules.unknown_name(name))]
    assert not problems, "\n".join(problems)


def test_the_examples_of_the_methods_answer_what_the_page_prints():
    failed, run = doctest.testfile(
        str(ROOT / "docs/methods.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert run > 30 and not failed


@pytest.mark.parametrize("page, mark", pages.COMPUTED)
def test_a_computed_table_is_as_it_is_computed(page, mark):
    now = pages.written(PAGES[page], mark, pages.COMPUTED[page, mark]())
    assert now == PAGES[page], "write it with `make docs`"


def test_no_table_lists_a_source_that_is_not_decided(monkeypatch):
    monkeypatch.setattr(pages.sources, "datasets", lambda: {NAME: dataset(licence=...)})
    with pytest.raises(ValueError, match=rf"{NAME}: write what is still to be decided"):
        pages.datasets()


@pytest.mark.parametrize(
    ("published", "ours", "decimals", "cells"),
    [
        ("1,234", 1234.6, None, ("1,235", "1")),
        ("−2.3", -2.44, None, ("−2.4", "−0.1")),
        ("0.0", -0.04, None, ("0.0", "0.0")),
        ("2.80", 2.805, 3, ("2.805", "0.005")),
    ],
)
def test_a_published_figure_and_ours_are_printed_with_their_difference(published, ours, decimals, cells):
    row = Check("figure", published, "by", lambda: ours, "why", decimals).row()
    assert row == ("figure", published, "by", *cells, "why")


# ------------------------------------------------------------------------------------------- the rules, seen to fail


@pytest.mark.parametrize(
    "line",
    [
        "make report",
        "make test SPEED=1",
        "pacte publish",
        "pacte report 67 --output x",
        "pacte report bas-rihn",
        "pacte report 67 --outcome emploi",
        "pacte report --edition 1999",
        "pacte data fetch insee/unemployment_monthly",
        "pacte data template holiday",
        ".venv/bin/pacte report --all --jobs many",
    ],
)
def test_a_command_that_does_not_exist_is_seen(line):
    for text in (f"Text.\n\n    {line}\n", f"Text `{line}`.", f"```sh\n{line}  # so\n```\n"):
        (words,) = rules.commands(text)
        assert rules.wrong_command(words)


@pytest.mark.parametrize(
    "line", ["make reports ARGS='-k x'", "pacte data", "pacte data import PATH", "pacte report 67 -j 2 > log"]
)
def test_a_command_that_exists_is_accepted(line):
    (words,) = rules.commands(f"`{line}`")
    assert rules.wrong_command(words) is None


@pytest.mark.parametrize("target", ["docs/nothing.md", "#no-such-heading", "README.md#no-such-heading"])
def test_a_link_that_leads_nowhere_is_seen(target):
    assert list(rules.broken_links("CHANGELOG.md", PAGES | {"CHANGELOG.md": f"[x]({target})"}))
    assert not list(
        rules.broken_links("CHANGELOG.md", PAGES | {"CHANGELOG.md": "[x](README.md#two-commands)"})
    )


@pytest.mark.parametrize(
    "span",
    [
        "src/analysis/data/sources/bank.py",
        "tests/unit/test_values.py::test_nothing",
        "test_nothing_of_the_kind",
        "analysis.data.panel.Pannel",
        "analysis.panels",
        "rate_france_service_per_100000",
    ],
)
def test_a_name_of_nothing_is_seen(span):
    assert rules.unknown_name(span)


# ------------------------------------------------------------------------------------------------- README, CONTRIBUTING


def test_the_two_commands_and_the_three_doors_are_in_the_readme():
    found = {" ".join(words) for words in rules.commands(PAGES["README.md"])}
    assert {"make reports", "make test", "make lab", "pacte report 67"} <= found
    cared_for = {words.split()[2] for words in found if words.startswith("pacte data ")}
    assert cared_for >= {"check", "fetch", "import", "new", "add"}


def test_the_picture_of_a_report_is_there_light_and_told_in_words():
    ((words, name),) = re.findall(r"!\[([^]]*)\]\(([^)]*)\)", PAGES["README.md"])
    content = (ROOT / name).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 250_000
    assert len(words) > 60


def test_the_french_section_is_well_set():
    section = PAGES["README.md"].partition("## Pour les évaluatrices")[2]
    assert len(section) > 500
    assert not list(french_typography(section))


def test_the_worked_examples_name_what_they_walk_through():
    named = set(rules.spans(PAGES["CONTRIBUTING.md"]))
    for expected in (
        "rate_france_services_per_100000", "src/analysis/foundations/indicators.yml",
        "src/analysis/data/sources/banque_de_france.py",
        "tests/data/test_banque_de_france.py", "notebooks/report_precarite_energetique.ipynb", "editions/2025.yml",
    ):  # fmt: skip
        assert expected in named
    entry = dictionary()["rate_france_services_per_100000"].ratio
    terms = f"numerator: {entry.numerator}, denominator: {entry.denominator}, per: {entry.per:.0f}, lag: {entry.lag}"
    assert f"ratio: {{{terms}}}" in PAGES["CONTRIBUTING.md"]
    assert "count_france_services" in {m.key: m for m in measures()}["reaching_out"].proxies


# ---------------------------------------------------------------------------------------------------------------- numbers


def tables(text, mark):
    """The rows of the tables that follow a mark, as lists of cells."""
    found = []
    for part in text.split(f"<!-- {mark} -->\n")[1:]:
        lines = re.match(r"\s*((?:\|[^\n]*\n)+)", part).group(1).splitlines()
        found += [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines[2:]]
    return found


@cache
def inputs():
    """What the expected non-take-up is computed from: margins, weights, national rate and its error, transfer error."""
    return take_up.ingredients(panel(), Catalogue().parameters("non_take_up"))


def transfer_errors():
    """The transfer error of each composition."""
    measure, found = take_up.transfer_error, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(take_up, "transfer_error", lambda *given: found.append(measure(*given)) or found[-1])
        take_up.rsa_expected(panel(), Catalogue().parameters("non_take_up"))
    return found


def rate_of_the_others():
    """The rate that the families without a published one need for the mean to be the national rate."""
    (_, family), weights, national, *_ = inputs()
    shares = family.composition.apply(weighted, weights=weights)
    (missing,) = (k for k, rate in family.rates.items() if rate is None)
    known = sum(rate * shares[k] for k, rate in family.rates.items() if rate is not None)
    return (national - known) / shares[missing]


def width(found):
    return f"{found.figures.eval('upper - lower').mean():.1f}"


def non_take_up_values():
    margins, weights, national, error, transfer = inputs()
    found = take_up.expected(*inputs())
    exact = take_up.expected(tuple(replace(m, errors={}) for m in margins), weights, national, 0.0, transfer)
    figures, value = found.figures, found.figures["value"]
    apart = (figures["lower"] > value.median()) | (figures["upper"] < value.median())
    by_tenure, by_family = transfer_errors()
    return {
        "départements with an estimate": f"{len(figures)}",
        "constant c of the tenure margin, logit scale": f"{found.shifts['tenure']:.3f}",
        "rate of the other families that the benchmark needs, %": f"{rate_of_the_others():.1f}",
        "transfer error τ by tenure, logit scale": f"{by_tenure:.3f}",
        "transfer error τ by family, logit scale": f"{by_family:.3f}",
        "lowest and highest expected rate, %": f"{value.min():.1f} to {value.max():.1f}",
        "standard deviation between départements, points": f"{value.std():.1f}",
        "mean width of the 95 % interval, points": width(found),
        "mean width without any sampling error, points": width(exact),
        "mean width without the transfer error, points": width(
            take_up.expected(margins, weights, national, error, 0.0)
        ),
        "départements whose interval leaves out the median": f"{apart.sum()}",
        "mean gap between the two compositions, points": f"{(figures['tenure'] - figures['family']).abs().mean():.1f}",
    }


def energy_values():
    rows, found = energy.corrected_rows(panel())
    said = {}
    for observed, name in energy.CORRECTED.items():
        what = "electricity" if "electricity" in observed else "gas"
        one = found[observed]
        low, high = (one.value + z * one.error for z in (-1.959964, 1.959964))
        key = ["territory", "period"]
        both = rows[rows["indicator"] == name].merge(panel().select(observed), on=key)
        said |= {
            "years": f"{one.years[0]} to {one.years[-1]}",
            f"elasticity of {what}, with 95 % interval": f"{one.value:.2f} ({low:.2f} to {high:.2f})",
            f"départements, {what}": f"{one.number}",
            f"largest correction of {what}, %": f"{100 * (both['value_x'] / both['value_y'] - 1).abs().max():.1f}",
        }
    return said


def funnel_values():
    rates, sizes = column("share_dpe_fg", "2026-06"), column("count_dpe", "2026-06")
    found = comparison.funnel(rates, sizes, "67", "share_dpe_fg", "2026-06")
    theta = found.reference / 100
    binomial = (found.rate / 100 - theta) / np.sqrt(theta * (1 - theta) / found.n)
    return {
        "reference θ₀, %": f"{found.reference:.2f}",
        "dispersion φ": f"{found.phi:,.0f}",
        "standard deviation between départements τ, points": f"{found.tau:.1f}",
        "beyond the binomial 95 % limits, of 96": f"{(np.abs(binomial) > comparison.Z95).sum()}",
        "beyond the 95 % limits, of 96": f"{(np.abs(found.z) > comparison.Z95).sum()}",
        "beyond the 99.8 % limits, of 96": f"{(np.abs(found.z) > comparison.Z998).sum()}",
    }


def percent(logarithm):
    return f"{100 * np.expm1(logarithm):.1f}"


def effects_values():
    said = {
        f"smallest effect seen on the monthly RSA caseload, {words} treated of 100, log points × 100": f"{seen(treated):.1f}"
        for treated, words in ((1, "one"), (18, "18"), (47, "47"))
    }
    designs = {"first wave": "renewed_accompaniment_wave1", "both waves": "renewed_accompaniment"}
    for words, name in designs.items():
        found = evaluation.evaluate(
            policies.sample(policies.design(name, Catalogue()), panel(), "rsa_december")
        )
        main, title = found.main, f"{words}, RSA recipients in December"
        between = f"{percent(main.lower)} to {percent(main.upper)}"
        said |= {
            f"{title}: treated, controls": f"{main.treated}, {main.controls}",
            f"{title}: effect, with 95 % interval, %": f"{percent(main.att)} ({between})",
            f"{title}: smallest effect seen, %": percent(found.detectable.mde),
        }
    followed = policies.followed(policies.design(designs["first wave"], Catalogue()), panel())
    return said | {"first wave, share of recipients followed, %": f"{100 * followed.share:.1f}"}


def small_area_values():
    given = shrinkage.recruitment(panel(), Catalogue().parameters("small_areas"))
    found = small_area.shrunk_shares(given.shares, given.sizes, given.covariates)
    last = found.figures[found.figures["period"] == "2023"]
    weights = ", ".join(f"{last['gamma'].quantile(q):.2f}" for q in (0, 0.5, 1))
    return {
        "départements with a shrunken share, 2023": f"{len(last)}",
        "variance of a share × projects, arcsine scale": f"{found.noise.constant:.1f}",
        "its standard error": f"{found.noise.error:.1f}",
        "weight γ of the département's own share, 2023: lowest, median, highest": weights,
        "largest move from the published share, points": f"{100 * (last['value'] - last['direct']).abs().max():.1f}",
        "mean width of the 95 % interval, points of a share": f"{100 * (last['upper'] - last['lower']).mean():.1f}",
    }


def simulated():
    """Rejection rates of benchmarks/inference.md by heading and inference."""
    text = (ROOT / "benchmarks/inference.md").read_text(encoding="utf-8")
    found = {}
    for part in text.split("\n## ")[1:]:
        heading = part.partition("\n")[0]
        rows = re.findall(r"(?m)^\| (.+?) \| \**([\d.]+)\** \| ±", part)
        found |= {(heading, name): float(rate) for name, rate in rows}
    return found


def test_the_rates_of_the_methods_are_those_of_the_simulation():
    rates, page = simulated(), PAGES["docs/methods.md"]
    counts = {"18": "18 treated", "six": "Six treated", "three": "Three treated", "one": "One treated"}
    eighteen, six, three, alone = (
        rates[f"{h}, no effect", "randomisation, default"] for h in counts.values()
    )
    words = f"{eighteen} % of the time with 18 treated, {six} % with six, {three} % with three, {alone} % with one"
    assert words in " ".join(page.split())
    software = "cluster as software gives it: CR1, t(G − 1)"
    some = [rates[f"{counts[k]}, no effect", software] for k in ("one", "three", "six")]
    found = {
        "cluster, as software gives it": "; ".join(f"{rate:.0f}" for rate in some),
        "multiplier bootstrap, simultaneous band": f"{rates['Six treated, no effect', BAND]:.0f}",
        "randomisation of the plain effect": f"{rates[f'18 treated {TWICE}', 'randomisation, plain effect']:.0f}",
        "randomisation, one treated": f"{rates[f'One treated {ONCE}', 'randomisation, default']:.0f}",
        "placebo ranks of a synthetic control": f"{rates[f'One treated {ONCE}', RATIO]:.0f}",
        "Wald test of pre-trends": f"{rates['Before treatment, 18 treated, no trend', 'pre-trends: Wald']:.0f}",
    }
    assert {row[0]: row[2] for row in tables(page, "simulated")} == found


BAND, RATIO = "Callaway–Sant'Anna: multiplier bootstrap, band", "synthetic control placebo: RMSPE ratio"
TWICE, ONCE = "that vary twice as much, no effect", "that varies twice as much, no effect"


def test_the_numbers_of_the_methods_are_those_of_the_code():
    said = dict(tables(PAGES["docs/methods.md"], "values"))
    computed = (
        non_take_up_values() | energy_values() | funnel_values() | effects_values() | small_area_values()
    )
    assert said == {name: value.replace("-", "−") for name, value in computed.items()}
    assert f"the {len(measures())} measures" in PAGES["docs/methods.md"]
