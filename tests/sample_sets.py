"""Small sample sets as folders and .zip files, and what is read of them."""

import re
import tracemalloc
import zipfile
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from fewstep.base.errors import FewstepError
from fewstep.images.sample_files import open_samples


def images_of(count: int, side: int = 6, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, channels), dtype=np.uint8)


def encoded(pixels: np.ndarray, file_format: str = "PNG") -> bytes:
    buffer = BytesIO()
    Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(buffer, file_format)
    return buffer.getvalue()


def write_folder(root, files):
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def write_zip(path, files, packing=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", packing) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def whole(samples, size=1000):
    """All images and labels, read in batches."""
    parts = list(samples.batches(size))
    labels = None if parts[0][1] is None else np.concatenate([labels for _, labels in parts])
    return np.concatenate([images for images, _ in parts]), labels


def refuses(sentence, path, classes=None):
    with pytest.raises(FewstepError, match=re.escape(sentence)):
        whole(open_samples(path, classes))


def most_bytes(samples) -> int:
    """The most memory that reading in batches of 50 takes at once."""
    tracemalloc.start()
    for _ in samples.batches(50):
        pass
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most
