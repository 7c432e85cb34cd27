"""What reports say of effects and costs, on the project's own figures: with their intervals, and why where there is none.

Results are computed once and kept (``shared``), as in a batch.
"""

import html
import re
from dataclasses import fields, replace
from typing import get_args

import pytest

from analysis.data.panel import Panel
from analysis.estimation.sample import Estimate, ReasonKey
from analysis.foundations.values import VALUED_STATES
from analysis.methods import verdict
from analysis.methods.evaluation import Evaluation, Row
from analysis.methods.policies import Reason
from analysis.presentation.narrative import designs, formats, sentences
from analysis.reports import sections
from analysis.reports.modelled import MODELS
from analysis.reports.report import open_report
from analysis.reports.sections import effects, evaluated, financing

EXIT = {"design": "renewed_accompaniment_wave1", "outcome": "rsa_december"}
NATIONAL = ("renewed_accompaniment_wave1", "energy_vouchers_pilots")
SHRINKAGE_NOTES = ("no_covariate", "no_survey", "imprecise")
HERE = ("rsa_december", "rsa_monthly", "unemployment", "activity_bonus_december")
SIZED = ("une hausse de", "une baisse de", "écart moyen avec", "a rise of", "a fall of", "average gap from")
"""Words that give the size of an effect."""
KEYS = re.compile(r"\b(effects?|design|financing|small_area)\.[a-z_]+|\{[a-z_]+\}|>\s*(nan|None|inf)\s*<")


@pytest.fixture(scope="module")
def panel():
    return Panel.open()


def words(shown):
    """What is read, without figures and tables."""
    html = shown._repr_html_()
    assert not KEYS.search(html), KEYS.search(html)
    for part in ("figure", "table"):
        html = re.sub(rf"<{part}\b.*?</{part}>", " ", html, flags=re.DOTALL)
    html = re.sub(r"</(p|li|h\d|summary)>", "\n", html)
    return re.sub(r"[^\S\n]+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def is_guarded(text, lang):
    """Each size has its interval in the same sentence, each paragraph begins with a capital, all in the language."""
    for sentence in re.split(r"(?<=\.)\s|\n", text):
        if any(size in sentence for size in SIZED):
            assert "interval" in sentence.lower(), sentence
    assert ("intervalle" in text) == (lang == "fr") or "interval" not in text
    starts = [line.strip()[:1] for line in re.split(r"\n|(?<=\.) ", text) if line.strip()]
    assert not [s for s in starts if s.isalpha() and s.islower()], text


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_country_is_told_each_policy_with_its_interval_and_how_many_were_looked_at(panel, lang):
    report = open_report("FR", lang, panel)
    found = words(sections.effects_found(report))
    is_guarded(found, lang)
    assert len(found.splitlines()) == 6 and found.count("95") >= 5
    looked = words(sections.effects_looked_at(report))
    found = [r for name in policies_named(report) for r in evaluated.results(report, name).results.values()]
    away = [r for r in found if r.main.excludes_zero]
    placebos = sum(r.study.outcome.role == "placebo" for r in away)
    assert re.search(rf" {len(found)}\. .* {len(away)}, \w+ \w* ?{placebos} ", looked), looked
    for name in NATIONAL:
        shown = sections.effects_of(report, name)
        is_guarded(words(shown), lang)
        assert sections.sources(report)._repr_html_()
    page = sections.effects_of(report, NATIONAL[0])._repr_html_()
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids)) and page.count("<figure") >= 4


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_every_comparison_has_a_row_with_what_is_excluded_in_people_or_why_nothing_is(panel, lang):
    report = open_report("FR", lang, panel)
    table, drawings = (sections.effects_all(report).items[i] for i in (0, slice(2, None)))
    everything = {name: evaluated.results(report, name) for name in policies_named(report)}
    rows, found = iter(table.rows), []
    for everyone in everything.values():
        for result in everyone.results.values():
            found.append((next(rows), result, verdict.verdict(evaluated.evidence(result, everyone))))
        for _ in everyone.not_evaluable:
            row = next(rows)
            assert row["excluded"] in ("rien", "nothing") and re.match(
                "non évaluable|not evaluable", row["verdict"]
            )
    assert next(rows, None) is None and sum(len(one.table.rows) for one in drawings) == len(found)
    for row, result, kind in found:
        told = re.sub("[\u00a0\u202f,]", "", row["excluded"])
        counted = result.relative and not re.match("rien|nothing", told)
        assert re.match("rien|nothing", told) or kind == "nothing_seen", row
        assert not counted or re.search(rf"(?:sur|of) {_before(panel, result)}\b", told), row


def _before(panel, result):
    """People that the outcome counted in the treated départements before the policy, from the panel itself."""
    sample, total = result.study.sample, 0.0
    for code in sample.treated:
        when = sample.periods[sample.first[code] - 1]
        known = (panel.value(indicator, code, when) for indicator, _ in result.study.outcome.series)
        total += next(one.value for one in known if one.known)
    return round(total)


def policies_named(report):
    return report.common("effects.treated", "analysis.methods.policies:treated")


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize(
    ("code", "fr", "figures"),
    [
        ("80", "D’après le seul nombre qui ait été trouvé, 1 037 personnes sont entrées dans le pilote", 5),
        ("64", "Dans les Pyrénées-Atlantiques, l’effet ne peut pas être isolé", 0),
        ("974", "À La Réunion, l’effet ne peut pas être isolé", 1),
        ("93", "En Seine-Saint-Denis, la politique a commencé après la fin de ces chiffres", 3),
        ("01", "Aucune politique dont l’effet sur ces résultats peut être cherché", 0),
    ],
)
def test_a_departement_is_told_what_could_be_seen_there_or_why_nothing_can(panel, code, lang, fr, figures):
    shown = sections.effects_here(open_report(code, lang, panel), *HERE)
    text = words(shown)
    is_guarded(text, lang)
    assert shown._repr_html_().count("<figure") == figures
    if lang == "fr":
        assert fr in text, text
        assert (
            "trop peu de périodes" not in text
        )  # only for what the policy aims at is one département looked at
    excluded = {"fr": "Cet intervalle exclut ", "en": "This interval excludes "}[lang]
    assert text.count(excluded) >= figures  # one threshold for each drawing, and no other
    assert not re.search("plus petit effet|smallest effect|no effect would show", text)


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_what_three_treated_do_not_allow_says_so_and_nothing_else_in_its_place(panel, lang):
    report = open_report("FR", lang, panel)
    shown = sections.effects_of(report, "recentralisation")
    found = evaluated.results(report, "recentralisation").results["rsa_december"]
    assert found.reasons["sensitivity"] == "few_units"
    reason = designs.refused("few_units", lang)
    forest = next(table for key, table in shown.frames().items() if key.startswith("estimators_"))
    assert (
        sum(reason in str(row) for row in forest.to_dict("records"))
        == sum(r.estimate is None for r in found.rows)
        > 0
    )
    assert words(shown).count(reason) >= 2  # sensitivity, and effects by time


# ------------------------------------------------------------------------------------------------- what was refused


PARTS = tuple(f.name for f in fields(Evaluation) if str(f.type).endswith("| None"))
"""What an evaluation may lack, each with its reason."""


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("key", get_args(ReasonKey))
def test_each_part_and_each_estimator_that_is_refused_says_its_reason(panel, monkeypatch, key, lang):
    report = open_report("FR", lang, panel)
    real = evaluated.results(report, EXIT["design"])
    result, name = real.results[EXIT["outcome"]], EXIT["outcome"]
    assert len(PARTS) == 7
    made = replace(
        result, rows=(result.rows[0], *(Row(row.key, None, "", key) for row in result.rows[1:])),
        refused=dict.fromkeys(PARTS, ""), reasons=dict.fromkeys(PARTS, key), **dict.fromkeys(PARTS),
    )  # fmt: skip
    monkeypatch.setattr(effects, "results", lambda report, _: replace(real, results={name: made}))
    shown = sections.effects_of(report, EXIT["design"])
    reason = " ".join(designs.refused(key, lang).split())
    assert words(shown).count(reason) == len(PARTS)
    forest = next(table for of, table in shown.frames().items() if of.startswith("estimators_"))
    said = [" ".join(" ".join(map(str, row)).split()) for row in forest.itertuples(index=False)]
    assert sum(reason in one for one in said) == len(made.rows) - 1 > 5


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_whoever_and_whatever_is_left_out_of_an_outcome_is_told_with_its_reason(panel, lang):
    report = open_report("FR", lang, panel)
    told = 0
    for name in policies_named(report):
        found = evaluated.results(report, name)
        text = re.sub(r"<[^>]+>", " ", sections.effects_of(report, name)._repr_html_())
        for study in (result.study for result in found.results.values()):
            reasons = {*study.left_out.values(), *study.dropped.values(), *study.cautions}
            reasons |= {flag for flags in study.flags.values() for flag in flags}
            for reason in reasons:
                assert html.escape(formats.capital(designs.reason(reason, lang)), quote=False) in text, reason
            told += len(reasons)
        for reason in found.not_evaluable.values():
            assert html.escape(formats.capital(designs.reason(reason, lang)), quote=False) in text, reason
    assert told > 100


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_an_outcome_that_could_not_be_evaluated_says_so_in_the_report_of_a_departement(panel, lang):
    report = open_report("67", lang, panel)
    text = words(sections.effects_here(report, *HERE))
    asked = {
        " ".join(designs.reason(reason, lang).split())
        for name in ("renewed_accompaniment", "spie")
        for outcome, reason in evaluated.results(report, name).not_evaluable.items()
        if outcome in HERE and evaluated.results(report, name).design.outcomes[outcome].role == "main"
    }
    assert asked and all(reason in text for reason in asked)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"followed": None}, "le nombre de personnes suivies n’a pas été trouvé"),
        ({"results": {}, "not_evaluable": {EXIT["outcome"]: Reason("alone"), "other": Reason("few_units")}},
         "Non évaluable : un seul département traité, ou un seul à sa date"),
    ],
)  # fmt: skip
def test_a_cost_that_is_not_computed_says_why_and_not_why_another_outcome_is_not(
    panel, monkeypatch, changes, told
):
    report = open_report("80", "fr", panel)
    made = replace(evaluated.results(report, EXIT["design"]), **changes)
    monkeypatch.setattr(financing, "results", lambda report, name: made)
    text = words(sections.cost_of_an_exit(report))
    assert told in text and designs.refused("few_units", "fr") not in text


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("model", MODELS)
def test_what_a_model_gives_no_figure_for_says_why(panel, model, lang):
    report = open_report("67", lang, panel)
    rows = report.modelled(MODELS[model])[0]
    without = rows[~rows["state"].isin(VALUED_STATES)]
    assert all(sentences.reasons(note, lang) for note in {*without["note"], *SHRINKAGE_NOTES})


def test_a_gap_that_exceeds_those_followed_is_not_said_to_come_from_the_pilot(panel):
    text = words(sections.effects_here(open_report("80", "fr", panel), "rsa_december"))
    assert (
        "Tel qu’il est estimé, cet écart dépasse l’ensemble des personnes que le pilote aurait suivies (5,9"
        in text
    )


# ------------------------------------------------------------------------------------------------------------- costs


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("code", ["80", "01", "974", "976"])
def test_costs_are_told_with_their_assumptions_and_undefined_without_an_effect(panel, code, lang):
    report = open_report(code, lang, panel)
    even, exit_ = sections.break_even(report), words(sections.cost_of_an_exit(report))
    rows = even._repr_html_().count("<tr")
    assert rows == (3 if code == "976" else 5)  # no local spending is published for Mayotte
    assert {"fr": "ordre de grandeur", "en": "order of magnitude"}[lang] in words(even)
    assert not evaluated.results(report, EXIT["design"]).results[EXIT["outcome"]].main.excludes_zero
    assert {"fr": "est indéfini", "en": "is undefined"}[lang] in exit_
    assert re.search(
        {"fr": r"intervalle à 95.% : de −[\d,]+ à \+", "en": r"95% interval: −[\d.]+ to \+"}[lang], exit_
    )


@pytest.mark.parametrize(
    ("limits", "told"),
    [((-0.07, -0.03), "coûterait 1 327 € (intervalle à 95 % : entre 957 € et "),
     ((-0.12, 0.02), "est indéfini"), ((0.03, 0.07), "est indéfini")],
)  # fmt: skip
def test_a_cost_is_an_amount_only_where_there_is_an_effect(panel, monkeypatch, limits, told):
    main = Estimate(
        "difference_in_differences", "simple", sum(limits) / 2, 0.01, *limits, 0.01, "randomisation", 16, 46
    )
    report = open_report("80", "fr", panel)
    real = evaluated.results(report, EXIT["design"])
    made = replace(real, results={EXIT["outcome"]: replace(real.results[EXIT["outcome"]], main=main)})
    monkeypatch.setattr(financing, "results", lambda report, name: made)
    assert told in words(sections.cost_of_an_exit(report))


def test_a_fall_of_the_caseload_is_an_exit_and_its_limits_are_exchanged():
    main = Estimate(
        "difference_in_differences", "simple", -0.02, 0.01, -0.05, 0.01, 0.1, "randomisation", 16, 46
    )
    found = financing.exits(main, 0.05)
    assert (found.points, found.lower, found.upper) == pytest.approx((39.60, -20.10, 97.54), abs=0.01)


@pytest.mark.parametrize(("code", "lang"), [("80", "fr"), ("64", "en"), ("976", "fr")])
def test_a_noisy_share_is_told_as_modelled_with_the_weight_of_what_was_published(panel, code, lang):
    report = open_report(code, lang, panel, models=["small_areas.recruitment"])
    shown = sections.shrunk_recruitment(report)
    text = words(shown)
    is_guarded(text, lang)
    if code == "976":
        assert "n’ont pas de chiffre pour Mayotte" in text and "<figure" not in shown._repr_html_()
        return
    weight = int(re.search(r"(?:compte ici pour|counts here for) (\d+)", text)[1])
    assert 0 < weight < 100 and {"fr": "le modèle attend", "en": "the model expects"}[lang] in text
    assert shown._repr_html_().count("<figure") == 1
