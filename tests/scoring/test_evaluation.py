"""The hook: each image gets its own noise and label, means have their standard errors, and images a distance."""

import math
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.contract.method import ImageShape
from fewstep.data import Split, dealt
from fewstep.images.pixels import from_uint8
from fewstep.scoring import references
from fewstep.scoring.evaluation import part, score_variant
from fewstep.scoring.extractors.extractor import Extractor
from fewstep.scoring.features import describe

SHAPE = ImageShape(1, 4, 4, 3)
REQUEST = {"shape": SHAPE, "seed": 5, "nfe": 2, "settings": {"scale": 3.0}}


class Pixels(Extractor):
    """The first pixels as features, the next ones as logits."""

    label, resize, weights_sha256, batch_size = "lenet", "none", "a" * 64, 50

    def forward(self, images):
        flat = images.flatten(1).float()
        return flat[:, :5], flat[:, 5:8]


@pytest.fixture
def held_out():
    rng = np.random.default_rng(0)
    return Split(rng.integers(0, 256, (70, 4, 4, 1), dtype=np.uint8), np.arange(70) % 3)


@pytest.fixture
def score(held_out):
    """A function of the hooks, the batch size and the images that gives the rows by metric."""
    extractor = Pixels()
    reference = references.build(describe(extractor, held_out.images), "f", extractor.identity)

    def run(batch=32, images=held_out, **hooks):
        model, method = torch.nn.Linear(1, 1), SimpleNamespace(**hooks)
        rows = score_variant(method, model, REQUEST, images, batch, extractor, reference)
        return {row["metric"]: row for row in rows}

    return run


def test_means_standard_errors_and_intervals(score, held_out):
    rows = score(evaluate=lambda model, request, images: {"brightness": images.mean(dim=(1, 2, 3))})
    (row,) = rows.values()
    values = from_uint8(held_out.images).mean(dim=(1, 2, 3)).double()
    assert row["metric"] == "brightness" and row["n_samples"] == 70 and row["protocol"] == "hook"
    assert row["value"] == pytest.approx(float(values.mean()))
    assert row["standard_error"] == pytest.approx(float(values.std()) / math.sqrt(70))
    assert row["ci_high"] - row["value"] == pytest.approx(1.96 * row["standard_error"], rel=1e-4)
    assert row["value"] - row["ci_low"] == pytest.approx(1.96 * row["standard_error"], rel=1e-4)


def test_every_image_has_its_own_request_whatever_the_batch(score):
    def evaluate(model, request, images):
        assert (request.nfe, request.seed, request.shape, request.settings) == (2, 5, SHAPE, {"scale": 3.0})
        assert len(request.indices) == len(request.labels) == len(images)
        own = request.noise("own", (1,))[:, 0]
        return {"a": own * images[:, 0, 0, 0], "b": request.labels.float() * own}

    small, whole = score(7, evaluate=evaluate), score(70, evaluate=evaluate)
    for name in ("a", "b"):
        assert small[name]["value"] == pytest.approx(whole[name]["value"], rel=1e-6)


def test_images_that_are_real_are_at_no_distance_and_bad_ones_are_far(score):
    rows = score(
        evaluate=lambda model, request, images: {"same_images": images, "dark_images_after": images / 2},
    )
    assert list(rows) == ["same_fd_lenet", "dark_fd_lenet_after"]
    assert rows["same_fd_lenet"]["value"] == pytest.approx(0, abs=1e-6)
    assert rows["dark_fd_lenet_after"]["value"] > 100 and rows["dark_fd_lenet_after"]["n_samples"] == 70
    for row in rows.values():  # distances name what they compare with
        assert row["protocol"] == "lenet" and row["extractor"].startswith("lenet/") and row["reference"] != "none"


def test_labels_are_those_of_the_images_and_may_be_absent(score, held_out):
    seen = []

    def evaluate(model, request, images):
        seen.append(request.labels)
        return {}

    score(evaluate=evaluate)
    assert torch.cat(seen).tolist() == held_out.labels.tolist()
    seen.clear()
    score(images=Split(held_out.images), evaluate=evaluate)
    assert seen == [None] * 3


def test_a_part_of_the_images_depends_on_them_alone(held_out):
    shuffled = held_out.take(np.random.default_rng(1).permutation(70))
    few, more = part(held_out, 10), part(shuffled, 20)
    assert np.array_equal(few.images, more.images[:10]) and np.array_equal(few.labels, more.labels[:10])
    assert len(set(few.labels)) > 1 and not np.array_equal(few.images, held_out.images[:10])
    assert part(held_out, None) is held_out
    assert np.array_equal(part(held_out, 100).images, dealt(held_out).images)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (lambda images: images.mean(), r"evaluate: a gave \[\] for \[32\]\."),
        (lambda images: images, r"evaluate: a gave \[32, 1, 4, 4\] for \[32\]\."),
        (lambda images: 0.5, r"evaluate: a gave float for a tensor \[32\]\."),
        (lambda images: torch.full((len(images),), math.nan), "evaluate: a of held-out image 0 is not finite"),
    ],
)
def test_values_that_are_not_one_for_each_image_are_refused(score, value, sentence):
    with pytest.raises(FewstepError, match=sentence):
        score(evaluate=lambda model, request, images: {"a": value(images)})


def test_what_is_called_images_must_be(score):
    with pytest.raises(FewstepError, match=r"evaluate: images gave \[32\] for \[32, 1, 4, 4\]\."):
        score(evaluate=lambda model, request, images: {"images": images[:, 0, 0, 0]})
    with pytest.raises(FewstepError, match="evaluate: images gave values from 0 to 255, which look like grey levels"):
        score(evaluate=lambda model, request, images: {"images": images * 127.5 + 127.5})


def test_scores_must_be_named_and_the_same_ones_for_every_batch(score):
    with pytest.raises(FewstepError, match="evaluate gave Tensor for a mapping of scores by name"):
        score(evaluate=lambda model, request, images: images)
    with pytest.raises(FewstepError, match=r"evaluate gave \['b'\] for one batch and \['a'\] for another"):
        score(evaluate=lambda model, request, images: {"b" if request.indices[0] else "a": images[:, 0, 0, 0]})
