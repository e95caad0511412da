"""scikit-learn's digits: 1,797 grey images of 8 x 8 pixels (UCI handwritten digits, test part)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.package import file_in
from fewstep.data.split import Split, stratified_split


def load(spec: Mapping[str, Any]) -> dict[str, Split]:
    """1,437 train and 360 test images, stratified; the 17 grey levels 0..16 become round(255/16 level)."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    images = np.floor(digits.images * (255 / 16) + 0.5).astype(np.uint8)[..., None]
    return stratified_split(Split(images, digits.target.astype(np.int64)), test_count=360)


def files(path: Path | None) -> dict[str, str]:
    """What is read, inside the package."""
    return {"digits": str(file_in("sklearn/datasets/data/digits.csv.gz"))}
