"""Random numbers that belong to an image, not to a batch.

Every number is drawn from a counter-based generator (Philox) keyed by (seed, stream) with the image's index as the
counter. The noise of image i is therefore the same in any batch, shard, process or order, and on any device, since it
is always drawn on the CPU. Streams ("initial", "step 3", "label") are independent: adding a sampler step does not shift
the labels.
"""

import hashlib
import math
from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor


def _generator(seed: int, index: int, stream: str) -> np.random.Generator:
    digest = hashlib.blake2b(f"{seed}/{stream}".encode(), digest_size=16).digest()
    # The index fills the highest counter word: the streams of two images never meet within 2^192 draws.
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little"), counter=[0, 0, 0, index]))


def normal(seed: int, indices: Iterable[int], stream: str, shape: Sequence[int]) -> Tensor:
    """Standard normal noise, float32 [B, *shape], one row for each image index (>= 0)."""
    rows = [_generator(seed, i, stream).standard_normal(tuple(shape), dtype=np.float32) for i in indices]
    return torch.from_numpy(np.stack(rows))


def uniform(normal: Tensor) -> Tensor:
    """Standard normal numbers as uniform ones in (0, 1), float64, through their distribution function."""
    return torch.special.ndtr(normal.double())


def labels(seed: int, indices: Iterable[int], counts: Sequence[int]) -> Tensor:
    """Independent labels int64 [B], one for each image index: class k has probability counts[k] / sum(counts).

    Only the ratios of the counts matter, so that equal counts of any size draw `integers(classes)`. A class of count 0
    is never drawn.
    """
    total = sum(shares(counts))
    return classes_of([int(_generator(seed, i, "label").integers(total)) for i in indices], counts)


def shares(counts: Sequence[int]) -> list[int]:
    """Counts by class in lowest terms: divided by their greatest common divisor; not all of them are 0."""
    divisor = math.gcd(*counts)
    return [int(count) // divisor for count in counts]


def classes_of(numbers: Sequence[int] | Tensor, counts: Sequence[int]) -> Tensor:
    """The class int64 [B] of each number in 0..sum(shares(counts))-1: class k has shares(counts)[k] of the numbers."""
    numbers = torch.as_tensor(numbers)
    ends = torch.tensor(shares(counts), device=numbers.device).cumsum(0)
    return torch.searchsorted(ends, numbers, right=True)


def torch_generator(seed: int, *words: object) -> torch.Generator:
    """A CPU generator keyed by (seed, words): training draws step k from its own, so a resumed run draws the same."""
    text = "/".join(str(word) for word in (seed, *words))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1)
