"""Precision, recall, density and coverage of generated features, from one pass over the pairs.

Precision and recall: Kynkaanniemi et al. 2019 (arXiv:1904.06991), k = 3, a point on the sphere counts as inside (<=),
as in torch-fidelity and ADM. Density and coverage: Naeem et al. 2020 (arXiv:2002.09797), k = 5, same comparison.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.base.statistics import Interval, normal_interval, wilson_interval
from fewstep.scoring.metrics.sample_design import Design

_BLOCK = 2000


@dataclass(frozen=True)
class Proportion:
    """A value with its standard error and 95 % interval."""

    value: float
    standard_error: float
    interval: Interval


@dataclass(frozen=True)
class PrecisionRecall:
    """All in [0, 1] but density, which is about 1 for a perfect model and may exceed it."""

    precision: Proportion
    recall: Proportion
    density: Proportion
    coverage: Proportion


def squared_radii(features: Tensor, neighbours: tuple[int, ...], block: int = _BLOCK) -> list[Tensor]:
    """Squared distance from each of N points [N, d] to its k-th nearest other point, one float32 [N] per k.

    The nearest of all, at distance 0 up to round-off, is the point itself (or a duplicate: then the same).

    Raises:
        FewstepError: a k is not smaller than N.
    """
    most = max(neighbours)
    if most >= len(features):
        raise FewstepError(f"{most} neighbours need more than {most} samples, not {len(features)}.")
    nearest = [
        distances.topk(most + 1, largest=False).values for distances in squared_distances(features, features, block)
    ]
    nearest = torch.cat(nearest)
    return [nearest[:, k].clone() for k in neighbours]


def precision_recall(
    generated: Tensor,
    reference: Tensor,
    reference_radii: dict[int, Tensor],
    k: int = 3,
    density_k: int = 5,
    block: int = _BLOCK,
    design: Design | None = None,
) -> PrecisionRecall:
    """Compare generated features [N, d] with reference features [M, d] whose squared radii are given per k.

    Features should lie around 0: float32 distances lose digits of features that are far from it.

    The reference is fixed: every interval speaks of the generated sample. Precision and density are means over its
    points; recall and coverage count the reference points that some generated point reaches, and their error is the
    jackknife's over generated points (radii held fixed).

    Precision: share of generated points inside some reference point's k-ball. Recall: share of reference points inside
    some generated point's k-ball. Density: mean number of reference balls around a generated point, over density_k.
    Coverage: share of reference balls (density_k) that hold a generated point. Memory: block x M floats.

    Args:
        design: how the generated sample was drawn; independent labels unless given.
    """
    design = design or Design.independent(len(generated))
    (generated_radii,) = squared_radii(generated, (k,), block)
    real_radii, density_radii = reference_radii[k], reference_radii[density_k]
    inside, density = [], []
    recalled, covered = Reached(len(reference)), Reached(len(reference))
    start = 0
    for distances in squared_distances(generated, reference, block):
        radii = generated_radii[start : start + len(distances)]
        inside.append((distances <= real_radii).any(1))
        held = distances <= density_radii
        density.append(held.sum(1).double() / density_k)
        recalled.add(distances <= radii[:, None], start)
        covered.add(held, start)
        start += len(distances)
    return PrecisionRecall(
        precision=proportion(torch.cat(inside), design),
        recall=recalled.proportion(design),
        density=_mean(torch.cat(density), design),
        coverage=covered.proportion(design),
    )


class Reached:
    """Which of M reference points are reached by a generated point, and which of them by one alone."""

    def __init__(self, count: int) -> None:
        self.times = torch.zeros(count, dtype=torch.int64)
        self.owner = torch.zeros(count, dtype=torch.int64)

    def add(self, hits: Tensor, start: int) -> None:
        """Take in a block: hits [B, M] of generated points start..start+B-1."""
        # One product gives, for each reference point, how many reach it and the sum of their places in the block.
        places = torch.stack([torch.ones(len(hits)), torch.arange(len(hits), dtype=torch.float32)])
        times, place = (places @ hits.float()).to(torch.int64)
        self.times += times
        self.owner = torch.where(times == 1, place + start, self.owner)

    def proportion(self, design: Design) -> Proportion:
        """Share that is reached, with the jackknife's error: leaving out a point loses those that it alone reaches."""
        count, generated = len(self.times), len(design.stratum)
        share = float((self.times > 0).double().mean())
        lost = torch.bincount(self.owner[self.times == 1], minlength=generated).double() / count
        error = generated * math.sqrt(design.variance_of_mean(lost))
        # At 0 and at 1 nothing is lost by leaving out a point; Wilson's interval keeps its width there.
        wilson, normal = wilson_interval(round(share * count), count), normal_interval(share, error)
        interval = Interval(max(0.0, min(wilson.low, normal.low)), min(1.0, max(wilson.high, normal.high)))
        return Proportion(share, error, interval)


def squared_distances(rows: Tensor, columns: Tensor, block: int = _BLOCK) -> Iterator[Tensor]:
    """Yield squared Euclidean distances [<= block, M] of consecutive blocks of rows to all columns."""
    column_norms = columns.square().sum(1)
    for part in rows.split(block):
        products = torch.addmm(column_norms, part, columns.T, alpha=-2)
        yield products.add_(part.square().sum(1, keepdim=True)).clamp_min_(0)


def proportion(hits: Tensor, design: Design | None = None) -> Proportion:
    """The share of a boolean tensor [N] that is true, with Wilson's interval.

    In a stratified sample it is that of as many independent images as have the standard error.
    """
    design = design or Design.independent(len(hits))
    successes, count = int(hits.sum()), len(hits)
    share = successes / count
    independent = share * (1 - share) / count
    if not design.is_stratified:
        return Proportion(share, math.sqrt(independent), wilson_interval(successes, count))
    variance = design.variance_of_mean(hits)
    # One image of a stratum more and one less: a stratum that is all alike may yet hold others.
    smoothed = (design.counts * design.means(hits) + 1) / (design.counts + 2)
    least = float((design.counts * smoothed * (1 - smoothed)).sum()) / count**2
    worth = count * max(1.0, independent / max(variance, least))
    return Proportion(share, math.sqrt(variance), wilson_interval(share * worth, worth))


def _mean(values: Tensor, design: Design) -> Proportion:
    value, standard_error = float(values.mean()), math.sqrt(design.variance_of_mean(values))
    return Proportion(value, standard_error, normal_interval(value, standard_error))
