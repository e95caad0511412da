"""Parts of the tables of a run, by what was done: samples, edits, scores of methods by themselves, classifiers."""

import pandas as pd

from fewstep.plan.cells import ENLARGE, EVALUATE, GENERATE, LABELLED

EDIT = "edit/"  # and the name of the editing task
FOOL_RATE = "fool_rate"  # of observers of all kinds: the names of their metrics begin so


def of_samples(table: pd.DataFrame) -> pd.DataFrame:
    """Rows of scores.csv or speed.csv of generated and enlarged images, without what observers say of them."""
    rows = table[table.task.isin([GENERATE, ENLARGE])]
    return rows[~rows.metric.str.startswith(FOOL_RATE)] if "metric" in rows else rows


def of_edit(table: pd.DataFrame, dataset: str, name: str) -> pd.DataFrame:
    """Rows of one editing task."""
    return table[(table.dataset == dataset) & (table.task == EDIT + name)]


def of_evaluation(scores: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Scores that methods give themselves on held-out images."""
    return scores[(scores.dataset == dataset) & (scores.task == EVALUATE)]


def of_classifiers(scores: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Scores by networks that were trained for them: accuracy and memorisation, fool rates."""
    is_one = (scores.task == LABELLED) | scores.metric.str.startswith(FOOL_RATE)
    return scores[(scores.dataset == dataset) & is_one]
