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

from fewstep.classifiers.fitting import Normalisation, fit, outputs
from fewstep.classifiers.networks import NETWORKS
from fewstep.data import Split
from fewstep.errors import FewstepError


def predictions(
    images: np.ndarray,
    real: Split,
    test: Split,
    settings: Mapping[str, Any],
    device: torch.device | str = "cpu",
    labels: np.ndarray | None = None,
) -> np.ndarray:
    """Classes, int64 [seeds, M], that classifiers trained on `images` give the M test images.

    Args:
        images: uint8 [N, H, W, C], one for each training image and in their order.
        real: the training set, of which come the labels and the constants of the normalisation.
        test: real images that neither generator nor classifier has seen.
        settings: the profile's `accuracy_score`: classifier, classifier_seeds, epochs.
        labels: in place of those of the training set (the control whose labels are shuffled).

    Raises:
        FewstepError: another number of images than the training set has.
    """
    if len(images) != len(real):
        raise FewstepError(f"The accuracy score needs one sample for each of {len(real)} images, not {len(images)}.")
    normalise = Normalisation.of(real.images)
    inputs, tested = normalise(images), normalise(test.images)
    targets = torch.from_numpy(np.asarray(real.labels if labels is None else labels, np.int64))
    classes = int(max(real.labels.max(), test.labels.max())) + 1
    make = partial(NETWORKS[settings["classifier"]], images.shape[3], classes, images.shape[1])
    found = [
        outputs(fit(make, inputs, targets, nn.functional.cross_entropy, settings["epochs"], seed, device), tested)
        for seed in tqdm(settings["classifier_seeds"], desc="classifiers", unit="fit")
    ]
    return torch.stack(found).argmax(-1).numpy()


def shuffled(labels: np.ndarray) -> np.ndarray:
    """The labels in another order, which says nothing of the images: classifiers of them must guess."""
    return np.random.default_rng(0).permutation(labels)
