import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fewstep.base.errors import FewstepError
from fewstep.results.schemas import SCORES, SPEED
from fewstep.results.tables import concatenate, read_scores, read_speed, write_scores, write_speed

SCORE = {
    "dataset": "toys", "task": "generate", "method": "edm", "variant": "heun", "nfe": 5, "training_seed": 0, "seed": 0,
    "metric": "fd_lenet", "value": 1.5, "standard_error": 0.1, "ci_low": 1.3, "ci_high": 1.7, "n_samples": 100,
    "fits": 0, "labels": "reference", "reference": "0123", "extractor": "lenet", "protocol": "lenet",
    "provenance": "0012",
}  # fmt: skip
TIMING = {
    "dataset": "toys", "task": "generate", "method": "edm", "variant": "heun", "nfe": 5, "device": "cpu",
    "dtype": "float32", "batch": 64,
    "images_per_second": 10.0, "images_per_second_q25": 9.0, "images_per_second_q75": 11.0,
    "relative_throughput": 0.5, "relative_low": 0.4, "relative_high": 0.6, "latency_p50_ms": 1.0,
    "latency_p90_ms": 2.0, "latency_p99_ms": 3.0, "latency_calls": 100, "measured_nfe": 5, "network_calls": 5,
    "flops_per_image": 12_345_678_901, "stage_flops": "model=12345678901",
    "parameters": 1000, "peak_memory_mib": 12.5, "compile_seconds": 0.0,
    "load1": 0.3, "quality": "ok", "hardware": "7ed6b454e52a",
}  # fmt: skip


KEY = "dataset, task, method, variant, nfe, training_seed, seed, metric"


def scores(*changes):
    return pd.DataFrame([SCORE | change for change in changes or ({},)])


def timings(*changes):
    return pd.DataFrame([TIMING | change for change in changes or ({},)])


def test_results_come_back_as_they_were(tmp_path):
    table = scores({}, {"seed": 1, "value": 1 / 3, "ci_low": 0.1, "provenance": "nan"})
    write_scores(table, tmp_path / "r.csv")
    back = read_scores(tmp_path / "r.csv")
    assert list(back) == list(SCORES.columns)
    assert (back.schema_version == 3).all()
    pd.testing.assert_frame_equal(back[list(table)], table, check_dtype=False, check_exact=True)


@given(st.floats(-1e300, 1e300), st.floats(0, 1e300))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_digit_of_a_value_is_kept(tmp_path, value, error):
    table = scores({"value": value, "standard_error": error, "ci_low": value - error, "ci_high": value + error})
    write_scores(table, tmp_path / "r.csv")
    back = read_scores(tmp_path / "r.csv")
    for column in ("value", "standard_error", "ci_low", "ci_high"):
        assert back[column][0] == table[column][0]


def test_text_that_looks_like_a_number_stays_text(tmp_path):
    write_scores(scores(), tmp_path / "r.csv")
    assert read_scores(tmp_path / "r.csv").loc[0, ["reference", "provenance"]].tolist() == ["0123", "0012"]


def test_speed_comes_back_as_it_was_and_p99_may_be_empty(tmp_path):
    table = timings({}, {"batch": 1, "latency_p99_ms": None})
    write_speed(table, tmp_path / "s.csv")
    back = read_speed(tmp_path / "s.csv")
    assert list(back) == list(SPEED.columns)
    pd.testing.assert_frame_equal(back[list(table)], table, check_dtype=False, check_exact=True)


def test_no_rows_are_a_table_too(tmp_path):
    for none in (scores().iloc[:0], pd.DataFrame()):
        write_scores(none, tmp_path / "none.csv")
        assert len(read_scores(tmp_path / "none.csv")) == 0
    write_scores(scores(), tmp_path / "one.csv")
    concatenate([tmp_path / "none.csv", tmp_path / "one.csv"], tmp_path / "r.csv")
    assert len(read_scores(tmp_path / "r.csv")) == 1


def test_a_score_that_cannot_be_given_is_an_empty_cell_with_a_reason_and_loses_no_other(tmp_path):
    empty = dict.fromkeys(("value", "standard_error", "ci_low", "ci_high"))
    write_scores(scores({}, {"metric": "kid_lenet", "reason": "too few images"} | empty), tmp_path / "r.csv")
    back = read_scores(tmp_path / "r.csv").set_index("metric")
    assert back.value["fd_lenet"] == 1.5 and np.isnan(back.value["kid_lenet"])
    assert back.reason.isna().tolist() == [True, False] and back.reason["kid_lenet"] == "too few images"


def test_held_out_real_images_have_nfe_0(tmp_path):
    write_scores(scores({"method": "data", "variant": "test", "nfe": 0}), tmp_path / "r.csv")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"value": np.nan}, "columns must hold a value with its interval, or else a reason (data row 2)."),
        ({"value": np.inf}, "column value must be finite, not inf (data row 2)."),
        ({"value": "fast"}, "column value must hold numbers, not fast (data row 2)."),
        ({"ci_high": np.inf}, "column ci_high must be finite, not inf (data row 2)."),
        ({"standard_error": -0.1}, "column standard_error must be at least 0, not -0.1 (data row 2)."),
        ({"ci_low": 1.6}, "columns must rise: ci_low <= value <= ci_high (data row 2)."),
        ({"ci_high": np.nan}, "columns must hold a value with its interval, or else a reason (data row 2)."),
        ({"reason": "too few"}, "columns must hold a value with its interval, or else a reason (data row 2)."),
        ({"labels": "drawn"}, "column labels must be one of reference, uniform, fixed, none, not drawn (data row 2)."),
        ({"ci_high": 1.4}, "columns must rise: ci_low <= value <= ci_high (data row 2)."),
        ({"nfe": 1.5}, "column nfe must hold whole numbers, not 1.5 (data row 2)."),
        ({"nfe": None}, "column nfe must hold whole numbers, not nan (data row 2)."),
        ({"nfe": -1}, "column nfe must be at least 0, not -1 (data row 2)."),
        ({"n_samples": 0}, "column n_samples must be at least 1, not 0 (data row 2)."),
        ({"schema_version": 2}, "column schema_version must be 3, not 2 (data row 2)."),
        ({"method": "=1+1"}, "column method must match [a-z0-9][a-z0-9_.-]*, not =1+1 (data row 2)."),
        ({"metric": None}, "column metric must not be empty (data row 2)."),
        (
            {"task": "edit/strokes/2"},
            "column task must match [a-z0-9][a-z0-9_.-]*(/[a-z0-9][a-z0-9_.-]*)?, not edit/strokes/2 (data row 2).",
        ),
        ({"fits": -1}, "column fits must be at least 0, not -1 (data row 2)."),
        ({"provenance": 12}, "column provenance must hold text, not 12 (data row 2)."),
        ({"seed": 0}, f"columns must be unique: {KEY} (data row 1)."),
    ],
)
def test_wrong_results_name_file_column_and_row(tmp_path, change, sentence):
    path = tmp_path / "r.csv"
    with pytest.raises(FewstepError, match=f"^{re.escape(f'{path}: {sentence}')}$"):
        write_scores(
            scores({"schema_version": 3, "reason": None}, {"schema_version": 3, "reason": None, "seed": 1} | change),
            path,
        )
    assert not path.exists()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"images_per_second_q75": 9.5},
         "columns must rise: images_per_second_q25 <= images_per_second <= images_per_second_q75"
         " (data row 2)."),
        ({"relative_low": 0.55},
         "columns must rise: relative_low <= relative_throughput <= relative_high (data row 2)."),
        ({"latency_p90_ms": 4.0},
         "columns must rise: latency_p50_ms <= latency_p90_ms <= latency_p99_ms (data row 2)."),
        ({"latency_p90_ms": 0.5, "latency_p99_ms": None},
         "columns must rise: latency_p50_ms <= latency_p90_ms <= latency_p99_ms (data row 2)."),
        ({"images_per_second": None}, "column images_per_second must not be empty (data row 2)."),
        ({"quality": "good"}, "column quality must be ok or noisy, not good (data row 2)."),
        ({"nfe": 0}, "column nfe must be at least 1, not 0 (data row 2)."),
        ({"batch": 64},
         "columns must be unique: dataset, task, method, variant, nfe, device, dtype, batch (data row 1)."),
    ],
)  # fmt: skip
def test_wrong_timings_name_file_column_and_row(tmp_path, change, sentence):
    path = tmp_path / "s.csv"
    with pytest.raises(FewstepError, match=f"^{re.escape(f'{path}: {sentence}')}$"):
        write_speed(timings({}, {"batch": 1} | change), path)


@pytest.mark.parametrize("value", ["", "nan", "inf", "fast"])
def test_a_table_is_checked_when_it_is_read_too(tmp_path, value):
    path = tmp_path / "r.csv"
    write_scores(scores(), path)
    path.write_text(path.read_text(encoding="utf-8").replace(",1.5,", f",{value},"))
    with pytest.raises(FewstepError, match=f"^{re.escape(str(path))}: columns? .*must .* \\(data row 1\\)\\.$"):
        read_scores(path)


def test_columns_that_are_missing_or_unknown(tmp_path):
    path = tmp_path / "r.csv"
    with pytest.raises(FewstepError, match=f"^{re.escape(str(path))}: column seed is missing.$"):
        write_scores(scores().drop(columns="seed"), path)
    with pytest.raises(FewstepError, match=f"^{re.escape(str(path))}: there is no column speed in a scores table.$"):
        write_scores(scores().assign(speed=1), path)


def test_files_that_are_missing_or_no_table(tmp_path):
    path = tmp_path / "r.csv"
    with pytest.raises(FewstepError, match=f"^{re.escape(str(path))}: there is no such file.$"):
        read_scores(path)
    for text in ("", "a,b\n1,2,3\n4,5,6,7,8\n"):
        path.write_text(text)
        with pytest.raises(FewstepError, match=f"^{re.escape(str(path))}: this is not a table"):
            read_scores(path)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(FewstepError, match=f"^{re.escape(str(path))}: this is not a table"):
        read_scores(path)


def test_concatenation_sorts_and_does_not_depend_on_the_order_of_the_parts(tmp_path):
    write_scores(scores({"seed": 2}, {"seed": 1}), tmp_path / "a.csv")
    write_scores(scores({"method": "ddpm"}), tmp_path / "b.csv")
    concatenate([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "ab.csv")
    concatenate([tmp_path / "b.csv", tmp_path / "a.csv"], tmp_path / "ba.csv")
    assert (tmp_path / "ab.csv").read_bytes() == (tmp_path / "ba.csv").read_bytes()
    joined = read_scores(tmp_path / "ab.csv")
    assert list(zip(joined.method, joined.seed, strict=True)) == [("ddpm", 0), ("edm", 1), ("edm", 2)]


def test_concatenation_with_a_part_that_has_no_rows(tmp_path):
    write_scores(scores().iloc[:0], tmp_path / "a.csv")
    write_scores(scores(), tmp_path / "b.csv")
    concatenate([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "ab.csv")
    assert (tmp_path / "ab.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()


def test_concatenation_of_timings(tmp_path):
    write_speed(timings(), tmp_path / "a.csv")
    write_speed(timings({"batch": 1}), tmp_path / "b.csv")
    concatenate([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "ab.csv", SPEED)
    assert read_speed(tmp_path / "ab.csv").batch.tolist() == [1, 64]


def test_concatenation_refuses_the_same_row_twice_and_nothing_at_all(tmp_path):
    out = tmp_path / "out.csv"
    write_scores(scores(), tmp_path / "a.csv")
    with pytest.raises(FewstepError, match=f"^{re.escape(str(out))}: columns must be unique: dataset, task"):
        concatenate([tmp_path / "a.csv", tmp_path / "a.csv"], out)
    with pytest.raises(FewstepError, match=f"^{re.escape(str(out))}: there are no tables to join.$"):
        concatenate([], out)


def test_without_timings_there_is_a_table_of_speed_without_rows(tmp_path):
    concatenate([], tmp_path / "speed.csv", SPEED)
    assert list(read_speed(tmp_path / "speed.csv")) == list(SPEED.columns) and read_speed(tmp_path / "speed.csv").empty


@pytest.mark.parametrize("column", ["reference", "extractor", "protocol"])
@pytest.mark.parametrize(
    "metric", ["fid", "fd_lenet", "fd_lenet_corrected", "kid", "kid_lenet", "oracle_fid", "reconstruction_fd_lenet",
               "projection_noisy_fd_lenet_before"]
)  # fmt: skip
def test_a_distance_names_what_it_compares_and_how(tmp_path, metric, column):
    with pytest.raises(FewstepError, match="columns must name the reference, extractor and protocol of a distance"):
        write_scores(scores({"metric": metric, column: "none"}), tmp_path / "s.csv")


def test_what_is_no_distance_may_have_none_of_them(tmp_path):
    names = dict.fromkeys(("reference", "extractor", "protocol"), "none")
    for metric in ("bits_per_dim", "drift", "nearer_kids"):
        write_scores(scores({"metric": metric} | names), tmp_path / "s.csv")


def test_protocols_are_known_ones(tmp_path):
    with pytest.raises(FewstepError, match="column protocol must be one of fid, clean-fid, lenet, .*, not my-own"):
        write_scores(scores({"protocol": "my-own"}), tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("metric", "value"),
    [("precision", 1.01), ("cas", -0.1), ("cas_class_3", 2.0), ("fool_rate_paired", 1.5), ("ssim", -1.2),
     ("consistency", -1e-3), ("duplicate_rate", -1e-6)],
)  # fmt: skip
def test_a_value_beyond_the_limits_of_its_metric_is_refused(tmp_path, metric, value):
    row = {"metric": metric, "value": value, "ci_low": value, "ci_high": value}
    with pytest.raises(FewstepError, match=r"columns must hold a value that the metric can have \(data row 1\)"):
        write_scores(scores(row), tmp_path / "s.csv")


def test_intervals_may_reach_beyond_the_limits_and_rounding_is_none(tmp_path):
    write_scores(scores({"metric": "recall", "value": 1 + 1e-12, "ci_high": 1.2, "ci_low": 0.9}), tmp_path / "s.csv")
    write_scores(scores({"metric": "density", "value": 1.4}), tmp_path / "s.csv")
