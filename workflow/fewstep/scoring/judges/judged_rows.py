"""From the answers of classifiers and observers to rows of scores.csv."""

from collections.abc import Iterator, Mapping

import numpy as np

from fewstep.scoring.judges.stored_answers import DATA, REAL, Setting
from fewstep.scoring.metrics import accuracy_score
from fewstep.scoring.metrics.forced_choice import paired, unpaired
from fewstep.scoring.protocols import ACCURACY, FOOL_RATE
from fewstep.scoring.rows import Row, row

Judgements = Mapping[Setting, Mapping[str, np.ndarray]]

# By metric: what stands before `real` and `fake` in the names of its scores, and how pairs are made of them.
FOOL_RATES = {
    "fool_rate": ("", unpaired),
    "fool_rate_generalist": ("generalist_", unpaired),
    "fool_rate_paired": ("paired_", paired),
    "fool_rate_input_shown": ("input_shown_", paired),
}


def accuracy_rows(judgements: Judgements, labels: np.ndarray) -> Iterator[Row]:
    """Rows of `cas`, `cas_ratio`, `cas_class_<k>` and `cas_gap_<k>`.

    Args:
        judgements: by cell, `predictions` int [k, m] about the test images, those of the real training set among them.
        labels: of the test images [m].
    """
    correct = {cell: answers["predictions"] == labels for cell, answers in judgements.items()}
    real = accuracy_score.accuracy(correct[REAL])
    real_classes = accuracy_score.by_class(correct[REAL], labels)
    for cell, right in correct.items():
        score, classes = accuracy_score.accuracy(right), accuracy_score.by_class(right, labels)
        counts = {"n_samples": len(labels), "fits": len(right), "protocol": ACCURACY}
        yield cell._asdict() | row("cas", score, **counts)
        if cell.method != DATA:
            ratio = accuracy_score.ratio(score, real)
            reason = None if ratio else "classifiers of real images are never right"
            yield cell._asdict() | row("cas_ratio", ratio, **counts, reason=reason)
        for k, here in classes.items():
            counts["n_samples"] = int((labels == k).sum())
            yield cell._asdict() | row(f"cas_class_{k}", here, **counts)
            if cell.method != DATA:
                yield cell._asdict() | row(f"cas_gap_{k}", accuracy_score.gap(here, real_classes[k]), **counts)


def fool_rows(judgements: Judgements) -> Iterator[Row]:
    """Rows of those of FOOL_RATES that observers gave scores for.

    Args:
        judgements: by cell, scores [k, M] of real and [k, N] of generated images: `real` and `fake` by observers of
            this cell alone, `generalist_real` and `generalist_fake` by observers of all cells; of enlarged images
            also item by item (`paired_`), and by observers who saw the input beside them (`input_shown_`).
    """
    for cell, answers in judgements.items():
        for metric, (prefix, rate) in FOOL_RATES.items():
            if f"{prefix}fake" in answers:
                real, fake = answers[f"{prefix}real"], answers[f"{prefix}fake"]
                counts = {"n_samples": fake.shape[1], "fits": len(fake), "protocol": FOOL_RATE}
                yield cell._asdict() | row(metric, rate(real, fake), **counts)
