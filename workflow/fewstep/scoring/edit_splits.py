"""Which held-out images are edited, what is given of them, and which others edited images are compared with."""

from collections.abc import Iterable

import numpy as np

from fewstep.base.errors import FewstepError
from fewstep.contract.conditions import KnownContent
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.data import Split
from fewstep.images.pixels import to_uint8


def first(real: Split, count: int, key: str) -> Split:
    """The images that are edited; FewstepError if there are fewer than `count`, which `key` asks for."""
    if count > len(real):
        raise FewstepError(f"{key}: {count} images are to be edited, but only {len(real)} are held out.")
    return real.take(np.arange(count))


def others(real: Split, count: int, key: str) -> Split:
    """The images that are not edited: what edited ones are compared with, since they would look near their own truths.

    Raises:
        FewstepError: less than half as many are left as `count`, the number of edited images, which `key` asks for.
    """
    left = len(real) - count
    if left < count / 2:
        raise FewstepError(
            f"{key}: with {count} of {len(real)} held-out images edited, {left} are left to compare them with; edit at "
            f"most {2 * len(real) // 3}."
        )
    return real.take(np.arange(count, len(real)))


def given(real: Split, shape: ImageShape, names: Iterable[str], seed: int) -> dict[str, np.ndarray]:
    """What methods are given, by task, rounded and clipped to 8 bits; nothing of a task without an input.

    Args:
        real: the images that are edited, in the order of `dealt`.
        seed: of the masks and the noise.
    """
    found, whole = {}, SampleRequest(shape, seed, range(len(real)), 0)
    for name in names:
        known = KnownContent(name, real).of(whole).edit.known
        if known is not None:
            found[name] = to_uint8(known)
    return found
