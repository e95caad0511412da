import math

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.scoring import references
from fewstep.scoring.features import Features
from fewstep.scoring.metrics import frechet
from fewstep.scoring.sets import expected_of_real, metric_names, score_set

EXTRACTOR = {"label": "lenet", "resize": "none", "weights_sha256": "a" * 64}
SAMPLE_METRICS = ["is_lenet", "kid_lenet", "precision", "recall", "density", "coverage", "duplicate_rate"]
SAMPLE_METRICS += [
    "class_coverage",
    *(f"class_share_{k}" for k in range(10)),
    "relative_brightness",
    "relative_contrast",
]


def draw(count: int, seed: int, dimension: int = 8) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)


def images(features, logits=None, seed: int = 3) -> Features:
    """Features with logits of ten classes and the statistics of some pixels."""
    logits = draw(len(features), 2, 10) if logits is None else logits
    return Features(features, logits, 100 + np.abs(draw(len(features), seed, 2)))


@pytest.fixture(scope="module")
def reference() -> references.Reference:
    return references.build(images(draw(300, 0)), "f" * 64, EXTRACTOR)


@pytest.fixture(scope="module")
def rows(reference) -> dict[str, dict]:
    return {row["metric"]: row for row in score_set(images(1.1 * draw(200, 1)), reference, EXTRACTOR)}


def test_one_row_per_metric(rows):
    assert list(rows) == ["fd_lenet", "fd_lenet_bias", "fd_lenet_corrected", *SAMPLE_METRICS]


def test_rows_hold_finite_numbers_in_their_interval(rows):
    for row in rows.values():
        assert all(math.isfinite(row[key]) for key in ("value", "standard_error", "ci_low", "ci_high"))
        assert row["ci_low"] <= row["value"] <= row["ci_high"]
        assert row["standard_error"] > 0 or row["metric"] in ("duplicate_rate", "class_coverage")


def test_rows_say_what_they_were_made_with(rows, reference):
    for row in rows.values():
        assert row["n_samples"] == 200
        assert row["reference"] == reference.key
        assert row["extractor"] == "lenet/none/" + "a" * 16
        assert row["protocol"] == "lenet" and row["fits"] == 0


def test_corrected_is_raw_less_bias(rows):
    assert rows["fd_lenet_corrected"]["value"] == pytest.approx(
        rows["fd_lenet"]["value"] - rows["fd_lenet_bias"]["value"], rel=1e-12
    )


def test_the_reference_scores_perfectly_against_itself(reference):
    rows = score_set(images(reference.features), reference, EXTRACTOR)
    values = {row["metric"]: row["value"] for row in rows}
    assert values["fd_lenet"] == pytest.approx(0, abs=1e-10)
    assert [values[name] for name in ("precision", "recall", "coverage", "class_coverage")] == [1, 1, 1, 1]
    alike = [values[f"class_share_{k}"] for k in range(10)] + [
        values["relative_brightness"],
        values["relative_contrast"],
    ]
    assert alike == pytest.approx([1.0] * 12) and values["duplicate_rate"] == 0


def test_tensors_and_arrays_score_alike(rows, reference):
    tensors = images(torch.from_numpy(1.1 * draw(200, 1)), torch.from_numpy(draw(200, 2, 10)))
    assert score_set(tensors, reference, EXTRACTOR) == list(rows.values())


def test_classes_are_looked_at_where_the_extractor_knows_the_datas_own():
    inception = EXTRACTOR | {"label": "inception"}
    real = references.build(images(draw(300, 0)), "f" * 64, inception)
    assert not [row for row in score_set(images(draw(200, 1)), real, inception) if row["metric"].startswith("class")]


def test_what_cannot_be_given_is_an_empty_row_with_its_reason():
    wide = references.build(images(draw(300, 0, 64)), "f" * 64, EXTRACTOR)
    rows = {row["metric"]: row for row in score_set(images(draw(40, 1, 64)), wide, EXTRACTOR)}
    assert list(rows) == ["fd_lenet", "fd_lenet_bias", "fd_lenet_corrected", *SAMPLE_METRICS]
    empty = {name: row["reason"] for name, row in rows.items() if row["value"] is None}
    assert empty.keys() == {"fd_lenet_bias", "fd_lenet_corrected", "is_lenet"}
    assert "more than 128 images" in empty["fd_lenet_bias"] and "100 images" in empty["is_lenet"]


def test_real_images_that_are_black_leave_brightness_and_contrast_empty():
    features = images(draw(300, 0))
    black = references.build(features._replace(pixels=np.zeros((300, 2))), "f" * 64, EXTRACTOR)
    rows = {row["metric"]: row for row in score_set(images(draw(200, 1)), black, EXTRACTOR)}
    assert rows["relative_brightness"]["value"] is rows["relative_contrast"]["value"] is None
    assert rows["relative_contrast"]["reason"] == "that of the real images is 0"
    assert rows["precision"]["value"] is not None


def labelled(count: int, shares: tuple[int, ...] = (3, 1)) -> np.ndarray:
    """Labels in these shares, as a split deals them out."""
    return np.arange(count) % sum(shares) // shares[0]


def test_a_fixed_number_of_each_class_is_told_by_the_labels(reference):
    real = references.build(images(draw(300, 0))._replace(labels=labelled(300)), "f" * 64, EXTRACTOR)
    sample = images(draw(200, 1))
    drawn = np.random.default_rng(0).permutation(np.repeat([0, 1], [130, 70]))
    for labels, how in ((labelled(200), "fixed"), (drawn, "reference"), (None, "reference")):
        rows = score_set(sample._replace(labels=labels), real, EXTRACTOR, "reference")
        assert {row["labels"] for row in rows} == {how}
    assert {row["labels"] for row in score_set(sample._replace(labels=labelled(200)), reference, EXTRACTOR)} == {"none"}


def classes_apart(count: int, seed: int) -> np.ndarray:
    """Features whose two classes lie far apart, labels as `labelled` deals them."""
    return draw(count, seed) + 8 * labelled(count)[:, None].astype(np.float32)


def test_held_out_images_are_expected_to_score_like_independent_draws_of_as_many():
    """The floor of samples: by simulation, what independent draws of the population score."""
    real = references.build(
        Features(classes_apart(2000, 0), draw(2000, 2, 10), np.ones((2000, 2)), labelled(2000)), "f" * 64, EXTRACTOR
    )
    held_out = Features(classes_apart(400, 1), draw(400, 2, 10), np.ones((400, 2)), labelled(400))
    row = expected_of_real(held_out, real, 200, "reference")
    measured = {r["metric"]: r for r in score_set(held_out, real, EXTRACTOR, "reference")}["fd_lenet"]
    rng, draws = np.random.default_rng(0), []
    for seed in range(40):
        labels = rng.permutation(labelled(800))[:200]
        sample = draw(200, 100 + seed) + 8 * labels[:, None].astype(np.float32)
        draws.append(frechet.frechet_distance(torch.from_numpy(sample), real.gaussian))
    assert (row["n_samples"], row["labels"], row["metric"]) == (200, "reference", "fd_lenet")
    assert (row["reference"], row["extractor"], row["protocol"]) == (real.key, "lenet/none/" + "a" * 16, "lenet")
    assert row["ci_low"] < np.mean(draws) < row["ci_high"]
    assert measured["ci_high"] < np.mean(draws)


def test_held_out_images_that_are_drawn_like_the_samples_are_their_own_floor(reference):
    assert expected_of_real(images(draw(200, 1)), reference, 200, "reference") is None
    row = expected_of_real(images(draw(200, 1)), reference, 100, "reference")
    assert row["value"] > 0 and row["labels"] == "none"  # of images without labels


def test_real_images_in_other_shares_than_the_samples_are_no_floor_of_theirs(reference):
    held_out = images(draw(200, 1))._replace(labels=labelled(200))
    uneven = references.build(images(draw(300, 0))._replace(labels=labelled(300)), "f" * 64, EXTRACTOR)
    assert expected_of_real(held_out, uneven, 100, "uniform") is None
    assert expected_of_real(held_out, uneven, 100, "reference")["labels"] == "reference"
    held_out = held_out._replace(labels=labelled(200, (1, 1)))
    even = references.build(images(draw(301, 0))._replace(labels=labelled(301, (1, 1))), "f" * 64, EXTRACTOR)
    assert expected_of_real(held_out, even, 100, "uniform")["labels"] == "uniform"


@pytest.mark.parametrize(
    ("label", "names"),
    [
        ("inception", ["fid", "is", "kid"]),
        ("inception_clean", ["fd_inception_clean", "is_inception_clean", "kid_inception_clean"]),
        ("lenet", ["fd_lenet", "is_lenet", "kid_lenet"]),
    ],
)
def test_only_one_extractor_gives_an_fid(label, names):
    assert list(metric_names(label).values()) == names


def with_a_nan(values: np.ndarray) -> np.ndarray:
    values[3, 1] = np.nan
    return values


@pytest.mark.parametrize(
    ("features", "logits", "sentence"),
    [
        (draw(1, 1), draw(1, 2, 10), "at least 2 samples, not 1"),
        (with_a_nan(draw(20, 1)), draw(20, 2, 10), "features of sample 3 are not finite"),
        (draw(20, 1), with_a_nan(draw(20, 2, 10)), "logits of sample 3 are not finite"),
        (draw(20, 1)[0], draw(20, 2, 10), r"\[samples, values\]"),
        (draw(20, 1), draw(19, 2, 10), "do not fit"),
        (draw(20, 1, 7), draw(20, 2, 10), "do not fit"),
    ],
)
def test_what_cannot_be_scored_is_refused(features, logits, sentence, reference):
    with pytest.raises(FewstepError, match=sentence):
        score_set(images(features, logits), reference, EXTRACTOR)


def test_features_of_another_extractor_are_refused(reference):
    with pytest.raises(FewstepError, match="not comparable"):
        score_set(images(draw(20, 1)), reference, EXTRACTOR | {"resize": "tf1-bilinear"})
