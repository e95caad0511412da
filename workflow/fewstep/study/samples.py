"""The samples that a study compares, from the shards on disk."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fewstep.features import check_pairing, read_images
from fewstep.files import read_json
from fewstep.shards import read_shard
from fewstep.study.design import Arm


def read_arms(
    manifests: Sequence[str | Path], compare: Mapping[str, Sequence[int]], seed: int, truth: str | None = None
) -> list[Arm]:
    """The cells of `compare` (NFE by <method>/<variant>), with the samples of one seed.

    Args:
        manifests: <method>.json of the methods, with their shards in the folder of that name beside it.
        truth: digest of the test images that the samples must belong to, on a super-resolution data set.
    """
    by_method = {Path(path).stem: Path(path) for path in manifests}
    arms = []
    for comparison, nfes in compare.items():
        method, _, variant = comparison.partition("/")
        folder = by_method[method].with_suffix("")
        cells = {(cell["variant"], cell["nfe"], cell["seed"]): cell for cell in read_json(by_method[method])["cells"]}
        for nfe in nfes:
            cell = cells[variant, nfe, seed]
            check_pairing(cell, truth)
            labels = [read_shard(folder / shard["path"])[1] for shard in cell["shards"]]
            known = None if any(part is None for part in labels) else np.concatenate(labels)
            arms.append(Arm(method, variant, nfe, read_images(folder, cell), known))
    return arms
