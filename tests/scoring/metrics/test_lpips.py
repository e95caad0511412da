"""LPIPS against torch-fidelity's with the same random weights, and what the distance must be whatever the weights."""

import pytest
import torch
import torchvision
from torch_fidelity import sample_similarity_lpips as theirs

from fewstep.base.errors import FewstepError
from fewstep.data import Split
from fewstep.scoring.metrics import lpips
from fewstep.scoring.pairs import Truth, score_pairs, whole


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Random weights in the layout of the two published files."""
    folder = tmp_path_factory.mktemp("lpips")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        features = torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"])
        for layer in features:
            if isinstance(layer, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(layer.weight)
        linear = {f"lin{i}.model.1.weight": torch.rand(1, n, 1, 1) for i, n in enumerate(lpips.CHANNELS)}
    classifier = {"classifier.0.weight": torch.zeros(1)}  # which the published file holds too
    torch.save({f"features.{k}": v for k, v in features.state_dict().items()} | classifier, folder / "vgg16.pth")
    torch.save(linear, folder / "vgg.pth")
    return folder / "vgg16.pth", folder / "vgg.pth"


@pytest.fixture(scope="module")
def distance(files):
    return lpips.load(*files)


@pytest.fixture
def pairs():
    """Three pairs of grey levels, uint8 [3, 3, 32, 32]."""
    generator = torch.Generator().manual_seed(1)
    return [torch.randint(256, (3, 3, 32, 32), dtype=torch.uint8, generator=generator) for _ in range(2)]


def signed(levels):
    return levels.double() / 127.5 - 1


def test_it_is_torch_fidelitys(files, distance, pairs, monkeypatch):
    network = torchvision.models.vgg16(weights=None, init_weights=False)
    network.features.load_state_dict(
        {k.removeprefix("features."): v for k, v in torch.load(files[0]).items() if k.startswith("features.")}
    )
    monkeypatch.setattr(theirs, "load_state_dict_from_url", lambda *_, **__: torch.load(files[1]))
    monkeypatch.setattr(theirs, "torchvision_load_pretrained_vgg16", lambda: network)
    # Its constructor loads the linear weights before there is a network.
    reference = theirs.SampleSimilarityLPIPS("lpips-vgg16")
    expected = reference(*pairs)
    assert torch.allclose(distance(*map(signed, pairs)), expected.flatten(), rtol=1e-4)


def test_images_are_no_distance_from_themselves_and_order_does_not_matter(distance, pairs):
    one, other = map(signed, pairs)
    assert distance(one, one).tolist() == [0, 0, 0]
    assert torch.allclose(distance(one, other), distance(other, one)) and distance(one, other).min() > 0


def test_it_grows_with_the_noise_and_does_not_depend_on_the_batch(distance, pairs, monkeypatch):
    truth, noise = signed(pairs[0]), signed(pairs[1])
    near, far = (distance((truth + level * noise).clamp(-1, 1), truth) for level in (0.05, 0.5))
    assert (near < far).all()
    monkeypatch.setattr(lpips, "CHUNK", 2)
    assert torch.allclose(distance((truth + 0.05 * noise).clamp(-1, 1), truth), near, rtol=1e-4)


def test_enlarged_images_get_a_row_where_weights_are_given(files, pictures):
    split = Split(pictures(5, seed=0))
    weights = dict(zip(("vgg16", "linear"), files, strict=True))
    (row,) = (r for r in score_pairs(whole(split.images), Truth.of(split, 8, weights)) if r["metric"] == "lpips")
    assert row["value"] == 0 and row["n_samples"] == 5
    assert "lpips" not in {r["metric"] for r in score_pairs(whole(split.images), Truth.of(split, 8))}


def test_grey_images_are_three_equal_channels(distance, pairs):
    one, other = (signed(pair)[:, :1] for pair in pairs)
    assert torch.equal(distance(one, other), distance(one.expand(-1, 3, -1, -1), other.expand(-1, 3, -1, -1)))


def test_images_that_are_too_small_are_refused(distance):
    with pytest.raises(FewstepError, match="^LPIPS needs images of 16 pixels or more, not 8.$"):
        distance(torch.zeros(1, 3, 8, 8), torch.zeros(1, 3, 8, 8))


def test_other_files_are_named(files, tmp_path):
    with pytest.raises(FewstepError, match="vgg16.pth: these are not weights of LPIPS"):
        lpips.load(files[0], files[0])
    (tmp_path / "text.pth").write_text("no tensors")
    with pytest.raises(FewstepError, match="text.pth: this is not a file of PyTorch tensors"):
        lpips.load(tmp_path / "text.pth", files[1])
