"""Bicubic: the enlargement itself, one evaluation, nothing to train."""

import torch

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.contract.nfe import counting
from fewstep.images.resampling import upsample

bicubic = load_method("bicubic")
SHAPE = ImageShape(3, 32, 32)


def test_it_is_the_enlargement_at_one_evaluation_for_every_seed():
    low = torch.rand(5, 3, 8, 8)
    model = bicubic.build({}, SHAPE)
    with counting(model) as counted:
        made = [bicubic.sample(model, SampleRequest(SHAPE, s, range(5), 1, low_resolution=low)) for s in (0, 1)]
    assert torch.equal(made[0], upsample(low, 32)) and torch.equal(*made)
    assert counted.per_image(5) == {"model": 2.0} and not list(model.parameters())
