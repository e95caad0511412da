"""Protocols: every extractor belongs to one, and only the original Inception's is FID's."""

import re

import pytest

from fewstep.base.errors import FewstepError
from fewstep.results.bounds import bounds
from fewstep.scoring.protocols import MEANINGS, protocol


@pytest.mark.parametrize(
    ("label", "name"),
    [("inception", "fid"), ("inception_clean", "clean-fid"), ("lenet", "lenet"), ("rotnet", "rotnet")],
)
def test_the_extractor_says_which_protocol(label, name):
    assert protocol({"label": label, "resize": "none", "weights_sha256": "a"}) == name and name in MEANINGS


def test_an_extractor_of_no_protocol_is_refused():
    with pytest.raises(FewstepError, match=r"^extractor: vgg belongs to no protocol \(known: inception, "):
        protocol({"label": "vgg"})


def test_meanings_are_sentences():
    for name, meaning in MEANINGS.items():
        assert re.fullmatch(r"[a-z-]+", name) and re.fullmatch(r"[A-Z0-9].*\.", meaning)


def test_shares_and_correlations_have_limits_and_distances_have_none():
    assert bounds("recall") == bounds("cas_class_12") == bounds("fool_rate_generalist") == (0, 1)
    assert bounds("ssim") == bounds("reconstruction_ssim") == (-1, 1)
    assert [bounds(name) for name in ("fid", "kid", "density", "psnr", "cas_ratio", "cas_gap_1")] == [None] * 6
