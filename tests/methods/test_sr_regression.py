"""The regression: what it is shown, its loss, and that it is the diffusion model's network."""

import math

import pytest
import torch

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method, parameters
from fewstep.images.resampling import downsample, upsample
from fewstep.plan.cards import discover, recipe
from fewstep.scoring.metrics.psnr import PEAK

regression = load_method("sr_regression")


class Recorder(torch.nn.Module):
    def __init__(self, output):
        super().__init__()
        self.output, self.asked = output, []

    def forward(self, x, level):
        self.asked.append((x, level))
        return self.output(x)


def test_the_network_sees_the_enlarged_input_an_empty_image_and_one_level():
    model, low = Recorder(lambda x: x[:, :1]), torch.rand(3, 1, 2, 2)
    asked = SampleRequest(ImageShape(1, 8, 8), 0, range(3), 1, low_resolution=low)
    assert torch.equal(regression.sample(model, asked), upsample(low, 8))
    x, level = model.asked[0]
    assert torch.equal(x, torch.cat([upsample(low, 8), torch.zeros(3, 1, 8, 8)], dim=1)) and not level.any()


def test_the_hook_scores_the_image_that_is_sampled_against_the_true_one():
    low = torch.full((3, 1, 2, 2), -0.5)
    asked = SampleRequest(ImageShape(1, 8, 8), 0, range(3), 0, low_resolution=low)
    truth = torch.full((3, 1, 8, 8), -0.5) + torch.tensor([0.1, 0.2, -0.4]).reshape(3, 1, 1, 1)
    found = regression.evaluate(Recorder(lambda x: x[:, :1]), asked, truth)["psnr"]
    wanted = [20 * math.log10(PEAK / (127.5 * shift)) for shift in (0.1, 0.2, 0.4)]
    assert found.tolist() == pytest.approx(wanted, rel=1e-4)


def test_the_loss_is_the_squared_error_of_what_the_reduced_image_gives(make_batch):
    batch = make_batch(200)
    enlarged = upsample(downsample(batch.images, 2), 4)
    loss = regression.regression_loss(Recorder(lambda x: x[:, :1] + 0.1), batch, 2)
    assert loss.item() == pytest.approx((enlarged + 0.1 - batch.images).square().mean().item(), rel=1e-5)


def test_the_regression_has_the_parameters_of_the_diffusion_model():
    cards = discover()
    twin = load_method("sr3")
    for dataset, shape in (("mnist_7to28", ImageShape(1, 28, 28, 10)), ("photos_8to32", ImageShape(3, 32, 32))):
        counts = {
            parameters(module.build(recipe(cards[name], dataset, "default"), shape))
            for name, module in (("sr_regression", regression), ("sr3", twin))
        }
        assert len(counts) == 1 and counts.pop() < 1_000_000


def test_the_hook_sees_the_images_on_which_samples_of_the_diffusion_model_are_averaged():
    cards = discover()
    assert cards["sr_regression"]["evaluate"]["count"] == cards["sr3"]["evaluate"]["count"]
