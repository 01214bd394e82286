"""The toy search: kinematics, weights that add up to the events expected, negative ones that matter, and variations."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mltui.core.sections import Data, Variation
from mltui.core.table import Floats, Table
from mltui.data.catalogue import CATALOGUE
from mltui.data.generators.collisions import CROSS_SECTIONS, JES, ORDER
from mltui.data.read import read
from mltui.evaluation.yields import processes


def made(**options: Any) -> Table:
    return read(Data(dataset="collisions", options={"samples": 6000, **options}), Path())


def of(table: Table, name: str, code: int | None = None) -> Floats:
    rows = slice(None) if code is None else table.target == code
    return table.values[name][rows].astype(np.float64)


def weighted_mean(values: Floats, weights: Floats) -> tuple[float, float]:
    """With its error, sqrt(sum w²(x - mean)²) / sum w."""
    mean = float(np.average(values, weights=weights))
    return mean, float(np.sqrt(np.sum((weights * (values - mean)) ** 2)) / weights.sum())


@given(
    rows=st.integers(300, 600),
    mass=st.floats(250, 3000),
    negative=st.floats(0, 0.3),
    smearing=st.floats(0, 5),
    seed=st.integers(0, 2**31),
)
def test_any_options_give_whole_events(rows: int, mass: float, negative: float, smearing: float, seed: int) -> None:
    table = made(samples=rows, mass=mass, negative=negative, smearing=smearing, seed=seed)
    assert len(table) == rows
    assert set(table.target.tolist()) == {0, 1}
    assert all(np.isfinite(of(table, name)).all() for name in table.features)


def test_without_smearing_the_signal_is_two_bodies_at_its_mass() -> None:
    table = made(mass=600.0, smearing=0.0)
    mass = of(table, "m_lljj", 1)
    low, middle, high = np.percentile(mass, [25, 50, 75])
    assert middle == pytest.approx(600, rel=0.01)
    assert high - low < 0.05 * 600
    # a moving pair has at most the two-body momentum across, and what the resonance's own motion adds
    at_rest = np.sqrt(600**2 / 4 - 91.19**2)
    assert np.percentile(of(table, "pt_ll", 1), 90) == pytest.approx(at_rest, rel=0.05)
    for name in ("m_ll", "m_jj"):
        assert np.median(of(table, name, 1)) == pytest.approx(91.2, abs=0.5)
    close = 2 * 91.19 / of(table, "pt_jj", 1)  # ΔR of about 2m / pt where the boost is large
    assert np.median(of(table, "dR_jj", 1) / close) == pytest.approx(1, abs=0.2)
    assert of(table, "met", 1).max() < 1e-6


def test_what_is_missing_tells_top_pairs_and_the_selection_holds() -> None:
    table = made(smearing=1.0)
    assert np.percentile(of(table, "met", 0), 90) > 3 * np.percentile(of(table, "met", 1), 75)
    assert of(table, "lep1_pt").min() > 25
    assert of(table, "jet2_pt").min() > 25
    assert ((of(table, "m_ll") > 66) & (of(table, "m_ll") < 116)).all()
    assert (of(table, "jet1_pt") >= of(table, "jet2_pt")).all()


@pytest.mark.parametrize("options", [{}, {"samples": 20_000}, {"negative": 0.0}, {"negative": 0.3}, {"seed": 5}])
def test_weights_add_up_to_the_expected_events_whatever_is_generated(options: dict[str, Any]) -> None:
    table, reference = made(**options), made(samples=60_000, negative=0.0, seed=9)
    for code in (0, 1):
        here, there = (t.weights_or_ones()[t.target == code] for t in (table, reference))
        error = np.sqrt(np.sum(here**2) + np.sum(there**2)) * 1.5  # the acceptance varies, too
        assert here.sum() == pytest.approx(there.sum(), abs=4 * error)


def test_they_scale_with_luminosity_and_cross_section_and_stay_below_what_is_produced() -> None:
    table, more = made(), made(luminosity=280.0, signal=20.0)
    factor = more.weights_or_ones() / table.weights_or_ones()
    assert factor[table.target == 0] == pytest.approx(2)
    assert factor[table.target == 1] == pytest.approx(4)
    sums = [table.weights_or_ones()[table.target == code].sum() for code in (0, 1)]
    assert 0.3 * 10 * 140 < sums[1] < 10 * 140  # fb times 1/fb
    assert sums[0] < CROSS_SECTIONS.sum() * 1000 * 140


def test_negative_weights_matter() -> None:
    """With their signs the spectrum is that without any; absolute or dropped ones make it harder than it is."""
    plain, signed = (made(samples=60_000, negative=negative, seed=3) for negative in (0.0, 0.3))
    assert np.mean(signed.weights_or_ones() < 0) > 0.05
    assert plain.weights_or_ones().min() > 0
    pt, weights = of(signed, "pt_jj", 0), signed.weights_or_ones()[signed.target == 0]
    truth, own_error = weighted_mean(of(plain, "pt_jj", 0), plain.weights_or_ones()[plain.target == 0])
    mean, error = weighted_mean(pt, weights)
    assert mean == pytest.approx(truth, abs=4 * float(np.hypot(error, own_error)))
    absolute, absolute_error = weighted_mean(pt, np.abs(weights))
    assert absolute > truth + 10 * absolute_error


def test_the_weight_and_the_variations_are_no_features_and_may_be_left_out() -> None:
    table = made()
    assert table.weight_name == "weight"
    assert len(table.features) == 13
    assert not any("JES" in name or name == "weight" for name in table.features)
    alone = read(Data(dataset="collisions", options={"samples": 600}, weight="1", features=("m_jj", "met")), Path())
    assert (alone.weights_or_ones() == 1).all()
    assert alone.features == ("m_jj", "met")


def test_each_process_has_its_yield_and_missing_momentum_is_that_of_the_tops() -> None:
    table = made(samples=24_000)
    found = {one.name: one for one in processes(table)}
    assert {name: one.label for name, one in found.items()} == {
        "Z + jets": "background", "ZZ and WZ": "background", "signal": "signal", "top pairs": "background",
    }  # fmt: skip
    produced = dict(zip(ORDER, (0.01, *CROSS_SECTIONS), strict=True))  # pb
    for name, one in found.items():
        assert 0 < one.total < produced[name] * 1000 * 140, "some of those produced pass the selection"
    sums = {name: table.weights_or_ones()[[table.processes[p] == name for p in table.process]].sum() for name in found}
    assert {name: one.total for name, one in found.items()} == pytest.approx(sums)
    of_tops = table.process == table.processes.index("top pairs")
    met = table.values["met"]
    assert np.median(met[of_tops]) > 2 * np.median(met[~of_tops])


@pytest.mark.parametrize("way", ["up", "down"])
def test_events_move_across_a_cut_on_jets_as_their_scale_goes(way: str) -> None:
    names = ("jet1_pt", "jet2_pt", "m_jj", "pt_jj", "m_lljj", "met")
    variation = Variation(name=f"JES_{way}", replace={name: f"{name}_JES_{way}" for name in names})
    data = Data(dataset="collisions", options={"samples": 6000}, cut="jet2_pt > 40", variations=(variation,))
    nominal = read(data, Path())
    varied = read(data, Path(), variation=variation, nominal=nominal)
    everything = made()
    scale = 1 + JES if way == "up" else 1 - JES
    assert len(nominal) == np.count_nonzero(of(everything, "jet2_pt") > 40)
    assert len(varied) == np.count_nonzero(of(everything, "jet2_pt") > 40 / scale) != len(nominal)
    assert varied.processes == nominal.processes


@pytest.mark.parametrize(("way", "scale"), [("up", 1 + JES), ("down", 1 - JES)])
def test_the_jet_energy_scale_varies_what_jets_make(way: str, scale: float) -> None:
    names = ("jet1_pt", "jet2_pt", "m_jj", "pt_jj", "m_lljj", "met")
    variation = Variation(name=f"JES_{way}", replace={name: f"{name}_JES_{way}" for name in names})
    data = Data(dataset="collisions", options={"samples": 600}, variations=(variation,))
    nominal = read(data, Path())
    varied = read(data, Path(), variation=variation, nominal=nominal)
    for name in ("jet1_pt", "jet2_pt", "m_jj", "pt_jj"):
        assert of(varied, name) == pytest.approx(scale * of(nominal, name))
    assert (np.sign(of(varied, "m_lljj") - of(nominal, "m_lljj")) == np.sign(scale - 1)).all()
    # missing is what the visible lacks: the more jets there are, the more it turns against them
    assert (np.abs(of(varied, "met") - of(nominal, "met")) < JES * of(nominal, "pt_jj") * 1.0001).all()
    assert np.array_equal(of(varied, "lep1_pt"), of(nominal, "lep1_pt"))
    assert np.array_equal(varied.weights_or_ones(), nominal.weights_or_ones())


def test_all_variables_together_find_more_than_the_best_one() -> None:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from threadpoolctl import threadpool_limits

    table, test = made(), made(seed=2)
    x, x_test = (np.column_stack([of(t, name) for name in t.features]) for t in (table, test))
    with threadpool_limits(1):  # on a busy machine, threads that wait for each other take long
        fit = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(x, table.target)
    together = roc_auc_score(test.target, fit.predict_proba(x_test)[:, 1])
    alone = [roc_auc_score(test.target, sign * values) for values in x_test.T for sign in (1, -1)]
    assert max(alone) < 0.97 < together


def test_a_hundred_thousand_events_come_while_one_looks() -> None:
    options = {option.name: option.default for option in CATALOGUE["collisions"].options}
    began = time.process_time()
    CATALOGUE["collisions"].make({**options, "samples": 100_000})
    assert time.process_time() - began < 10  # about one second on an idle machine
