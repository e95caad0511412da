"""Scores of enlarged images against the images that they belong to, as rows of the results table.

Sample i belongs to image i; what was sampled must name these very images (the digest `truth` of its manifest).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fewstep.data import Split
from fewstep.errors import FewstepError
from fewstep.features import check_pairing, read_images
from fewstep.low_resolution import truth_of
from fewstep.metrics import lpips
from fewstep.metrics.channel_bias import channel_bias
from fewstep.metrics.consistency import consistency
from fewstep.metrics.diversity import diversity
from fewstep.metrics.lpips import LPIPS
from fewstep.metrics.psnr import psnr
from fewstep.metrics.ssim import flat_window, gaussian_window, ssim
from fewstep.protocols import PIXELS
from fewstep.resampling import downsample
from fewstep.score_rows import Row, mean, row

WINDOWS = {"ssim": gaussian_window(11), "ssim_7": flat_window(7)}


@dataclass(frozen=True)
class Truth:
    """Images that samples are compared with, the side of the inputs made from them, and LPIPS if asked for."""

    images: np.ndarray
    side: int
    key: str
    perceptual: LPIPS | None = None

    @classmethod
    def of(
        cls, split: Split, side: int, lpips_weights: Mapping[str, str] | None = None, device: str = "cpu"
    ) -> "Truth":
        perceptual = lpips.load(**lpips_weights, device=device) if lpips_weights else None
        return cls(split.images, side, truth_of(split.images), perceptual)


def score_pairs(images: np.ndarray, truth: Truth) -> list[Row]:
    """One row per paired metric of images uint8 [N, H, W, C], of which image i belongs to image i of the truth.

    PSNR (at most 58.9 dB), SSIM with an 11 x 11 Gaussian window and with a flat one of 7 x 7 (each where it fits),
    LPIPS where the truth has it, consistency with the input, and the bias of each channel; means over the images with
    their standard errors.

    Raises:
        FewstepError: there are more images than truths, or they differ in shape.
    """
    truths = truth.images[: len(images)]
    if images.shape != truths.shape:
        raise FewstepError(f"Images of shape {list(images.shape)} cannot be paired with {list(truth.images.shape)}.")
    return [paired_row(name, values, truth.key) for name, values in _scores(levels(images), levels(truths), truth)]


def score_seeds(images: Sequence[np.ndarray], truth: Truth) -> list[Row]:
    """Rows of what the same inputs gave with K seeds, K x uint8 [N, H, W, C]; none for one seed.

    The standard deviation between seeds for each input, and the PSNR of the seeds' mean: averages come nearer to the
    posterior mean, which no single image is.
    """
    if len(images) < 2:
        return []
    stacked = torch.stack([levels(each) for each in images])
    truths = levels(truth.images[: len(images[0])])
    return [
        paired_row("seed_diversity", diversity(stacked / 255), truth.key),
        paired_row("psnr_of_mean", psnr(stacked.mean(dim=0), truths), truth.key),
    ]


def score_cells(cells: Iterable[Mapping[str, Any]], folder: Path, truth: Truth) -> Iterator[tuple[Mapping, list[Row]]]:
    """(cell, rows) of every entry of a sample manifest; rows of several seeds go with the first one's cell.

    Args:
        cells: entries of the manifest, the seeds of a setting one after the other.
        folder: what the shards' paths are relative to.
        truth: the held-out images.

    Raises:
        FewstepError: the samples of a cell belong to other images.
    """
    for _, same in groupby(cells, key=lambda cell: (cell["variant"], cell["nfe"])):
        seeds = list(same)
        for cell in seeds:
            check_pairing(cell, truth.key)
        images = [read_images(folder, cell) for cell in seeds]
        for i, (cell, made) in enumerate(zip(seeds, images, strict=True)):
            yield cell, score_pairs(made, truth) + (score_seeds(images, truth) if i == 0 else [])


def similarity(images: Tensor, truths: Tensor) -> Iterator[tuple[str, Tensor]]:
    """PSNR and, with each window that fits, SSIM: of every image [N]; grey levels [N, C, H, W]."""
    yield "psnr", psnr(images, truths)
    for name, window in WINDOWS.items():
        if window.shape[0] <= min(images.shape[-2:]):
            yield name, ssim(images, truths, window)


def _scores(images: Tensor, truths: Tensor, truth: Truth) -> Iterator[tuple[str, Tensor]]:
    yield from similarity(images, truths)
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
