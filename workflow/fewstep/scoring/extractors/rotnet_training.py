"""Trains the network that tells rotations apart on the real images of a run: about a minute on two cores."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fewstep.base.checkpoints import save_weights
from fewstep.base.errors import FewstepError
from fewstep.base.files import write_json
from fewstep.data import fingerprint
from fewstep.scoring.extractors.extractor import check_images
from fewstep.scoring.extractors.lenet import to_network_range
from fewstep.scoring.extractors.lenet_training import fit, shuffled
from fewstep.scoring.extractors.rotnet import TURNS, RotNet, RotNetExtractor, reduced

RECIPE = {
    "passes": 10,  # over the images, each time turned anew
    "most_steps": 600,
    "batch_size": 128,
    "peak_learning_rate": 3e-3,
    "weight_decay": 0.05,
    "label_smoothing": 0.05,
    "optimizer": "AdamW, one cycle",
}
_CHECKED = 1000  # images of which the accuracy is given


def train(blocks: Iterable[np.ndarray], path: str | Path, seed: int = 0) -> dict[str, Any]:
    """Train on images; write the weights to `path` (safetensors) and a manifest beside it (suffix .json).

    Args:
        blocks: all images, uint8 [n, S, S, C] of one S and C; what is kept of each is 64 x 64 pixels at most.
        path: of the weights.
        seed: of the initial weights and the order of the images; on one machine, with one number of threads, equal
            images and seeds give equal weights.

    Returns:
        The manifest: label, sha256, side, channels, seed, recipe, count, fingerprint of the images as the network sees
        them, and accuracy: the share of rotations of the first ones that it recognises (0.25 by chance).

    Raises:
        FewstepError: there are no images, or they are not square.
    """
    kept, shape = [], None
    for images in blocks:
        check_images(images)
        shape = images.shape[1:]
        kept.append(reduced(torch.from_numpy(np.ascontiguousarray(images))))
    if shape is None:
        raise FewstepError("rotnet: there are no images to train on.")
    if shape[0] != shape[1]:
        raise FewstepError(f"rotnet: images of {shape[0]} x {shape[1]} pixels cannot be turned; they must be square.")
    images = torch.cat(kept)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = RotNet(shape[0], shape[2])
        size = min(RECIPE["batch_size"], len(images))
        steps = min(RECIPE["most_steps"], RECIPE["passes"] * (len(images) // size))
        fit(network, _turned(images, size), steps, RECIPE, "rotnet training")
    network.eval()
    _standardise(network, images)
    manifest = {
        "label": RotNetExtractor.label,
        "sha256": save_weights(network, path),
        "side": shape[0],
        "channels": shape[2],
        "seed": seed,
        "recipe": RECIPE,
        "count": len(images),
        "fingerprint": fingerprint(images.numpy()),
        "accuracy": _accuracy(network, images[:_CHECKED]),
    }
    write_json(Path(path).with_suffix(".json"), manifest)
    return manifest


def _turned(images: Tensor, size: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches as the network takes them, with the number of quarters: equally many of each, by chance."""
    turns = torch.arange(size) % TURNS
    order = turns.argsort(stable=True)
    for chosen in shuffled(len(images), size):
        batch = to_network_range(images[chosen])
        parts = [torch.rot90(batch[turn::TURNS], turn, (2, 3)) for turn in range(TURNS)]
        yield torch.cat(parts), turns[order]


@torch.no_grad()
def _standardise(network: RotNet, images: Tensor) -> None:
    batches = images.split(RotNetExtractor.batch_size)
    network.standardise(torch.cat([network(to_network_range(batch))[0] for batch in batches]))


@torch.inference_mode()
def _accuracy(network: RotNet, images: Tensor) -> float:
    """Share of the four rotations of images uint8 [N, S, S, C] that a network recognises."""
    batch = to_network_range(images)
    right = [network(torch.rot90(batch, turn, (2, 3)))[1].argmax(1) == turn for turn in range(TURNS)]
    return float(torch.cat(right).double().mean())
