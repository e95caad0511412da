"""Classes are 0..K-1, and each has a training image: what no image was labelled with cannot be sampled."""

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.data.split import Split


def numbered(splits: dict[str, Split], where: str) -> dict[str, Split]:
    """Number the classes 0..K-1 in the order of the labels that the training images have, and name each.

    Classes without a name of their own are named by the label that the source gave them. A class of which test has no
    image is named in a line of the log.

    Raises:
        FewstepError: test has a class that train lacks; the sentence begins with `where` and names it.
    """
    if splits["train"].labels is None:
        return splits
    given = splits["train"].class_names
    known, held_out = (np.unique(splits[name].labels) for name in ("train", "test"))

    def named(labels: np.ndarray) -> tuple[str, ...]:
        return tuple(given[label] if given else str(label) for label in labels)

    if unknown := named(np.setdiff1d(held_out, known)):
        raise FewstepError(f"{where}: test has images of class {unknown[0]}, but train has none.")
    if unseen := named(np.setdiff1d(known, held_out)):
        print(f"{where}: {len(unseen)} of {len(known)} classes have no test image, {unseen[0]} among them.")
    return {
        name: Split(split.images, np.searchsorted(known, split.labels), named(known)) for name, split in splits.items()
    }


def counts(split: Split, classes: int) -> list[int]:
    """Number of images of each class, by label."""
    return np.bincount(split.labels, minlength=classes).tolist()
