"""What is said of an effect never goes beyond its interval, and a study concludes only as far as its checks allow."""

import dataclasses
import itertools
import math
import re
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.estimation import costs, power
from analysis.estimation.credibility import LeaveOneOut, PlaceboDates, Pretrends
from analysis.estimation.regressions import Bacon
from analysis.estimation.sample import Estimate, ReasonKey
from analysis.estimation.sensitivity import Sensitivity
from analysis.estimation.synthetic import Placebo
from analysis.foundations.translations import catalogue
from analysis.foundations.values import LANGS
from analysis.methods import verdict
from analysis.methods.policies import Description, Group, Reached, Reason
from analysis.presentation.figures import bacon_table
from analysis.presentation.narrative import checks, designs, effects, pilots, sizes
from analysis.presentation.narrative import costs as cost_words
from tests.conventions.text_rules import french_typography

OUTCOME = {"fr": "foyers allocataires du RSA, en décembre", "en": "RSA recipient households, in December"}
NAN, INF = math.nan, math.inf


def plain(text):
    """A sentence with ordinary spaces, so that tests can be read."""
    return re.sub("[\u00a0\u202f]", " ", text)


def estimate(att, lower, upper, treated=16, p=0.3, **others):
    given = {"estimator": "callaway_santanna", "estimand": "simple", "inference": "cluster"} | others
    return Estimate(att=att, se=NAN, lower=lower, upper=upper, p=p, treated=treated, controls=46, **given)


def before(p=0.4, slope=0.01, implied=0.015):
    return Pretrends((-3, -2), np.zeros(2), np.ones(2), p, 0.0, slope, implied, 0.8)


def drift(breakdown):
    table = pd.DataFrame({"lower": [-1.0], "upper": [1.0]}, index=[0.0])
    return Sensitivity(-0.1, -0.15, -0.05, table, table, breakdown, breakdown, (-3, -2), 2, (0, 1))


def without(whole, limits):
    """An effect without each of some départements, whose limits are given."""
    frame = pd.DataFrame(limits, ["lower", "upper"]).T
    frame.insert(0, "att", frame.mean(axis=1))
    frame["change"] = frame["att"] - whole.att
    return LeaveOneOut(whole, frame, frame["att"].min(), frame["att"].max(), frame["change"].abs().idxmax())


def dates(ps):
    names = tuple(f"{2010 + i}-12" for i in range(len(ps)))
    return PlaceboDates(tuple(range(len(ps))), names, tuple(estimate(0, -1, 1, p=p) for p in ps))


def gap(rank=1, count=47, lower=-0.11, upper=-0.016, p=0.02):
    index = ["80", *(f"{i:02d}" for i in range(21, 21 + count - 1))]
    frame = pd.DataFrame(np.zeros((count, 3)), index, ["2021-12", "2022-12", "2023-12"])
    flat = pd.Series(1.0, index)
    found = estimate(-0.064, lower, upper, 1, p, estimator="synthetic_control", inference="placebo")
    return Placebo("80", found, True, flat[1:], frame, flat, flat, rank, rank / count, 0.07)


FALL, RISE = estimate(-0.05, -0.08, -0.02), estimate(0.05, 0.02, 0.08)
NONE, UNLIMITED = estimate(-0.01, -0.03, 0.02), estimate(-0.05, -INF, -0.02)
BARE = estimate(-0.05, NAN, NAN)
EARLIER = dates([0.01, 0.02, 0.03] + [0.5] * 8)


# --------------------------------------------------------------------------------------------------- units and numbers


@pytest.mark.parametrize(
    ("x", "unit", "shown"),
    [
        (math.log(0.5), "relative", -50),
        (0.5, "points", 0.5),
        (-INF, "relative", -INF),
        (NAN, "relative", NAN),
    ],
)
def test_log_points_are_read_in_percent_exactly(x, unit, shown):
    assert sizes.in_unit(x, unit) == pytest.approx(shown, nan_ok=True)


@pytest.mark.parametrize(
    ("shown", "digits"), [([2.3, 0.4], 1), ([0.4, 0.2], 2), ([4.5, 0.04], 2), ([], 1), ([0.0], 1)]
)
def test_decimals_suit_the_figures(shown, digits):
    assert sizes.decimals(shown) == digits


@pytest.mark.parametrize(
    ("p", "fr"),
    [(0.234, "23 fois sur 100"), (0.012, "une fois sur 100"), (0.001, "moins d’une fois"), (1.0, "presque")],
)
def test_chance_in_words(p, fr):
    assert fr in sizes.chance(p, "fr")


# ------------------------------------------------------------------------------------------------------------ effects


@pytest.mark.parametrize(
    ("found", "unit", "fr", "en"),
    [
        (
            estimate(-0.0233, -0.0412, -0.0051), "relative",
            "Foyers allocataires du RSA, en décembre : depuis le début de la politique, dans les 16 départements "
            "concernés, le niveau est en moyenne inférieur de 2,3 % (intervalle à 95 % : entre 0,5 % et 4,0 %) à ce "
            "qu’aurait donné la même évolution que dans les départements de comparaison. Cet écart n’est l’effet de la "
            "politique que si, sans elle, les uns et les autres avaient évolué de même : c’est une hypothèse, que rien "
            "ne peut prouver.",
            "RSA recipient households, in December: since the policy began, in the 16 départements concerned, the level "
            "has on average been 2.3% lower (95% interval: between 0.5% and 4.0%) than it would have been with the same "
            "change as in the comparison départements. This gap is the effect of the policy only if, without it, both "
            "groups would have changed alike: that is an assumption, which nothing can prove.",
        ),
        (
            estimate(-0.0073, -0.0265, 0.0118), "relative",
            "Foyers allocataires du RSA, en décembre : dans les 16 départements concernés, aucun effet n’est mis en "
            "évidence. L’intervalle à 95 % va de −2,6 % à +1,2 % : il ne permet d’exclure ni une baisse de 2,6 % ni une "
            "hausse de 1,2 %.",
            "RSA recipient households, in December: in the 16 départements concerned, no effect is found. The 95% "
            "interval runs from −2.6% to +1.2%: it rules out neither a fall of 2.6% nor a rise of 1.2%.",
        ),
        (
            estimate(0.012, 0.0, 0.12, treated=1), "points",
            "Foyers allocataires du RSA, en décembre : dans le département concerné, aucun effet n’est mis en évidence. "
            "L’intervalle à 95 % va de 0,00 point à +0,12 point : il ne permet pas d’exclure une hausse de 0,12 point.",
            "RSA recipient households, in December: in the département concerned, no effect is found. The 95% interval "
            "runs from 0.00 points to +0.12 points: it does not rule out a rise of 0.12 points.",
        ),
        (
            BARE, "relative",
            "Foyers allocataires du RSA, en décembre : l’écart estimé est de −4,9 %, sans intervalle, car trop peu de "
            "départements sont comparés. Rien ne permet de dire qu’il y a un effet.",
            "RSA recipient households, in December: the estimated gap is −4.9%, without an interval, because too few "
            "départements are compared. Nothing allows one to say that there is an effect.",
        ),
        (
            None, "relative",
            "Foyers allocataires du RSA, en décembre : effet non calculé. Motif : comparaison impossible.",
            "RSA recipient households, in December: effect not computed. Reason: no comparison is possible.",
        ),
    ],
)  # fmt: skip
def test_an_effect_is_seen_not_seen_or_not_computed(found, unit, fr, en):
    assert plain(effects.effect(found, OUTCOME["fr"], unit, "fr")) == fr
    assert plain(effects.effect(found, OUTCOME["en"], unit, "en")) == en


@given(st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3), st.sampled_from(["relative", "points"]))
def test_a_direction_is_given_only_when_the_interval_leaves_zero_out(ends, unit):
    lower, att, upper = sorted(ends)
    told = effects.effect(estimate(att, lower, upper), "x", unit, "fr")
    expected = "inférieur" if upper < 0 else "supérieur" if lower > 0 else "aucun effet"
    assert [word for word in ("inférieur", "supérieur", "aucun effet") if word in told] == [expected]


def test_an_interval_without_limits_rules_nothing_out():
    told = effects.effect(UNLIMITED, OUTCOME["fr"], "relative", "fr")
    assert "aucun effet n’est mis en évidence" in told
    assert "aucun effet, même très grand" in told


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    "name",
    ["cluster", "multiplier_bootstrap", "wild_cluster_bootstrap", "randomisation", "placebo", "jackknife"],
)
def test_every_inference_has_words(name, lang):
    assert effects.inference_name(name, lang)


# ------------------------------------------------------------------------------------------------------ beside an effect


@pytest.mark.parametrize(
    ("found", "fr", "never"),
    [
        (before(), ("40 fois sur 100", "pas une preuve", "1,0 % par an", "un écart de 1,5 %"), "crédible"),
        (before(slope=INF, implied=INF), ("cela ne dit rien",), "preuve"),
        (before(p=0.05), ("n’est pas crédible", "aucun effet ne peut y être lu"), "preuve"),
        (None, ("rien ne soutient l’hypothèse",), "crédible"),
    ],
)
def test_trends_before_are_no_proof(found, fr, never):
    told = plain(checks.pretrends(found, "relative", "year", "fr"))
    assert all(words in told for words in fr)
    assert never not in told


@pytest.mark.parametrize(
    ("breakdown", "fr"),
    [(0.0, "ne se distingue pas de zéro"), (0.97, "jusqu’à 0,9 fois"), (0.97, "C’est peu"), (1.25, "jusqu’à 1,2 fois"),
     (INF, "quelle que soit")],
)  # fmt: skip
def test_sensitivity_is_rounded_down_and_called_little_below_one(breakdown, fr):
    told = plain(checks.sensitivity(drift(breakdown), "fr"))
    assert fr in told
    assert ("C’est peu" in told) == (0 < breakdown < 1)


@pytest.mark.parametrize(
    ("whole", "limits", "fr"),
    [
        (FALL, {"80": (-0.09, -0.01), "59": (-0.07, -0.02)}, "aucun département ne la porte seul"),
        (FALL, {"80": (-0.05, 0.01), "59": (-0.07, -0.02)}, "zéro sans la Somme"),
        (FALL, {"80": (0.01, 0.05), "59": (-0.07, -0.02)}, "zéro sans la Somme"),
        (NONE, {"80": (-0.05, -0.01), "59": (-0.07, 0.02)}, "que sans la Somme, ce qui ne suffit pas"),
        (NONE, {"80": (-0.05, 0.01), "59": (-0.07, 0.02)}, "dans aucun cas"),
        (FALL, dict.fromkeys(["01", "02", "03", "04", "05"], (-0.1, 0.1)), "sans l’un ou l’autre de 5 départements"),
    ],
)  # fmt: skip
def test_an_effect_that_rests_on_one_departement_says_so(whole, limits, fr):
    assert fr in plain(checks.leave_one_out(without(whole, limits), "relative", "fr"))


@pytest.mark.parametrize(
    ("ps", "fr", "many"),
    [([0.5] * 11, "À aucune des 11 dates", False), ([0.5], "À la seule date", False),
     ([0.01] + [0.5] * 10, "qui ne peut pas exister : 1 (décembre 2010)", False),
     ([0.01, 0.02, 0.03] + [0.5] * 8, "qui ne peut pas exister : 3 (décembre 2010", True)],
)  # fmt: skip
def test_effects_where_there_can_be_none_are_counted(ps, fr, many):
    told = plain(checks.placebo_date(dates(ps), "fr"))
    assert fr in told
    assert ("C’est trop" in told) == many


@pytest.mark.parametrize(
    ("found", "fr", "unusual"),
    [
        (gap(), "29 fois sur 100 sans aucun effet", True),
        (gap(rank=12, lower=-0.2, upper=0.1, p=0.3), "au rang 12 sur 47", False),
        (gap(rank=12), "ne concordent pas", False),
        (gap(count=12, lower=-INF, upper=INF, p=1 / 12), "Avec 12 comparaisons", False),
    ],
)
def test_one_departement_is_never_proof(found, fr, unusual):
    told = plain(checks.placebo(found, "relative", "fr", looked_at=16))
    assert "Dans la Somme" in told
    assert fr in told
    assert ("C’est inhabituel" in told) == unusual == ("aucun effet n" not in told)


# --------------------------------------------------------------------------------------------------- what could be seen


def test_what_figures_from_before_promise_is_given_in_people():
    told = plain(effects.detectable(0.0229, 0.8, "relative", "fr", caseload=17640))
    assert "un effet de 2,3 %, soit environ 410 foyers sur 17 640, se verrait 80 fois sur 100" in told
    assert "people" not in effects.detectable(0.3, 0.8, "points", "en", caseload=17640)
    assert "rien n’assure" in effects.detectable(INF, 0.8, "relative", "fr")


def test_a_promise_that_the_interval_found_does_not_keep_is_not_printed_as_if_it_held():
    assert "le dément" in effects.promised(NONE, 0.02, 0.8, "relative", "fr")
    assert "80 fois sur 100" in plain(effects.promised(NONE, 0.03, 0.8, "relative", "fr"))


CASELOAD = effects.Concerned("fall", 400_000.0, "household", 0.05)


@pytest.mark.parametrize(
    ("found", "concerned", "fr"),
    [
        (NONE, CASELOAD, ("une baisse de plus de 3,0 %, soit environ 12 000 foyers sur 400 000.", "la situation de 60 %")),
        (NONE, dataclasses.replace(CASELOAD, followed=0.02), ("L’intervalle n’exclut donc aucun effet sur elles",)),
        (NONE, effects.Concerned("rise", 400_000.0), ("une hausse de plus de 2,0 %, soit environ 8 000 foyers",)),
        (NONE, effects.Concerned(), ("un changement de plus de 3,0 %, dans un sens ou dans l’autre",)),
        (estimate(-0.02, -0.05, 0.0), effects.Concerned("rise"), ("un changement de plus de 4,9 %",)),
        (UNLIMITED, CASELOAD, ("aucun effet, même très grand, n’est exclu",)),
    ],
)  # fmt: skip
def test_one_threshold_is_excluded_in_people_and_in_what_it_takes_of_those_followed(found, concerned, fr):
    told = plain(
        effects.conclusion(verdict.Evidence(found, before()), "x", "relative", "fr", concerned=concerned)
    )
    assert all(words in told for words in fr), told
    assert told.count("exclut") <= 2 and "inaperçu" not in told
    sizes_said = set(re.findall(r"plus de ([\d,]+ %)", told))
    assert len(sizes_said) == (
        "plus de" in told
    )  # one threshold, which is a limit of the interval that is said
    assert all(size.removesuffix(" %") in told.split("plus de")[0] for size in sizes_said), told


@given(st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3), st.sampled_from(["fall", "rise", ""]))
def test_nothing_within_the_interval_is_said_to_be_excluded(ends, aim):
    lower, att, upper = sorted(ends)
    found = verdict.beyond(estimate(att, lower, upper), aim)
    if found.side == "either":
        assert abs(found.limit) == pytest.approx(max(abs(lower), abs(upper)))
    else:
        assert found.limit == pytest.approx(lower if found.side == "fall" else upper)
        assert found.limit * (1 if found.side == "rise" else -1) >= 0


@pytest.mark.parametrize(
    ("change", "fr"),
    [({"pretrends": None}, "n’ont pas pu être comparées"), ({"noisier": True}, "variaient nettement plus"),
     ({"elsewhere": (RISE,)}, "là où la politique ne devrait rien changer"), ({"dates": EARLIER}, "à des dates"),
     ({"pretrends": before(p=0.01)}, "aucune conclusion"), ({"estimate": FALL, "sensitivity": None}, "fragile")],
)  # fmt: skip
def test_an_interval_that_is_not_safe_excludes_nothing(change, fr):
    evidence = dataclasses.replace(verdict.Evidence(NONE, before(), drift(2.0), 0.04), **change)
    told = plain(effects.conclusion(evidence, "x", "relative", "fr", concerned=CASELOAD))
    cell = plain(effects.excluded_cell(evidence, "relative", "fr", CASELOAD))
    assert verdict.excluded(evidence, "fall") is None
    assert fr in told and "plus de 3,0" not in told and cell.startswith("rien")


@pytest.mark.parametrize(
    ("outcomes", "many"), [([(FALL, True)] * 3 + [(NONE, True)] * 5 + [(RISE, False)] * 4 + [(NONE, False)] * 14, True),
                           ([(FALL, True)] + [(NONE, True)] * 7 + [(RISE, False)], False)],
)  # fmt: skip
def test_comparisons_away_from_zero_are_counted_with_the_placebos_among_them(outcomes, many):
    told = plain(effects.looked_at(verdict.looks(outcomes), "fr"))
    away, placebos = (
        sum(e.excludes_zero for e, _ in outcomes),
        sum(e.excludes_zero and p for e, p in outcomes),
    )
    assert f"Intervalles qui laissent zéro de côté : {away}, dont {placebos} sur des résultats" in told
    assert f"environ {len(outcomes) / 20:.1f}, dont 0,4 sur les 8 placebos".replace(".", ",", 1) in told
    assert ("trop souvent" in told) == many


@pytest.mark.parametrize("lang", LANGS)
def test_what_was_refused_says_its_own_reason(lang):
    told = {key: designs.refused(key, lang) for key in (*get_args(ReasonKey), "")}
    assert len(set(told.values())) == len(told)


@pytest.mark.parametrize(
    ("mde", "coverage", "fr"),
    [(0.0229, 0.0588, "un effet sur 39 % des personnes suivies se verrait 80 fois sur 100"),
     (0.0745, 0.0588, "son effet se verrait moins souvent que cela")],
)  # fmt: skip
def test_what_a_pilot_would_have_to_change_is_said_with_its_probability(mde, coverage, fr):
    told = plain(pilots.pilot(power.pilot(mde, coverage), 0.8, "fr"))
    assert fr in told and "80 fois sur 100" in told and "aucun effet ne se verrait" not in told


RANGE = Reached("range", (1000.0, 3000.0), (0.04, 0.12), 25220.0, "2023-12")


@pytest.mark.parametrize(
    ("found", "limit", "fr"),
    [(RANGE, 0.108, "de 90 % au moins des personnes suivies"), (RANGE, 0.03, "de 25 % à 75 % des personnes suivies"),
     (RANGE, 0.2, "n’exclut donc aucun effet du pilote"),
     (Reached("entered", (1037.0, 1037.0), (0.05, 0.05), 17640.0, "2022-12"), 0.02, "d’environ 40 % des personnes")],
)  # fmt: skip
def test_people_of_a_pilot_come_with_who_says_so_and_what_the_threshold_takes_of_them(found, limit, fr):
    told = plain(f"{pilots.reached(found, 'fr')} {pilots.asked_of_pilot(found, limit, 'fr')}")
    assert fr in told and "suivait" not in told
    sayer = (
        "objectif a été annoncé pour l’ensemble des pilotes"
        if found is RANGE
        else "le seul nombre qui ait été trouvé"
    )
    assert sayer in told


@pytest.mark.parametrize(
    ("found", "fr"),
    [(estimate(-0.064, -0.11, -0.016), "ou il est surestimé"), (estimate(-0.2, -0.3, -0.1), "si ce nombre est juste"),
     (estimate(-0.02, -0.03, -0.01), "de 34 % environ des personnes suivies")],
)  # fmt: skip
def test_a_gap_is_set_against_the_people_followed(found, fr):
    assert fr in plain(pilots.attributed(found, 0.0588, "fr"))


@pytest.mark.parametrize(
    ("found", "kind"),
    [(gap(1, 10), "powerless"), (gap(1), "unusual"), (gap(30), "mixed"), (gap(1, upper=0.1), "mixed"),
     (gap(30, upper=0.1), "usual")],
)  # fmt: skip
def test_what_may_be_said_of_one_departement_is_decided_beside_the_verdict(found, kind):
    assert verdict.gap(found) == kind


@pytest.mark.parametrize(
    ("tested", "told"), [(3, "À aucune des 3 dates"), (1, "À la seule date"), (0, "Dates où")]
)
def test_a_date_at_which_nothing_could_be_tested_is_not_counted_as_one_without_effect(tested, told):
    found = dates([0.5] * (tested + 2))
    untested = tuple(dataclasses.replace(one, p=NAN, reason="no_variation") for one in found.estimates[:2])
    found = dataclasses.replace(found, estimates=(*untested, *found.estimates[2:]))
    text = plain(checks.placebo_date(found, "fr"))
    assert text.startswith(told) and text.endswith("ne disent donc rien : 2.")


def test_no_threshold_of_a_decision_stands_where_effects_are_worded():
    thresholds = {verdict.LEVEL, verdict.ROBUST, 1 - verdict.LEVEL}
    for module in (checks, effects, pilots):
        named = {
            name for name, held in vars(module).items() if isinstance(held, float) and held in thresholds
        }
        assert not named, f"{module.__name__}: {named}"


# ----------------------------------------------------------------------------------------------------------- conclusion

GRID = {
    "estimate": [None, estimate(NAN, NAN, NAN), BARE, UNLIMITED, NONE, FALL, RISE, estimate(-0.05, -0.08, -0.02, 1)],
    "pretrends": [None, before(p=0.05), before(implied=0.06), before(implied=NAN), before()],
    "sensitivity": [None, drift(0.0), drift(0.9), drift(1.0), drift(INF)],
    "detectable": [None, 0.04, 0.06],
    "left_out": [None, without(FALL, {"80": (-0.05, 0.01)}), without(FALL, {"80": (-0.09, -0.01)})],
    "dates": [None, dates([0.01] + [0.5] * 10), EARLIER],
    "elsewhere": [(), (NONE,), (NONE, RISE)],
}  # fmt: skip
KINDS = ("not_computed", "not_credible", "nothing_seen", "seen_fragile", "seen")


def expected(e):
    """The rule again, from the worst case on."""
    found = e.estimate
    if found is None or math.isnan(found.att):
        return "not_computed"
    if e.pretrends and e.pretrends.p <= 0.05:
        return "not_credible"
    if not all(map(math.isfinite, (found.lower, found.upper))) or found.lower <= 0 <= found.upper:
        return "nothing_seen"
    sound = (
        e.pretrends is not None
        and e.pretrends.implied < abs(found.att)
        and e.sensitivity is not None
        and e.sensitivity.breakdown_relative >= 1
        and (e.detectable is None or abs(found.att) >= e.detectable)
        and found.treated > 1
        and (e.left_out is None or (found.att < 0 and e.left_out.frame["upper"].max() < 0))
        and e.dates is not EARLIER
        and not any(other.excludes_zero for other in e.elsewhere)
    )
    return "seen" if sound else "seen_fragile"


def test_the_verdict_follows_its_rule_over_all_cases():
    cases = [
        verdict.Evidence(**dict(zip(GRID, values, strict=True)))
        for values in itertools.product(*GRID.values())
    ]
    found = dict.fromkeys(KINDS, 0)
    for case in cases:
        kind = verdict.verdict(case)
        assert kind == expected(case), case
        found[kind] += 1
        if kind.startswith("seen"):
            assert bool(verdict.weaknesses(case)) == (kind == "seen_fragile")
    assert all(found.values())


WORDS = {
    "not_computed": "n’a pas pu être calculé",
    "not_credible": "aucun effet ne peut être lu",
    "nothing_seen": "aucun effet visible à cette échelle",
    "seen_fragile": "ne suffit pas pour parler d’un effet",
    "seen": "un effet se voit, une baisse de 4,9 %",
}
SOUND = verdict.Evidence(FALL, before(), drift(2.0), 0.04)


@pytest.mark.parametrize(("noisier", "named"), [(False, "few_treated"), (True, "noisier")])
def test_what_is_seen_of_treated_too_few_for_an_error_is_fragile(noisier, named):
    evidence = dataclasses.replace(SOUND, studentised=False, noisier=noisier)
    assert (verdict.verdict(evidence), verdict.weaknesses(evidence)) == ("seen_fragile", (named,))


@pytest.mark.parametrize(
    ("change", "kind"),
    [({"estimate": None}, "not_computed"), ({"pretrends": before(p=0.01)}, "not_credible"),
     ({"estimate": NONE}, "nothing_seen"), ({"sensitivity": None}, "seen_fragile"), ({}, "seen")],
)  # fmt: skip
def test_a_conclusion_is_as_strong_as_its_verdict(change, kind):
    evidence = dataclasses.replace(SOUND, **change)
    told = effects.conclusion(evidence, OUTCOME["fr"], "relative", "fr")
    assert [k for k, words in WORDS.items() if words in plain(told)] == [kind]
    assert verdict.verdict(evidence) == kind
    if kind not in ("seen", "seen_fragile"):
        assert not re.search("baisse|hausse|inférieur|supérieur", told)
    if kind == "seen_fragile":
        assert "n’a pas pu être mesurée" in told


# --------------------------------------------------------------------------------------------------- designs and costs


def test_a_decomposition_is_a_table_with_its_whole():
    kinds = pd.DataFrame(
        {"weight": [0.75, 0.25], "estimate": [0.1, -0.1]}, ["treated_vs_untreated", "later_vs_earlier"]
    )
    table = bacon_table(Bacon(0.05, kinds, kinds, ()), key="k", caption="c", lang="fr", unit="relative")
    assert [round(row["weight"]) for row in table.rows] == [75, 25, 100]
    assert [round(row["effect"], 2) for row in table.rows] == [10.52, -9.52, 5.13]
    assert "comparaison faussée" in table.rows[1]["kind"]


@pytest.mark.parametrize(
    ("given", "fr"),
    [
        (Reason("otherwise", "recentralisation", "2022-01"), "recentralisation du RSA (janvier 2022)"),
        (Reason("several_starts", text="69, 69M"), "(Rhône et Métropole de Lyon)"),
        (Reason("own", text="contrôle refusé, 2024"), "contrôle refusé, 2024"),
        (Reason("beside", "my_own", "2020-03"), "my_own (mars 2020)"),
        (Reason("no_control"), "aucun département ne peut servir"),
    ],
)
def test_reasons_name_policies_periods_and_territories(given, fr):
    assert fr in plain(designs.reason(given, "fr"))


def test_every_reason_of_a_design_can_be_said():
    said = catalogue("narrative.po", "fr")
    keys = [key.removeprefix("design.reason.") for key in said if key.startswith("design.reason.")]
    assert len(keys) > 30
    for key in keys:
        for lang in LANGS:
            assert designs.reason(Reason(key), lang) or key == "own"


DESIGN = Description(
    name="mine", policy="spie", first="2009-12", last="2024-12", general="2025-01", anticipation=2,
    treated=(Group(Reason("treated", date="2023-12"), ("80", "59")),), controls=("01", "2A"),
    left_out=(Group(Reason("missing", date="2024-12"), ("972",)),),
    flagged=(Group(Reason("beside", "spie", "2020-03"), ("80",)),),
    dropped=(Group(Reason("provisional"), ("2025-12",)),), cautions=(Reason("covid"),),
)  # fmt: skip


def test_a_design_is_told_row_by_row():
    rows = {row["kind"]: plain(row["content"]) for row in designs.design_rows(DESIGN, "fr")}
    assert rows["Concernés (2)"].endswith("peut paraître : décembre 2023. Somme et Nord.")
    assert rows["Comparaison (2)"].endswith("Ain et Corse-du-Sud.")
    assert rows["Laissés de côté (1)"].endswith("Martinique.")
    assert rows["Périodes écartées (1)"].endswith("décembre 2025.")
    assert rows["Appliquée partout à partir de"] == "Janvier 2025"
    assert "(2 mois)" in rows["Anticipation"]
    assert "Précaution" in rows


@pytest.mark.parametrize(
    ("cost", "fr"),
    [(400, "au moins 7,5 prennent grâce à elle un emploi qu’elles n’auraient pas pris et le gardent 12 mois chacune"),
     (9000, "même si toutes")],
)  # fmt: skip
def test_break_even_is_how_long_each_job_lasts_and_its_threshold_is_rounded_up(cost, fr):
    told = plain(cost_words.break_even(costs.break_even(cost, 450, 12), "fr"))
    assert fr in told and "se rembourse en" not in told


@pytest.mark.parametrize(
    ("points", "error", "fr", "en"),
    [
        (
            10,
            2,
            "coûterait 10 000 € (intervalle à 95 % : entre ",
            "would cost €10,000 (95% interval: between ",
        ),
        (
            1,
            2.07,
            "est indéfini : l’intervalle de l’écart contient zéro",
            "excludes only a cost below €19,000",
        ),
        (-9, 2, "est indéfini : l’écart estimé va dans l’autre sens.", "undefined"),
    ],
)
def test_the_price_of_an_exit_is_undefined_without_an_effect_and_its_floor_is_rounded_down(
    points, error, fr, en
):
    found = costs.cost_per_return(1000, costs.Effect.normal(points, error))
    assert fr in plain(cost_words.price_of_exit(found, "fr"))
    assert en in plain(cost_words.price_of_exit(found, "en"))


# ------------------------------------------------------------------------------------------------------------- all of it


def everything(lang):
    """Every sentence there is, over cases that take every way through them."""
    whole = [None, BARE, UNLIMITED, NONE, FALL, RISE, estimate(-0.05, -0.08, -0.02, 1)]
    for found, unit in itertools.product(whole, ("relative", "points")):
        yield effects.effect(found, OUTCOME[lang], unit, lang)
        for trend, solid in itertools.product(GRID["pretrends"], GRID["sensitivity"]):
            for rest in ((EARLIER, (RISE,)), (None, ())):
                evidence = verdict.Evidence(found, trend, solid, 0.06, GRID["left_out"][1], *rest)
                for aim in ("fall", ""):
                    whom = effects.Concerned(aim, 400_000.0, "household", 0.05)
                    yield effects.conclusion(evidence, OUTCOME[lang], unit, lang, concerned=whom, most=2)
    for trend, each in itertools.product(GRID["pretrends"], ("year", "quarter", "month")):
        yield checks.pretrends(trend, "points", each, lang)
    yield from (checks.sensitivity(found, lang) for found in GRID["sensitivity"])
    yield from (checks.leave_one_out(found, "relative", lang) for found in GRID["left_out"][1:])
    yield from (checks.placebo_date(found, lang) for found in GRID["dates"][1:])
    for found in (
        gap(),
        gap(rank=12),
        gap(rank=12, lower=-0.2, upper=0.1),
        gap(count=12, lower=-INF, upper=INF),
    ):
        yield checks.placebo(found, "relative", lang, looked_at=16)
    for mde, most in itertools.product((0.0229, 0.0745, 0.2), (None, 0.17)):
        yield pilots.pilot(power.pilot(mde, most or 0.0588), 0.8, lang)
    for points, error in ((10, 2), (1, 2), (-9, 2)):
        yield cost_words.price_of_exit(costs.cost_per_return(1000, costs.Effect.normal(points, error)), lang)
    for basis, limit in itertools.product(("range", "entered", "aimed_at"), (0.02, 0.05, 0.2)):
        found = dataclasses.replace(RANGE, basis=basis)
        yield f"{pilots.reached(found, lang)} {pilots.asked_of_pilot(found, limit, lang)}"
    yield effects.effect(None, OUTCOME[lang], "points", lang, "x")
    yield from (row["content"] for row in designs.design_rows(DESIGN, lang))


@pytest.mark.parametrize("lang", LANGS)
def test_sentences_are_whole_and_well_set(lang):
    for told in everything(lang):
        assert not re.search(r"\bnan\b|\binf\b|[{}]|\.\.|  |:\s*\.", told), told
        if lang == "fr":
            assert not list(french_typography(told)), told
