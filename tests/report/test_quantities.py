"""Which way is better, for every metric of the project."""

import pytest

from fewstep.report.quantities import HIGHER, LOWER, UNRANKED, describe, is_distance


@pytest.mark.parametrize(
    ("direction", "names"),
    [
        (LOWER, "fid fid_corrected fd_lenet fd_lenet_corrected fd_inception-clean kid kid_lenet"),
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


def test_only_inception_is_called_fid():
    assert describe("fid").label == "FID"
    assert "FID" not in describe("fd_lenet").label


def test_display_scale_is_told_in_the_heading():
    assert describe("kid").scale == 1000 and "10⁻³" in describe("kid").heading
    assert describe("kid_lenet").scale == 1 and describe("kid_lenet").heading == "KID (lenet)"
