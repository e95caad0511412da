"""The samples that a study compares, from the shards on disk."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from fewstep.plan.cells import comparison
from fewstep.sampling.shards import read_manifests
from fewstep.study.design import Arm


def read_arms(
    manifests: Sequence[str | Path], compare: Mapping[str, Sequence[int]], seed: int, truth: str | None = None
) -> list[Arm]:
    """The cells of `compare` (NFE by <method>/<variant>), with the samples of one seed.

    Args:
        manifests: of the methods' samples.
        truth: digest of the test images that the samples must belong to, on a super-resolution data set.
    """
    cells = {}
    for shards in read_manifests(manifests):
        cell = shards.cell
        if cell.seed == seed:  # of several trainings the first
            cells.setdefault((cell.method, cell.variant, cell.nfe), shards)
    arms = []
    for name, nfes in compare.items():
        for nfe in nfes:
            method, variant = comparison(name)
            shards = cells[method, variant, nfe]
            shards.require_truth(truth)
            arms.append(Arm(method, variant, nfe, shards.first(len(shards)), shards.labels()))
    return arms
