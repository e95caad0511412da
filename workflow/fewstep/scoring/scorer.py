"""The scores of one cell of any task that makes images."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fewstep.data import Split, dealt
from fewstep.plan.cells import EDIT, ENLARGE
from fewstep.plan.edit_names import TASKS
from fewstep.sampling.shards import Shards
from fewstep.scoring import edits
from fewstep.scoring.features import Features
from fewstep.scoring.pairs import Truth, score_pairs, score_seeds
from fewstep.scoring.references import Reference
from fewstep.scoring.rows import UNUSED, Row
from fewstep.scoring.sets import score_set


@dataclass(frozen=True)
class Scorer:
    """How the cells of one kind of task are scored.

    Attributes:
        kind: of the task.
        truth: the real images that the made ones belong to, None where they belong to none.
    """

    kind: str
    truth: Truth | None

    @classmethod
    def of(
        cls, kind: str, images: Split | None, side: int | None, lpips: Mapping[str, str] | None, device: str
    ) -> "Scorer":
        """
        Args:
            images: held-out images, of enlarged and of edited images.
            side: of the small images that enlarged ones start from.
            lpips: files of its weights, where enlarged images have that score.
        """
        if kind == ENLARGE:
            return cls(kind, Truth.of(images, side, lpips, device))
        return cls(kind, Truth.of(dealt(images)) if kind == EDIT else None)

    def rows(
        self,
        shards: Shards,
        features: Features,
        reference: Reference,
        extractor: Mapping[str, str],
        cells: Sequence[Shards],
    ) -> list[Row]:
        """One row per metric.

        Args:
            shards: the images of the cell; features: theirs.
            extractor: identity of what made the features.
            cells: all cells; rows of what several seeds gave go with the first of them.

        Raises:
            FewstepError: the images belong to other real ones than those at hand.
        """
        shards.require_truth(self.truth and self.truth.key)
        if self.kind == EDIT:
            is_paired = TASKS[shards.cell.edit].truth
            rows = edits.score(features, reference, extractor, shards, self.truth if is_paired else None)
            return rows + edits.error_rows(shards.facts["constraint_error"], len(shards))
        rows = score_set(features, reference, extractor, shards.facts["labels"] or UNUSED)
        if self.kind != ENLARGE:
            return rows
        rows += score_pairs(shards, self.truth)
        same = [other for other in cells if other.cell._replace(seed=0) == shards.cell._replace(seed=0)]
        return rows + (score_seeds(same, self.truth) if same[0] is shards else [])
