"""The accuracy score's classifiers: real data, shuffled labels, and labels that say nothing of other images."""

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import Split, load_source
from fewstep.scoring.judges.accuracy import predictions, shuffled
from fewstep.scoring.judges.fitting import Normalisation
from fewstep.scoring.judges.judged_rows import accuracy_rows
from fewstep.scoring.judges.stored_answers import REAL, SHUFFLED, Setting

SETTINGS = {"classifier": "cnn", "classifier_seeds": [0, 1, 2], "epochs": 8}
SAMPLER = Setting("sampler", "one", 1)


@pytest.fixture(scope="module")
def digits():
    return load_source({"source": "digits", "path": None, "download": False})


@pytest.fixture(scope="module")
def said(digits):
    """Predictions after training on the real set, on it with shuffled labels, and on one whose class 3 is noise."""
    real, test = digits["train"], digits["test"]
    noise = np.random.default_rng(0).integers(0, 256, real.images.shape, np.uint8)
    dropping = np.where((real.labels == 3)[:, None, None, None], noise, real.images)
    return {
        REAL: predictions(real.images, real, test, SETTINGS),
        SHUFFLED: predictions(real.images, real, test, SETTINGS, shuffle=True),
        SAMPLER: predictions(dropping, real, test, SETTINGS),
    }


@pytest.fixture(scope="module")
def rows(said, digits):
    answers = {setting: {"predictions": found} for setting, found in said.items()}
    return {(row["variant"], row["metric"]): row for row in accuracy_rows(answers, digits["test"].labels)}


def test_the_score_of_real_data_is_the_accuracy_of_its_classifiers(said, rows, digits):
    known = (said[REAL] == digits["test"].labels).mean()
    assert rows["train", "cas"]["value"] == pytest.approx(known) and known > 0.95


def test_shuffled_labels_give_chance(rows):
    row = rows["shuffled", "cas"]
    assert row["ci_low"] < 0.1 < row["ci_high"] and row["value"] < 0.2


def test_shuffling_keeps_the_number_of_each_label(digits):
    labels = digits["train"].labels
    other = shuffled(labels, 0)
    assert np.array_equal(np.bincount(labels), np.bincount(other)) and (labels == other).mean() < 0.2
    assert not np.array_equal(other, shuffled(labels, 1))


def test_a_dropped_class_is_lost_and_no_other(rows):
    assert rows["one", "cas_class_3"]["value"] < 0.3 and rows["one", "cas_gap_3"]["ci_high"] < -0.5
    assert all(abs(rows["one", f"cas_gap_{k}"]["value"]) < 0.1 for k in range(10) if k != 3)
    assert rows["one", "cas_ratio"]["value"] == pytest.approx(
        rows["one", "cas"]["value"] / rows["train", "cas"]["value"]
    )
    assert ("train", "cas_ratio") not in rows and ("shuffled", "cas_gap_0") not in rows


def test_predictions_are_of_the_seed(said, digits):
    real, test = digits["train"].take(np.arange(200)), digits["test"]
    settings = {**SETTINGS, "epochs": 2, "classifier_seeds": [5, 6]}
    one, again = (predictions(real.images, real, test, settings) for _ in range(2))
    assert np.array_equal(one, again) and not np.array_equal(one[0], one[1])


def test_as_many_samples_as_training_images_are_asked_for(digits):
    with pytest.raises(FewstepError, match="one sample for each of 1437 images, not 5"):
        predictions(digits["train"].images[:5], digits["train"], digits["test"], SETTINGS)


def test_all_images_are_normalised_by_the_real_training_set():
    real = np.random.default_rng(0).integers(0, 200, (50, 8, 8, 3), np.uint8)
    normalise = Normalisation.of(real)
    inputs = normalise(real)
    assert inputs.shape == (50, 3, 8, 8) and inputs.mean((0, 2, 3)).abs().max() < 1e-5
    assert (inputs.std((0, 2, 3)) - 1).abs().max() < 1e-3
    brighter = normalise(real + np.uint8(50))
    assert np.allclose((brighter - inputs).mean((0, 2, 3)) * normalise.std, 50, atol=1e-3)


def test_a_classifier_of_flat_images_still_works():
    flat = Split(np.zeros((20, 8, 8, 1), np.uint8), np.arange(20) % 2)
    found = predictions(flat.images, flat, flat, {**SETTINGS, "epochs": 1})
    assert found.shape == (3, 20) and set(np.unique(found)) <= {0, 1}
