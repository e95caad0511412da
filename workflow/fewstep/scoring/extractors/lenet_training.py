"""Trains the small classifier: under a minute on two cores, the same weights for the same seed on the same
machine.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep.base.checkpoints import save_weights
from fewstep.base.files import write_json
from fewstep.data import Split, split_fingerprint
from fewstep.scoring.extractors.extractor import check_images
from fewstep.scoring.extractors.lenet import LeNet, to_network_range

RECIPE = {
    "epochs": 40,
    "batch_size": 100,
    "peak_learning_rate": 3e-3,
    "weight_decay": 0.05,
    "label_smoothing": 0.05,
    "shift_fraction": 0.08,  # of the image side: 2 pixels at 28x28, 1 at 8x8
    "optimizer": "AdamW, one cycle",
}


def make_weights(splits: dict[str, Split], path: str | Path, seed: int = 0) -> dict[str, Any]:
    """Train on splits["train"]; write the weights to `path` (safetensors) and a manifest beside it (suffix
    .json).

    Images without labels are turned, and the network learns to tell by how much (`rotated`).

    Returns:
        The manifest: label, sha256, channels, classes, seed, recipe, accuracy on splits["test"], fingerprints of
            both splits.

    Raises:
        FewstepError: the images are not uint8 [N, H, W, C].
    """
    train, test = (
        split if split.labels is not None else rotated(split.images) for split in (splits["train"], splits["test"])
    )
    network = train_lenet(train.images, train.labels, seed)
    manifest = {
        "label": "rotnet" if splits["train"].labels is None else "lenet",
        "sha256": save_weights(network, path),
        "channels": train.images.shape[3],
        "classes": network.classifier.out_features,
        "seed": seed,
        "recipe": RECIPE,
        "test_accuracy": accuracy(network, test.images, test.labels),
        "fingerprint": {name: split_fingerprint(split) for name, split in splits.items()},
    }
    write_json(Path(path).with_suffix(".json"), manifest)
    return manifest


def rotated(images: np.ndarray) -> Split:
    """Each image uint8 [N, H, W, C] turned by 0, 1, 2 and 3 quarters, and that number as its label.

    Gidaris et al. 2018 (arXiv:1803.07728): who can tell which way is up has features of what is seen, without labels.
    """
    turned = [np.rot90(images, turns, axes=(1, 2)) for turns in range(4)]
    return Split(np.concatenate(turned), np.repeat(np.arange(4), len(images)))


def train_lenet(images: np.ndarray, labels: np.ndarray, seed: int = 0) -> LeNet:
    """Train on uint8 images [N, H, W, C] with integer labels [N] from 0; the network comes back in evaluation
    mode.

    Raises:
        FewstepError: the images are not uint8 [N, H, W, C].
    """
    check_images(images)
    inputs = to_network_range(torch.from_numpy(images))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = LeNet(images.shape[3], classes=len(np.unique(labels)))
        _fit(network, inputs, torch.from_numpy(labels))
    return network.requires_grad_(False).eval()


def _fit(network: LeNet, inputs: Tensor, targets: Tensor) -> None:
    size = min(RECIPE["batch_size"], len(inputs))
    steps = len(inputs) // size * RECIPE["epochs"]
    batches = ((_shift(inputs[chosen]), targets[chosen]) for chosen in shuffled(len(inputs), size))
    fit(network, batches, steps, RECIPE, "lenet training")


def shuffled(count: int, size: int) -> Iterator[Tensor]:
    """Positions of whole batches, without end; each pass over `count` images has an order of its own."""
    while True:
        yield from torch.randperm(count)[: count // size * size].split(size)


def fit(
    network: nn.Module, batches: Iterator[tuple[Tensor, Tensor]], steps: int, recipe: Mapping[str, Any], what: str
) -> None:
    """Minimise the cross-entropy of a classifier: AdamW with one cycle of the learning rate.

    Args:
        network: gives features and logits [B, K].
        batches: what the network takes, and classes [B].
        steps: updates.
        recipe: `weight_decay`, `peak_learning_rate` and `label_smoothing`.
        what: what the progress bar says.
    """
    optimizer = torch.optim.AdamW(network.parameters(), weight_decay=recipe["weight_decay"])
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, recipe["peak_learning_rate"], total_steps=steps)
    loss_function = nn.CrossEntropyLoss(label_smoothing=recipe["label_smoothing"])
    for inputs, targets in tqdm(islice(batches, steps), desc=what, unit="step", total=steps):
        _, logits = network(inputs)
        optimizer.zero_grad()
        loss_function(logits, targets).backward()
        optimizer.step()
        schedule.step()


def _shift(images: Tensor) -> Tensor:
    """Shift each image [B, C, H, W] by its own whole number of pixels, filling with its background (-1)."""
    side = images.shape[-1]
    reach = max(1, round(RECIPE["shift_fraction"] * side))
    padded = nn.functional.pad(images, (reach,) * 4, value=-1.0)
    offsets = torch.randint(2 * reach + 1, (2, len(images), 1))
    rows, columns = offsets + torch.arange(side)
    batch = torch.arange(len(images))[:, None, None]
    return padded[batch, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


@torch.inference_mode()
def accuracy(network: LeNet, images: np.ndarray, labels: np.ndarray) -> float:
    """Share of uint8 images [N, H, W, C] that the network classifies as labelled."""
    _, logits = network(to_network_range(torch.from_numpy(images)))
    return float((logits.argmax(1).numpy() == labels).mean())
