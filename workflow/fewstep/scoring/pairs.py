"""Scores of made images against the real ones that they belong to, as rows of the results table.

Image i belongs to real image i; what was sampled must name these very images (the digest `truth` of its manifest).
Scores are of one image each, so that one shard is held at a time.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.contract.conditions import truth_of
from fewstep.data import Split
from fewstep.images.resampling import downsample
from fewstep.sampling.shards import Shard, Shards
from fewstep.scoring.metrics import lpips
from fewstep.scoring.metrics.channel_bias import channel_bias
from fewstep.scoring.metrics.diversity import diversity
from fewstep.scoring.metrics.input_consistency import consistency
from fewstep.scoring.metrics.lpips import LPIPS
from fewstep.scoring.metrics.psnr import psnr
from fewstep.scoring.metrics.ssim import flat_window, gaussian_window, ssim
from fewstep.scoring.protocols import PIXELS
from fewstep.scoring.rows import Row, mean, row

WINDOWS = {"ssim": gaussian_window(11), "ssim_7": flat_window(7)}


@dataclass(frozen=True)
class Truth:
    """Real images uint8 [N, H, W, C] that made ones are compared with, and how.

    Attributes:
        side: of the small images that the made ones start from, if they do.
        key: digest of the images.
        perceptual: LPIPS, if it is wanted.
    """

    images: np.ndarray
    key: str
    side: int | None = None
    perceptual: LPIPS | None = None

    @classmethod
    def of(
        cls,
        split: Split,
        side: int | None = None,
        lpips_weights: Mapping[str, str] | None = None,
        device: str = "cpu",
    ) -> "Truth":
        perceptual = lpips.load(**lpips_weights, device=device) if lpips_weights else None
        return cls(split.images, truth_of(split.images), side, perceptual)

    def beside(self, shard: Shard) -> Tensor:
        """The real images that a shard's belong to, as `levels`.

        Raises:
            FewstepError: there are more images than real ones, or they differ in shape.
        """
        truths = self.images[shard.start : shard.start + len(shard.images)]
        if shard.images.shape != truths.shape:
            raise FewstepError(
                f"Images of shape {list(shard.images.shape)} cannot be paired with {list(self.images.shape)}."
            )
        return levels(truths)


def score_pairs(shards: Iterable[Shard], truth: Truth) -> list[Row]:
    """One row per paired metric of images, of which image i belongs to image i of the truth.

    PSNR (at most 58.9 dB), SSIM with an 11 x 11 Gaussian window and with a flat one of 7 x 7 (each where it fits), and
    of enlarged images LPIPS where the truth has it, consistency with the input, and the bias of each channel; means
    over the images with their standard errors.

    Raises:
        FewstepError: see `Truth.beside`.
    """
    values: dict[str, list[Tensor]] = {}
    for shard in shards:
        for name, found in _scores(levels(shard.images), truth.beside(shard), truth):
            values.setdefault(name, []).append(found)
    return [paired_row(name, torch.cat(parts), truth.key) for name, parts in values.items()]


def score_seeds(seeds: Sequence[Shards], truth: Truth) -> list[Row]:
    """Rows of what the same inputs gave with K seeds; none for one seed.

    The standard deviation between seeds for each input, and the PSNR of the seeds' mean: averages come nearer to the
    posterior mean, which no single image is.
    """
    if len(seeds) < 2:
        return []
    spread, of_mean = [], []
    for same in zip(*seeds, strict=True):
        stacked = torch.stack([levels(shard.images) for shard in same])
        spread.append(diversity(stacked / 255))
        of_mean.append(psnr(stacked.mean(dim=0), truth.beside(same[0])))
    values = {"seed_diversity": spread, "psnr_of_mean": of_mean}
    return [paired_row(name, torch.cat(parts), truth.key) for name, parts in values.items()]


def whole(images: np.ndarray) -> list[Shard]:
    """Images that are in memory, as one shard."""
    return [Shard(0, images, None)]


def similarity(images: Tensor, truths: Tensor) -> Iterator[tuple[str, Tensor]]:
    """PSNR and, with each window that fits, SSIM: of every image [N]; grey levels [N, C, H, W]."""
    yield "psnr", psnr(images, truths)
    for name, window in WINDOWS.items():
        if window.shape[0] <= min(images.shape[-2:]):
            yield name, ssim(images, truths, window)


def _scores(images: Tensor, truths: Tensor, truth: Truth) -> Iterator[tuple[str, Tensor]]:
    yield from similarity(images, truths)
    if truth.side is None:
        return
    signed, wanted = images / 127.5 - 1, truths / 127.5 - 1
    if truth.perceptual:
        yield "lpips", truth.perceptual(signed, wanted).double()
    inputs = downsample(wanted, truth.side)
    yield "consistency", consistency(signed, inputs)
    for channel, shift in channel_bias(images / 255, truths / 255).items():
        yield f"bias_{channel}", shift


def levels(images: np.ndarray) -> Tensor:
    """uint8 [N, H, W, C] as float64 [N, C, H, W], 0..255."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).double()


def paired_row(metric: str, values: Tensor, truth: str) -> Row:
    """The mean over images [N]; `truth` is `truth_of` the images that they are paired with."""
    return row(metric, mean(values), len(values), reference=truth, extractor=PIXELS, protocol=PIXELS)
