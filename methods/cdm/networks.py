"""Networks of a cascade: one preconditioned U-Net for each resolution."""

from dataclasses import replace
from typing import NamedTuple

import torch
from torch import Tensor, nn

from fewstep.base.errors import FewstepError
from fewstep.diffusion.preconditioning import Denoiser
from fewstep.images.resampling import upsample
from fewstep.nets.sides import check_sides
from fewstep.nets.unet import NoiseAndLabelEmbedding, UNet, check_patch, unet_for


class Cascade(nn.Module):
    """The stages, lowest resolution first, by names such as "7x7".

    Args:
        stages: for each its `side` in pixels and the settings of its U-Net.
        shape: of the images; the last stage's.
    """

    def __init__(self, stages, shape):
        super().__init__()
        check_stages(stages, shape)
        self.stages = nn.ModuleDict()
        for i, settings in enumerate(stages):
            side = settings["side"]
            network = {key: value for key, value in settings.items() if key != "side"}
            own = replace(shape, height=side, width=side)
            net = ConditionalUNet(network, own) if i else unet_for(network, own)
            self.stages[f"{side}x{side}"] = Stage(net, side)


def check_stages(stages, shape):
    """Refuse images that the last stage does not make; a stage alone may make them smaller, for others to enlarge."""
    side = stages[-1]["side"]
    check_sides("cdm", shape, side)
    if len(stages) > 1 and side != shape.height:
        raise FewstepError(
            f"cdm: images of {shape.height} x {shape.width} pixels; the last stage makes {side} x {side}."
        )


class Stage(Denoiser):
    """D(x; sigma) of images [B, C, side, side]; the third argument is the labels, or a Condition beyond the base."""

    def __init__(self, net, side):
        super().__init__(net)
        self.side = side


class Condition(NamedTuple):
    """What a super-resolution stage is told: labels [B] or None, z_s [B, C, h, w], and s [B], its level of noise."""

    labels: Tensor | None
    z: Tensor
    s: Tensor


class ConditionalUNet(nn.Module):
    """A U-Net that sees the enlarged low-resolution image as further channels, and is told both levels of noise."""

    def __init__(self, network, shape):
        super().__init__()
        check_patch(network, shape)
        self.unet = UNet(2 * shape.channels, shape.channels, classes=shape.classes, **network)
        self.unet.embed = TwoLevelEmbedding(self.unet.embed)

    def forward(self, x, noise, condition):
        enlarged = upsample(condition.z.float(), x.shape[-1])
        levels = torch.stack([noise, condition.s.float()], dim=1)
        return self.unet(torch.cat([x, enlarged], dim=1), levels, condition.labels)


class TwoLevelEmbedding(nn.Module):
    """The embedding of noise level and label, plus one of the condition's noise level: levels [B, 2] hold both."""

    def __init__(self, embed):
        super().__init__()
        self.embed = embed
        self.augmentation = NoiseAndLabelEmbedding(embed.second.out_features, classes=0)

    def forward(self, levels, labels):
        return self.embed(levels[:, 0], labels) + self.augmentation(levels[:, 1], None)
