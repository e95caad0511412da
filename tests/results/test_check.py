import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scored import METRICS, OTHERS, make_others, make_scores, make_speed, zoo_manifest

from fewstep.results.baseline import distances, reduce
from fewstep.results.check import MEMORY_TOLERANCE, QUALITY_TOLERANCE, SPEED_TOLERANCE, compare, compare_zoo, failed


@pytest.fixture
def baseline():
    return reduce(make_scores(), make_speed())


def verdict(deltas, quantity):
    (found,) = deltas[deltas.quantity == quantity].verdict
    return found


# Quality


def test_the_same_run_passes(baseline):
    deltas = compare(make_scores(), make_speed(), baseline)
    assert set(deltas.verdict) == {"ok"} and (deltas.change == 0).all() and not failed(deltas)
    assert len(deltas) == 4 + 6  # metrics with a direction, and what is held of the speed


@pytest.mark.parametrize(
    ("metric", "factor", "expected"),
    [
        ("fd_lenet", 2.0, "regression"),
        ("fd_lenet", 0.5, "improved"),
        ("kid_lenet", 2.0, "regression"),
        ("precision", 0.5, "regression"),
        ("precision", 1.5, "improved"),
        ("recall", 0.5, "regression"),
        ("fd_lenet", 1 + 0.9 * QUALITY_TOLERANCE, "ok"),
        ("recall", 1 - 0.9 * QUALITY_TOLERANCE, "ok"),
    ],
)
def test_quality_is_judged_in_its_direction(baseline, metric, factor, expected):
    deltas = compare(make_scores({metric: factor}), make_speed(), baseline)
    assert verdict(deltas, metric) == expected
    assert failed(deltas) == (expected == "regression")
    assert set(deltas.verdict) == {"ok", expected}


def test_a_difference_within_the_combined_interval_is_no_regression():
    baseline = reduce(make_scores(error=0.5), make_speed())
    doubtful = compare(make_scores({"fd_lenet": 1.5}, error=0.5), make_speed(), baseline)
    assert verdict(doubtful, "fd_lenet") == "ok"  # 5 of 10 +- 0.57 * sqrt(2) * 10
    clear = compare(make_scores({"fd_lenet": 3}, error=0.5), make_speed(), baseline)
    assert verdict(clear, "fd_lenet") == "regression"


@given(st.floats(0.2, 5), st.floats(0.001, 0.5), st.floats(0.001, 0.5))
@settings(max_examples=40, deadline=None)
def test_the_rule_in_one_line(factor, old_error, new_error):
    old, new = make_scores(error=old_error), make_scores({"fd_lenet": factor}, error=new_error)
    rows = [
        next(r for r in reduce(table, make_speed())["quality"] if r["metric"] == "fd_lenet") for table in (old, new)
    ]
    difference = rows[1]["value"] - rows[0]["value"]
    combined = sum(((row["high"] - row["low"]) / 2) ** 2 for row in rows) ** 0.5
    is_beyond = abs(difference) > combined and abs(difference) > QUALITY_TOLERANCE * rows[0]["value"]
    expected = "ok" if not is_beyond else "regression" if difference > 0 else "improved"
    assert verdict(compare(new, make_speed(), reduce(old, make_speed())), "fd_lenet") == expected


def test_a_metric_without_a_better_direction_is_not_judged(baseline):
    deltas = compare(make_scores({"fd_lenet_bias": 9}), make_speed(), baseline)
    assert "fd_lenet_bias" not in set(deltas.quantity) and not failed(deltas)


def test_other_counts_and_extractors_are_not_compared(baseline):
    for change, note in (({"n_samples": 50}, "n_samples was 100, is 50"),
                         ({"extractor": "other"}, "extractor was lenet, is other"),
                         ({"protocol": "rotnet"}, "protocol was lenet, is rotnet")):  # fmt: skip
        deltas = compare(make_scores(**change), make_speed(), baseline)
        rows = deltas[deltas.quantity.isin(METRICS)]
        assert set(rows.verdict) == {"not comparable"} and set(rows.note) == {note} and failed(deltas)


@pytest.mark.parametrize("kind", OTHERS)
def test_a_row_of_any_kind_can_fail_the_check(kind):
    task, metric, *_ = OTHERS[kind]
    baseline = reduce(make_others(), make_speed())
    factor = 0.5 if metric in ("psnr", "cas", "fool_rate") else 2.0
    assert not failed(compare(make_others(), make_speed(), baseline))
    deltas = compare(make_others({kind: factor}), make_speed(), baseline)
    worse = deltas[deltas.verdict == "regression"]
    assert worse[["task", "quantity"]].values.tolist() == [[task, metric]] and failed(deltas)
    others = make_others()
    without = others[(others.task != task) | (others.metric != metric)]
    deltas = compare(without, make_speed(), baseline)
    assert deltas.quantity[deltas.verdict == "missing"].tolist() == [metric] and failed(deltas)


def test_the_speed_of_edits_can_fail_the_check():
    edits = make_speed(task="edit/strokes")
    baseline = reduce(make_scores(), pd.concat([make_speed(), edits]))
    slow = edits.assign(relative_throughput=0.1, relative_low=0.09, relative_high=0.11)
    more = edits.assign(network_calls=7)
    for changed, quantity in ((slow, "relative_throughput"), (more, "network_calls")):
        deltas = compare(make_scores(), pd.concat([make_speed(), changed]), baseline)
        worse = deltas[deltas.verdict != "ok"]
        assert worse[["task", "quantity"]].values.tolist() == [["edit/strokes", quantity]] and failed(deltas)
    assert failed(compare(make_scores(), make_speed(), baseline))


def test_a_task_is_compared_with_itself_alone(baseline):
    deltas = compare(make_scores(task="enlarge"), make_speed(), baseline)
    assert set(deltas[deltas.task == "enlarge"].verdict) == {"new"} and failed(deltas)


def test_trainings_are_pooled_and_a_missing_one_fails():
    both = pd.concat([make_scores(), make_scores({"fd_lenet": 1.1}, training_seed=1)])
    baseline = reduce(both, make_speed())
    (held,) = [row for row in baseline["quality"] if row["metric"] == "fd_lenet"]
    assert held["training_seeds"] == [0, 1] and held["seeds"] == [0, 1, 2]
    assert held["value"] == pytest.approx(10.01 * 1.05) and held["high"] - held["value"] > 1  # t with 1 degree: 12.7
    deltas = compare(make_scores(), make_speed(), baseline)
    assert set(deltas.note) == {"", "training seed 1"} and failed(deltas)


# What is missing or new


def test_a_missing_metric_cell_seed_or_speed_row_fails(baseline):
    results = make_scores()
    for kept, speed, missing in (
        (results[results.metric != "recall"], make_speed(), {"recall"}),
        (results.iloc[:0], make_speed(), {"fd_lenet", "kid_lenet", "precision", "recall"}),
        (make_scores(seeds=(0, 1)), make_speed(), {"fd_lenet", "kid_lenet", "precision", "recall"}),
        (results, make_speed().iloc[:0], {"speed (cpu, float32)"}),
        (results, make_speed(device="cuda"), {"speed (cpu, float32)"}),
    ):
        deltas = compare(kept, speed, baseline)
        assert set(deltas.quantity[deltas.verdict == "missing"]) == missing and failed(deltas)


def test_missing_seeds_are_named(baseline):
    deltas = compare(make_scores(seeds=(1,)), make_speed(), baseline)
    assert set(deltas.note) == {"", "seed 0, 2"}


def test_new_rows_are_reported_and_do_not_fail(baseline):
    results = pd.concat([make_scores(), make_scores(nfe=9)])
    speed = pd.concat([make_speed(), make_speed(nfe=9)])
    deltas = compare(results, speed, baseline)
    assert set(deltas[deltas.nfe == 9].verdict) == {"new"} and len(deltas[deltas.nfe == 9]) == 5
    assert not failed(deltas)


def test_nothing_that_was_compared_fails(baseline):
    nothing = {"schema_version": 2, "quality": [], "speed": []}
    assert failed(compare(make_scores(), make_speed(), nothing))
    assert failed(compare(make_scores().iloc[:0], make_speed().iloc[:0], nothing))
    assert failed(compare(make_scores().iloc[:0], make_speed().iloc[:0], baseline))


# Speed


@pytest.mark.parametrize("quantity", ["measured_nfe", "network_calls", "flops_per_image", "parameters"])
@pytest.mark.parametrize("step", [-1, 1])
def test_counts_are_held_exactly(baseline, quantity, step):
    deltas = compare(make_scores(), make_speed(**{quantity: make_speed()[quantity][0] + step * 1000}), baseline)
    assert verdict(deltas, quantity) == "changed" and failed(deltas)


@pytest.mark.parametrize(
    ("factor", "expected"),
    [(1 + 1.1 * MEMORY_TOLERANCE, "regression"), (1 + 0.9 * MEMORY_TOLERANCE, "ok"), (0.5, "improved")],
)
def test_peak_memory_has_a_tolerance(baseline, factor, expected):
    deltas = compare(make_scores(), make_speed(peak_memory_mib=100 * factor), baseline)
    assert verdict(deltas, "peak_memory_mib") == expected and failed(deltas) == (expected == "regression")


@pytest.mark.parametrize(
    ("ratio", "half_width", "quality", "expected"),
    [
        (0.5, 0.05, "ok", "ok"),
        (0.5 * (1.1 - SPEED_TOLERANCE), 0.05, "ok", "ok"),
        (0.5 * (0.9 - SPEED_TOLERANCE), 0.05, "ok", "regression"),
        (0.5 * (0.9 - SPEED_TOLERANCE), 0.05, "noisy", "noisy"),
        (0.5 * (0.9 - SPEED_TOLERANCE), 0.3, "ok", "ok"),  # the intervals overlap
        (0.5 / (0.9 - SPEED_TOLERANCE), 0.05, "ok", "improved"),
    ],
)
def test_throughput_is_judged_by_the_paired_ratio(baseline, ratio, half_width, quality, expected):
    speed = make_speed(relative_throughput=ratio, relative_low=max(0, ratio - half_width),
                       relative_high=ratio + half_width, quality=quality)  # fmt: skip
    deltas = compare(make_scores(), speed, baseline)
    assert verdict(deltas, "relative_throughput") == expected and failed(deltas) == (expected == "regression")


def test_absolute_times_and_the_best_batch_size_are_never_judged(baseline):
    slow = make_speed(
        images_per_second=0.1, images_per_second_q25=0.1, images_per_second_q75=0.1, latency_p50_ms=1e3,
        latency_p90_ms=1e3, latency_p99_ms=1e3, compile_seconds=99.0, batch=1, load1=9.0, hardware="other",
    )  # fmt: skip
    assert set(compare(make_scores(), slow, baseline).verdict) == {"ok"}


def test_of_several_batch_sizes_the_fastest_counts(baseline):
    slower = make_speed(batch=1, images_per_second=1.0, relative_throughput=0.05, relative_low=0.04, relative_high=0.06)
    assert not failed(compare(make_scores(), pd.concat([slower, make_speed()]), baseline))
    assert failed(compare(make_scores(), slower, baseline))


# The zoo


def test_scores_of_a_manifest_are_the_distances_of_its_variants():
    results = pd.concat([make_scores(), make_scores(variant="euler"), make_scores(method="other")])
    (score,) = distances(results, "toys", "edm", ["heun", "absent"])
    assert (score["variant"], score["metric"], score["n_samples"], score["seeds"]) == (
        "heun",
        "fd_lenet",
        100,
        [0, 1, 2],
    )
    assert score["low"] < score["value"] < score["high"]
    assert [score["variant"] for score in distances(results, "toys", "edm", ["heun", "euler"])] == ["euler", "heun"]


@pytest.mark.parametrize(("factor", "expected"), [(1.0, "ok"), (1.01, "ok"), (1.1, "regression"), (0.9, "improved")])
def test_the_zoos_scores_are_judged_by_their_interval_alone(factor, expected):
    deltas = compare_zoo(make_scores({"fd_lenet": factor}), [zoo_manifest()])
    assert deltas[["quantity", "verdict"]].values.tolist() == [["fd_lenet (zoo)", expected]]
    assert failed(deltas) == (expected == "regression")


@pytest.mark.parametrize("change", [{"n_samples": 50}, {"extractor": "other"}, {"seeds": [0, 7]}])
def test_scores_made_otherwise_say_nothing(change):
    deltas = compare_zoo(make_scores({"fd_lenet": 2}), [zoo_manifest(**change)])
    assert set(deltas.verdict) == {"other protocol"}
    assert failed(deltas)  # nothing was compared


def test_scores_of_cells_that_were_not_asked_for_are_passed_over():
    assert compare_zoo(make_scores(), [zoo_manifest(nfe=9), {"seed": 0}]).empty


def test_the_zoo_is_compared_with_samples_of_its_own_training():
    other = make_scores({"fd_lenet": 2}, training_seed=1)
    edits = make_scores({"fd_lenet": 3}, task="edit/strokes")
    deltas = compare_zoo(pd.concat([make_scores(), other, edits]), [zoo_manifest()])
    assert deltas[["task", "verdict"]].values.tolist() == [["generate", "ok"]]
    scores = distances(pd.concat([make_scores(), other]), "toys", "edm", ["heun"], training_seed=1)
    assert [score["value"] for score in scores] == pytest.approx([20.02])
