"""The one shape of data in Fewstep, and the two rules that part it into train and test.

Both rules look at the pixels alone, so neither the order of the files nor a library's random numbers change
a split.
"""

import hashlib
from dataclasses import dataclass

import numpy as np

from fewstep.base.errors import FewstepError

HASH_SPLIT_TEST_SHARE = 10  # one image in ten goes to test
VALIDATION_STRIDE = 10  # one training image in ten is held out where settings are searched on images


@dataclass(frozen=True)
class Split:
    """Real images.

    Attributes:
        images: uint8 [N, H, W, C], 0..255, C = 1 (grey) or 3 (RGB).
        labels: int64 [N], 0..K-1, or None. A source may number its classes as it likes (see `fewstep.data.classes`).
        class_names: names of the classes by label; None where there are no labels, or no names but the labels.
    """

    images: np.ndarray
    labels: np.ndarray | None = None
    class_names: tuple[str, ...] | None = None

    def __len__(self) -> int:
        return len(self.images)

    def take(self, indices: np.ndarray) -> "Split":
        """The images (and labels) at `indices`, in that order."""
        return Split(self.images[indices], None if self.labels is None else self.labels[indices], self.class_names)


def image_digests(images: np.ndarray) -> list[bytes]:
    """sha256 of each image's shape and pixels."""
    head = str(images.shape[1:]).encode()
    return [hashlib.sha256(head + np.ascontiguousarray(image).data).digest() for image in images]


def hash_split(data: Split, where: str) -> dict[str, Split]:
    """Send an image to test when its pixel digest is divisible by ten, else to train; the order is kept.

    Equal images land on the same side (none leaks into test), and adding images moves none of the old ones.

    Raises:
        FewstepError: one side stays empty; the sentence names `where` (a path).
    """
    digests = image_digests(data.images)
    is_test = np.array([int.from_bytes(d[:8], "big") % HASH_SPLIT_TEST_SHARE == 0 for d in digests], bool)
    if is_test.all() or not is_test.any():
        raise FewstepError(f"{where}: {_too_few(digests)}; give train and test apart.")
    return {"train": data.take(np.flatnonzero(~is_test)), "test": data.take(np.flatnonzero(is_test))}


def _too_few(digests: list[bytes]) -> str:
    count, different = len(digests), len(set(digests))
    if different == 1 < count:
        return f"all {count} images are equal"
    return f"{count} images{f' ({different} different ones)' * (different < count)} are too few to part"


def stratified_split(data: Split, test_count: int) -> dict[str, Split]:
    """Send `test_count` images to test, each class in proportion (largest remainder); the order is kept.

    Within a class, those with the smallest pixel digests go.
    """
    assert data.labels is not None
    digests = image_digests(data.images)
    is_test = np.zeros(len(data), bool)
    for label, quota in enumerate(_proportional(np.bincount(data.labels), test_count)):
        members = np.flatnonzero(data.labels == label)
        is_test[sorted(members, key=lambda i: digests[i])[:quota]] = True
    return {"train": data.take(np.flatnonzero(~is_test)), "test": data.take(np.flatnonzero(is_test))}


def dealt(data: Split) -> Split:
    """The split in an order that depends on nothing but the images and their labels.

    It is that of the pixel digests, with the classes dealt out evenly: the first images hold every class in its share,
    up to rounding, and so do the others.
    """
    digests = image_digests(data.images)
    labels = np.zeros(len(data), np.int64) if data.labels is None else data.labels
    counts, seen, places = np.bincount(labels), np.zeros(int(labels.max()) + 1), np.empty(len(data))
    for i in sorted(range(len(data)), key=lambda i: digests[i]):
        places[i] = (seen[labels[i]] + 0.5) / counts[labels[i]]
        seen[labels[i]] += 1
    return data.take(np.array(sorted(range(len(data)), key=lambda i: (places[i], digests[i]))))


def hold_out(data: Split) -> tuple[Split, Split]:
    """A split without every tenth image, and those: the validation images, which training does not see."""
    is_validation = np.arange(len(data)) % VALIDATION_STRIDE == VALIDATION_STRIDE - 1
    return data.take(np.flatnonzero(~is_validation)), data.take(np.flatnonzero(is_validation))


def _proportional(counts: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers in proportion to `counts` that add up to `total`; ties go to the lower class."""
    exact = counts * total / counts.sum()
    quotas = np.floor(exact).astype(int)
    by_remainder = np.argsort(quotas - exact, kind="stable")
    quotas[by_remainder[: total - quotas.sum()]] += 1
    return quotas
