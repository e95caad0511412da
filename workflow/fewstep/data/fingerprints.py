"""Digests of real images, whatever their order, file names and compression."""

import hashlib

import numpy as np

from fewstep.data.split import Split, image_digests


def fingerprint(images: np.ndarray) -> str:
    """Hex digest of pixels alone, for what looks at no labels: sha256 over the sorted sha256 of every image.

    It changes with any pixel, and when an image comes twice.
    """
    return fingerprint_of(image_digests(images), None)


def split_fingerprint(split: Split) -> str:
    """Hex digest of images with their labels, for what learns from both: sha256 over the sorted sha256 + label.

    Other labels are other data, although no image differs. Without labels it is the digest of the pixels.
    """
    return fingerprint_of(image_digests(split.images), split.labels)


def fingerprint_of(digests: list[bytes], labels: np.ndarray | None) -> str:
    """The digest `split_fingerprint` of images that are not held at once, from their `image_digests` and labels."""
    if labels is not None:
        digests = [digest + int(label).to_bytes(8, "big") for digest, label in zip(digests, labels, strict=True)]
    return hashlib.sha256(b"".join(sorted(digests))).hexdigest()
