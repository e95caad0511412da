"""Digests of real images, whatever their order, file names and compression."""

import hashlib

import numpy as np

from fewstep.data.split import Split, image_digests


def fingerprint(images: np.ndarray) -> str:
    """Hex digest of pixels alone, for what looks at no labels: sha256 over the sorted sha256 of every image.

    It changes with any pixel, and when an image comes twice.
    """
    return _of(image_digests(images))


def split_fingerprint(split: Split) -> str:
    """Hex digest of images with their labels, for what learns from both: sha256 over the sorted sha256 + label.

    Other labels are other data, although no image differs. Without labels it is the digest of the pixels.
    """
    digests = image_digests(split.images)
    if split.labels is None:
        return _of(digests)
    return _of([digest + int(label).to_bytes(8, "big") for digest, label in zip(digests, split.labels, strict=True)])


def _of(digests: list[bytes]) -> str:
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
