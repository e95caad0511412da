"""Random numbers that belong to an image, not to a batch.

Every number is drawn from a counter-based generator (Philox) keyed by (seed, stream) with the image's index as the
counter. The noise of image i is therefore the same in any batch, shard, process or order, and on any device, since it
is always drawn on the CPU. Streams ("initial", "step 3", "label") are independent: adding a sampler step does not shift
the labels.
"""

import hashlib
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


def labels(seed: int, indices: Iterable[int], classes: int) -> Tensor:
    """Labels drawn uniformly from 0..classes-1, int64 [B], one for each image index."""
    return torch.tensor([int(_generator(seed, i, "label").integers(classes)) for i in indices])


def torch_generator(seed: int, *words: object) -> torch.Generator:
    """A CPU generator keyed by (seed, words): training draws step k from its own, so a resumed run draws the same."""
    text = "/".join(str(word) for word in (seed, *words))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "little") >> 1)
