"""Which way is better, for every metric of the project."""

import pytest

from fewstep.results.quantities import HIGHER, LOWER, UNRANKED, describe, is_distance


@pytest.mark.parametrize(
    ("direction", "names"),
    [
        (LOWER, "fid fid_corrected fd_lenet fd_lenet_corrected fd_inception-clean kid kid_lenet"),
        (LOWER, "duplicate_rate bits_per_dim bits_per_dim_bound drift relative_drift fixed_point_error"),
        (LOWER, "reconstruction_fd_lenet reconstruction_fid reconstruction_mse oracle_fid oracle_fd_lenet"),
        (LOWER, "projection_noisy_after projection_noisy_fid_after"),
        (
            UNRANKED,
            "relative_brightness relative_contrast class_share_3 projection_noisy_before projection_noisy_fid_before",
        ),
        (HIGHER, "class_coverage psnr ssim ssim_7 psnr_of_mean psnr_single psnr_mean_of_16"),
        (LOWER, "consistency"),
        (UNRANKED, "seed_diversity bias_grey bias_red"),
        (LOWER, "latency_p50_ms latency_p99_ms flops_per_image peak_memory_mib"),
        (HIGHER, "is is_lenet precision recall density coverage images_per_second relative_throughput"),
        (UNRANKED, "fid_bias fd_lenet_bias parameters batch compile_seconds something_new"),
    ],
)
def test_direction(direction, names):
    assert {name: describe(name).direction for name in names.split()} == dict.fromkeys(names.split(), direction)


def test_only_the_raw_frechet_distance_is_the_headline():
    assert [is_distance(n) for n in ("fid", "fd_lenet", "fd_lenet_bias", "fid_corrected", "kid")] == [
        1,
        1,
        0,
        0,
        0,
    ]


def test_extra_scores_have_names_that_one_can_read():
    assert describe("reconstruction_fd_lenet").label == "FD (lenet) of reconstructions"
    assert describe("oracle_fd_lenet").label == "FD (lenet), oracle" and describe("oracle_fid").label == "FID, oracle"
    assert describe("projection_noisy_after").label == "noisy: error after"
    assert describe("projection_masked_drift_before").label == "masked: drift before"
    assert describe("projection_masked_fd_lenet_after").label == "masked: FD (lenet) after"
    assert describe("projection_noisy_fid_before").label == "noisy: FID before"
    assert all(describe(name).meaning for name in ("reconstruction_kid", "projection_sketch_before", "drift"))


def test_consistency_is_shown_in_the_papers_unit():
    assert describe("consistency").scale == 1e5 and "10⁻⁵" in describe("consistency").heading


def test_only_inception_is_called_fid():
    assert describe("fid").label == "FID"
    assert "FID" not in describe("fd_lenet").label


def test_display_scale_is_told_in_the_heading():
    assert describe("kid").scale == 1000 and "10⁻³" in describe("kid").heading
    assert describe("kid_lenet").scale == 1 and describe("kid_lenet").heading == "KID (lenet)"
