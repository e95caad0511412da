"""The Inception extractor against torch-fidelity's, with the same random weights."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_file
from fewstep.scoring import extractors
from fewstep.scoring.extractors import inception
from fewstep.scoring.extractors.inception import InceptionExtractor
from fewstep.scoring.metrics.frechet import Gaussian, frechet_distance
from fewstep.scoring.metrics.moments import Moments


@pytest.fixture(scope="module")
def ours(inception_weights):
    path, sha256 = inception_weights
    return InceptionExtractor(path, sha256=sha256)


@pytest.fixture(scope="module")
def both(ours, inception_weights, pictures) -> tuple[tuple, tuple]:
    """(features, logits) of 10 images by this extractor and by torch-fidelity's."""
    images = pictures(10, seed=0)
    network = FeatureExtractorInceptionV3(
        "theirs", ["2048", "logits_unbiased"], feature_extractor_weights_path=str(inception_weights[0])
    )
    with torch.inference_mode():
        theirs = network(torch.from_numpy(images).permute(0, 3, 1, 2))
    return ours.features(images, progress=False), tuple(part.numpy() for part in theirs)


def test_features_and_logits_are_torch_fidelitys(both):
    for mine, theirs, dimension in zip(*both, (2048, 1008), strict=True):
        assert mine.shape == theirs.shape == (10, dimension)
        assert mine.dtype == np.float32
        assert np.abs(mine - theirs).max() < 1e-3 * theirs.std()


def test_the_distance_over_the_whole_path_is_torch_fidelitys(both):
    def distance(features):
        generated, real = torch.from_numpy(features[:5]), torch.from_numpy(features[5:])
        return frechet_distance(generated, Gaussian.fit(Moments.of(real)))

    (mine, _), (theirs, _) = both
    assert distance(mine) == pytest.approx(distance(theirs), rel=1e-3)


def test_grey_images_are_repeated_over_the_channels(ours, pictures):
    grey = pictures(1, seed=3, channels=1)
    colour = ours.features(grey.repeat(3, axis=3), progress=False)[0]
    np.testing.assert_array_equal(ours.features(grey, progress=False)[0], colour)


def test_batches_do_not_matter(ours, pictures):
    images = pictures(3, seed=4)
    whole, _ = ours.features(images, progress=False)
    one, _ = ours.features(images[2:], progress=False)
    np.testing.assert_allclose(one, whole[2:], rtol=1e-4, atol=1e-4)


def test_only_the_networks_own_resize_makes_an_fid(inception_weights):
    path, sha256 = inception_weights
    clean = InceptionExtractor(path, resize="clean-bicubic", sha256=sha256)
    assert clean.label == "inception_clean"
    assert clean.identity == {"label": "inception_clean", "resize": "clean-bicubic", "weights_sha256": sha256}


def test_unknown_resize(inception_weights):
    with pytest.raises(FewstepError, match=r"resize: there is no resize nearest"):
        extractors.load("inception", "cifar10", inception_weights[0], resize="nearest")


def test_other_weights_than_the_published_ones_are_refused(inception_weights):
    with pytest.raises(FewstepError, match="these are other weights"):
        extractors.load("inception", "cifar10", inception_weights[0])


def test_missing_weights_are_named(tmp_path):
    with pytest.raises(FewstepError, match=r"nowhere\.pth: there is no such file"):
        extractors.load("inception", "cifar10", tmp_path / "nowhere.pth")


class Payload:
    """Pickled, it is a call that leaves a file behind."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return Path.touch, (self.trace,)


def test_code_in_a_file_of_weights_is_not_run(tmp_path):
    path, trace = tmp_path / "weights.pth", tmp_path / "trace"
    torch.save(Payload(trace), path)
    with pytest.raises(FewstepError, match=r"weights\.pth: these are not weights"):
        InceptionExtractor(path, sha256=sha256_file(path))
    assert not trace.exists()


@pytest.mark.parametrize("content", ["another network", "text"])
def test_a_file_of_something_else_is_refused(tmp_path, content):
    path = tmp_path / "weights.pth"
    if content == "another network":
        torch.save({"fc.weight": torch.zeros(3)}, path)
    else:
        path.write_text("not weights")
    with pytest.raises(FewstepError, match=r"weights\.pth: these are not weights of the 2015 Inception"):
        InceptionExtractor(path, sha256=sha256_file(path))


def test_without_a_path_the_published_file_is_asked_for(inception_weights, monkeypatch, tmp_path):
    asked = []

    def download(*request):
        asked.append(request)
        return inception_weights[0]

    monkeypatch.setattr(inception, "download", download)
    InceptionExtractor(folder=tmp_path)
    assert asked == [(inception.URL, inception.SHA256, tmp_path)]
    assert inception.SHA256.startswith(inception.URL.rsplit("-")[-1].removesuffix(".pth"))
