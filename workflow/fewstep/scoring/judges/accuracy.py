"""Classifiers that learn from one set of labelled images and are tested on real ones: what the accuracy score rests on.

Ravuri and Vinyals 2019, arXiv:1905.10887, section 3: one generated image for each training image, with the same label;
a classifier that never sees another image; its accuracy on the real test images is the score.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import nn
from tqdm import tqdm

from fewstep.base.errors import FewstepError
from fewstep.data import Split
from fewstep.images.noise import torch_generator
from fewstep.scoring.judges.architectures import NETWORKS
from fewstep.scoring.judges.fitting import Normalisation, fit, outputs


def predictions(
    images: np.ndarray,
    real: Split,
    test: Split,
    settings: Mapping[str, Any],
    device: torch.device | str = "cpu",
    shuffle: bool = False,
) -> np.ndarray:
    """Classes, int64 [seeds, M], that classifiers trained on `images` give the M test images.

    Args:
        images: uint8 [N, H, W, C], one for each training image and in their order.
        real: the training set, of which come the labels and the constants of the normalisation.
        test: real images that neither generator nor classifier has seen.
        settings: the profile's `accuracy_score`: classifier, classifier_seeds, epochs.
        shuffle: the control: each classifier gets the labels in another order, and must guess.

    Raises:
        FewstepError: another number of images than the training set has.
    """
    if len(images) != len(real):
        raise FewstepError(f"The accuracy score needs one sample for each of {len(real)} images, not {len(images)}.")
    normalise = Normalisation.of(real.images)
    inputs, tested = normalise(images), normalise(test.images)
    classes = len(np.unique(real.labels))  # 0..K-1, each with training images
    make = partial(NETWORKS[settings["classifier"]], images.shape[3], classes, images.shape[1])
    found = []
    for seed in tqdm(settings["classifier_seeds"], desc="classifiers", unit="fit"):
        labels = shuffled(real.labels, seed) if shuffle else real.labels
        targets = torch.from_numpy(labels.astype(np.int64))
        network = fit(make, inputs, targets, nn.functional.cross_entropy, settings["epochs"], seed, device)
        found.append(outputs(network, tested))
    return torch.stack(found).argmax(-1).numpy()


def shuffled(labels: np.ndarray, seed: int) -> np.ndarray:
    """The labels in another order, which says nothing of the images."""
    return labels[torch.randperm(len(labels), generator=torch_generator(seed, "labels")).numpy()]
