"""Scores against the truth: closed forms, agreement with scikit-image, and floors of the truth itself."""

import math

import numpy as np
import pytest
import torch
from on_disk import on_disk
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from fewstep.base.errors import FewstepError
from fewstep.data import Split
from fewstep.images.resampling import downsample, upsample
from fewstep.plan.cells import ENLARGE, Cell
from fewstep.scoring.metrics.channel_bias import channel_bias
from fewstep.scoring.metrics.diversity import diversity
from fewstep.scoring.metrics.input_consistency import consistency
from fewstep.scoring.metrics.psnr import MOST, psnr
from fewstep.scoring.metrics.ssim import flat_window, gaussian_window, ssim
from fewstep.scoring.pairs import Truth, score_pairs, score_seeds, whole


def levels(images):
    return torch.from_numpy(images).permute(0, 3, 1, 2).double()


@pytest.fixture
def pair(pictures):
    """Pictures and the same with noise, uint8 [6, 32, 32, 3]."""
    clean = pictures(6, seed=0)
    noise = np.random.default_rng(1).normal(0, 15, clean.shape)
    return np.clip(clean + noise, 0, 255).astype(np.uint8), clean


def test_psnr_of_a_constant_error_is_its_closed_form_and_equal_images_have_the_ratio_of_rounding():
    truth = torch.full((2, 3, 8, 8), 100.0, dtype=torch.float64)
    assert psnr(truth + 5, truth).tolist() == pytest.approx([20 * math.log10(255 / 5)] * 2)
    assert psnr(truth, truth).tolist() == pytest.approx([MOST] * 2)
    rounded = (truth + torch.rand(truth.shape, dtype=torch.float64) * 4).round()
    assert psnr(rounded, rounded).max() <= MOST == pytest.approx(58.92, abs=0.01)


def test_psnr_and_ssim_agree_with_scikit_image(pair):
    images, truths = pair
    ratio = psnr(levels(images), levels(truths))
    wide, narrow = (ssim(levels(images), levels(truths), w) for w in (gaussian_window(11), flat_window(7)))
    settings = {"channel_axis": 2, "data_range": 255, "use_sample_covariance": False}
    for i, (image, truth) in enumerate(zip(images, truths, strict=True)):
        assert ratio[i].item() == pytest.approx(peak_signal_noise_ratio(truth, image, data_range=255))
        theirs = structural_similarity(truth, image, gaussian_weights=True, sigma=1.5, **settings)
        assert wide[i].item() == pytest.approx(theirs, abs=1e-7)
        assert narrow[i].item() == pytest.approx(structural_similarity(truth, image, win_size=7, **settings), abs=1e-7)


@pytest.mark.parametrize("window", [gaussian_window(11), flat_window(7)])
def test_ssim_of_flat_images_is_its_luminance_term_and_of_equal_ones_1(window):
    a, b = (torch.full((1, 1, 16, 16), value, dtype=torch.float64) for value in (60.0, 90.0))
    c1 = (0.01 * 255) ** 2
    assert ssim(a, b, window).item() == pytest.approx((2 * 60 * 90 + c1) / (60**2 + 90**2 + c1))
    noise = 255 * torch.rand(3, 1, 16, 16, dtype=torch.float64)
    assert ssim(noise, noise, window).tolist() == pytest.approx([1] * 3)
    assert ssim(255 - noise, noise, window).max() < 0
    assert window.sum().item() == pytest.approx(1)


def test_a_window_that_does_not_fit_is_refused_and_left_out_of_the_scores():
    small = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    with pytest.raises(FewstepError, match="window of 11 pixels does not fit into images of 8"):
        ssim(small, small, gaussian_window(11))
    images = np.random.default_rng(0).integers(0, 256, (4, 8, 8, 1), dtype=np.uint8)
    names = [row["metric"] for row in score_pairs(whole(images), Truth.of(Split(images), 4))]
    assert names == ["psnr", "ssim_7", "consistency", "bias_grey"]


def test_consistency_of_a_shift_is_its_square_in_unit_pixels_and_0_for_the_truth(pair):
    truth = levels(pair[1]) / 127.5 * 0.8 - 0.8
    low = downsample(truth, 8)
    assert consistency(truth, low).tolist() == [0] * 6
    assert consistency(truth + 0.02, low).tolist() == pytest.approx([0.01**2] * 6, rel=1e-6)


def test_another_reduction_than_that_of_the_inputs_shows_in_the_consistency(pair):
    truth = levels(pair[1]) / 127.5 - 1
    nearest, own = truth[..., ::4, ::4], downsample(truth, 8)
    assert consistency(truth, nearest).min() > 1e-3
    assert consistency(upsample(own, 32), own).mean() < consistency(truth, nearest).mean() / 3


def test_bias_is_told_by_channel():
    truth = torch.rand(5, 3, 8, 8, dtype=torch.float64)
    shifted = truth + torch.tensor([0.03, 0.0, -0.02], dtype=torch.float64).reshape(1, 3, 1, 1)
    found = {name: values.mean().item() for name, values in channel_bias(shifted, truth).items()}
    assert found == pytest.approx({"red": 0.03, "green": 0, "blue": -0.02}, abs=1e-12)
    assert list(channel_bias(truth[:, :1], truth[:, :1])) == ["grey"]


def test_diversity_is_the_spread_between_seeds_and_0_without_one():
    generator = torch.Generator().manual_seed(0)
    images = 0.1 * torch.randn(3, 50, 1, 16, 16, generator=generator, dtype=torch.float64)
    assert diversity(images).mean().item() == pytest.approx(0.1, rel=0.02)
    assert diversity(images[:1].expand(3, -1, -1, -1, -1)).abs().max() == 0


@pytest.fixture
def seeds(pair, tmp_path):
    """The pictures with noise of three seeds, as cells on disk in shards of four."""
    rng, cells = np.random.default_rng(2), []
    for seed in range(3):
        images = np.clip(pair[1] + rng.normal(0, 20, pair[1].shape), 0, 255).astype(np.uint8)
        cells.append(on_disk(tmp_path, Cell("toys", ENLARGE, "tiny", "plain", 1, 0, seed), images, size=4))
    return cells


def test_the_mean_of_seeds_has_a_better_psnr_than_each(pair, seeds):
    truth = Truth.of(Split(pair[1]), 8)
    of_mean = {row["metric"]: row["value"] for row in score_seeds(seeds, truth)}["psnr_of_mean"]
    single = {row["metric"]: row["value"] for row in score_pairs(seeds[0], truth)}["psnr"]
    assert single + 3 < of_mean < single + 10 * math.log10(3) + 0.5
    assert score_seeds(seeds[:1], truth) == []


def test_scores_of_shards_are_those_of_all_images_at_once(pair, seeds):
    truth, images = Truth.of(Split(pair[1]), 8), [cell.first(6) for cell in seeds]
    parts, at_once = (
        {row["metric"]: (row["value"], row["standard_error"], row["n_samples"]) for row in score_pairs(shards, truth)}
        for shards in (seeds[0], whole(images[0]))
    )
    assert list(parts) == list(at_once)
    for name, numbers in parts.items():
        assert numbers == pytest.approx(at_once[name], rel=1e-9)
    stacked = torch.stack([levels(each) for each in images])
    expected = {
        "seed_diversity": diversity(stacked / 255).mean().item(),
        "psnr_of_mean": psnr(stacked.mean(dim=0), levels(pair[1])).mean().item(),
    }
    assert {row["metric"]: row["value"] for row in score_seeds(seeds, truth)} == pytest.approx(expected, rel=1e-9)


def test_rows_of_the_truth_are_floors_and_all_rows_have_errors(pair):
    images, clean = pair
    truth = Truth.of(Split(clean), 8)
    floors = {row["metric"]: row["value"] for row in score_pairs(whole(clean), truth)}
    assert floors == pytest.approx(
        {"psnr": MOST, "ssim": 1, "ssim_7": 1, "consistency": 0, "bias_red": 0, "bias_green": 0, "bias_blue": 0}
    )
    for row in score_pairs(whole(images), truth):
        assert row["standard_error"] > 0 and row["ci_low"] < row["value"] < row["ci_high"]
        assert (row["n_samples"], row["extractor"], row["reference"]) == (6, "pixels", truth.key)
        assert row["protocol"] == "pixels"


def test_fewer_samples_are_compared_with_the_first_truths_and_more_are_refused(pair):
    images, clean = pair
    truth = Truth.of(Split(clean), 8)
    first, same = (score_pairs(whole(images[:3]), t) for t in (truth, Truth.of(Split(clean[:3]), 8)))
    assert [row["value"] for row in first] == [row["value"] for row in same]
    with pytest.raises(FewstepError, match="cannot be paired"):
        score_pairs(whole(np.concatenate([images, images])), truth)
