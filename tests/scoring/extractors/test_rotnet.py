"""The network that a run trains on its real images: what its distance sees, and that it is the same every time."""

import re

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.data import load_source
from fewstep.scoring import extractors
from fewstep.scoring.extractors.lenet import to_network_range
from fewstep.scoring.extractors.rotnet import RotNet, folded, reduced
from fewstep.scoring.extractors.rotnet_training import train
from fewstep.scoring.metrics import frechet
from fewstep.scoring.metrics.frechet import Gaussian
from fewstep.scoring.metrics.moments import Moments


@pytest.fixture(scope="module")
def digits():
    return load_source({"source": "digits", "path": None})


@pytest.fixture(scope="module")
def trained(digits, tmp_path_factory):
    """Manifest and weights of a network that was trained on the digits."""
    path = tmp_path_factory.mktemp("rotnet") / "rotnet-digits.safetensors"
    return train(np.array_split(digits["train"].images, 5), path), path


@pytest.fixture(scope="module")
def distance(digits, trained):
    """The Frechet distance of images from the training images."""
    extractor = extractors.load("rotnet", "digits", trained[1])

    def features(images):
        return torch.from_numpy(extractor.features(images, progress=False)[0])

    real = Gaussian.fit(Moments.of(features(digits["train"].images)))
    return lambda images: frechet.estimate(features(images), real).value


def test_the_distance_rises_with_noise(digits, distance):
    images, rng = digits["test"].images, np.random.default_rng(0)
    noise = rng.normal(size=images.shape)
    found = [distance(np.clip(images + level * noise, 0, 255).astype(np.uint8)) for level in (0, 10, 20, 40, 80)]
    assert found == sorted(found) and found[-1] > 5 * found[0]


def test_the_distance_rises_when_digits_are_missing(digits, distance):
    """Sets of one size: fewer images are further away by chance alone."""
    test, rng = digits["test"], np.random.default_rng(0)

    def of_classes(most):
        kept = np.flatnonzero(test.labels < most)
        return distance(test.images[rng.choice(kept, len(test), replace=True)])

    found = [of_classes(most) for most in (10, 8, 5, 2)]
    assert found == sorted(found) and found[2] > 1.5 * found[0] and found[3] > 4 * found[0]


def test_it_tells_rotations(trained):
    assert trained[0]["accuracy"] > 0.8
    assert trained[0]["label"] == "rotnet" and trained[0]["count"] == 1437


def test_equal_images_give_equal_weights_whatever_their_blocks_and_leave_the_generator_alone(digits, tmp_path):
    images, state = digits["train"].images[:200], torch.get_rng_state()
    first, second = (train(parts, tmp_path / "a.safetensors") for parts in ([images], np.array_split(images, 3)))
    assert first == second and torch.equal(torch.get_rng_state(), state)
    other = images.copy()
    other[0, 0, 0, 0] ^= 255
    for changed in (train([other], tmp_path / "b.safetensors"), train([images], tmp_path / "c.safetensors", seed=1)):
        assert changed["sha256"] != first["sha256"]


def test_the_extractor_says_what_it_is(trained, digits):
    manifest, path = trained
    extractor = extractors.load("rotnet", "anything", path)
    assert extractor.identity == {"label": "rotnet", "resize": "area-64", "weights_sha256": manifest["sha256"]}
    features, logits = extractor.features(digits["test"].images, progress=False)
    assert features.shape == (360, 64) and logits.shape == (360, 4)
    of_real, _ = extractor.features(digits["train"].images, progress=False)
    np.testing.assert_allclose(of_real.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(of_real.std(0), 1, atol=1e-3)


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (28, 1), (32, 3), (33, 3), (64, 1), (100, 3)])
def test_one_architecture_for_every_size(side, channels):
    images = torch.randint(256, (2, side, side, channels), dtype=torch.uint8)
    seen = to_network_range(reduced(images))
    assert folded(seen).shape[-1] <= 32
    features, logits = RotNet(side, channels).eval()(seen)
    assert features.shape == (2, 64) and logits.shape == (2, 4)


def test_folding_loses_no_pixel_and_reducing_takes_means():
    image = torch.arange(64 * 64).reshape(1, 1, 64, 64).float()
    assert sorted(folded(image).flatten().tolist()) == image.flatten().tolist()
    halves = torch.full((1, 128, 128, 1), 10, dtype=torch.uint8)
    halves[:, ::2] = 20
    assert reduced(halves).unique().tolist() == [15] and reduced(halves).shape == (1, 64, 64, 1)


@pytest.mark.parametrize("count", [1, 3, 130])
def test_few_images_are_enough_to_train(tmp_path, count):
    images = np.random.default_rng(0).integers(0, 256, (count, 8, 8, 3), dtype=np.uint8)
    train([images], tmp_path / "a.safetensors")
    features, _ = extractors.load("rotnet", "x", tmp_path / "a.safetensors").features(images, progress=False)
    assert np.isfinite(features).all()


def refuses(sentence, call, *arguments):
    with pytest.raises(FewstepError, match=re.escape(sentence)):
        call(*arguments)


def test_images_that_cannot_be_turned_or_are_not_there(tmp_path):
    path = tmp_path / "a.safetensors"
    refuses("rotnet: images of 8 x 9 pixels cannot be turned", train, [np.zeros((2, 8, 9, 1), np.uint8)], path)
    refuses("rotnet: there are no images to train on.", train, [], path)
    assert not path.exists()


def test_images_of_another_shape(trained):
    extractor = extractors.load("rotnet", "digits", trained[1])
    refuses(
        "These rotnet weights are for images [8, 8, 1], not [8, 8, 3].",
        extractor.features,
        np.zeros((1, 8, 8, 3), np.uint8),
    )


def test_without_weights():
    refuses(
        "extractor: rotnet has no weights that ship; give the file that a run trained.", extractors.load, "rotnet", "x"
    )
