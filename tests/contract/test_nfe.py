"""NFE is what a hook counts: images through each network, guidance twice, stages summed."""

import pytest
import torch
from torch import nn

from fewstep.base.errors import FewstepError
from fewstep.contract.nfe import check_declared, counting, stages


class Cascade(nn.Module):
    """Two networks, the second one called three times on each image."""

    def __init__(self):
        super().__init__()
        self.stages = nn.ModuleDict({"base": nn.Identity(), "upsampler": nn.Identity()})

    def forward(self, x):
        x = self.stages["base"](x)
        for _ in range(3):
            x = self.stages["upsampler"](x)
        return x


def test_calls_on_a_batch_count_once_for_each_image():
    net = nn.Identity()
    with counting(net) as counted:
        for batch in (5, 5, 2):
            net(net(torch.zeros(batch, 1)))
    assert counted.per_image(12) == {"model": 2} and counted.calls == {"model": 6}


def test_guidance_that_doubles_the_batch_counts_two():
    net, x = nn.Identity(), torch.zeros(4, 1)
    with counting(net) as counted:
        conditional, unconditional = net(torch.cat([x, x])).chunk(2)
    assert counted.per_image(len(x)) == {"model": 2} and counted.calls == {"model": 1}


def test_stages_are_counted_apart_and_sum():
    model = Cascade()
    assert set(stages(model)) == {"base", "upsampler"}
    with counting(model) as counted:
        model(torch.zeros(4, 1))
    assert counted.per_image(4) == {"base": 1, "upsampler": 3} and sum(counted.per_image(4).values()) == 4


def test_only_the_block_is_counted_even_when_it_fails():
    net = nn.Identity()
    with pytest.raises(KeyError), counting(net) as counted:
        net(torch.zeros(1, 1))
        raise KeyError
    net(torch.zeros(1, 1))
    assert counted.images == {"model": 1} and not net._forward_hooks


class Pair(nn.Module):
    """A network that returns more than its images."""

    def forward(self, x, as_mapping):
        return {"images": x, "features": x[:1]} if as_mapping else (x, x[:1])


@pytest.mark.parametrize("as_mapping", [True, False])
def test_images_are_counted_in_the_first_tensor_of_several(as_mapping):
    net = Pair()
    with counting(net) as counted:
        net(torch.zeros(7, 1), as_mapping)
    assert counted.per_image(7) == {"model": 1}


def test_another_count_than_the_declared_one_is_refused():
    check_declared(35.0, 35, "a/heun")
    with pytest.raises(FewstepError, match=r"^a/heun is declared with NFE 34, but 35 evaluations per image were"):
        check_declared(35.0, 34, "a/heun")
    with pytest.raises(FewstepError, match="but 34.5 evaluations"):
        check_declared(34.5, 34, "a/heun")
