"""Small studies from arrays, and raters who answer them without a browser."""

import copy
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from fewstep.data.split import Split
from fewstep.study.answers import Answers
from fewstep.study.blind import Blinded, blind
from fewstep.study.design import Arm, design

SETTINGS = {"items": 20, "trials": 10, "practice": 2, "catch": 8, "view_seconds": 0.1, "seed": 0}
SIDE, CLASSES = 8, 4


def pictures(count: int, seed: int, side: int = SIDE, channels: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, side, side, channels), dtype=np.uint8)


def real_images(count: int = 160, channels: int = 1) -> Split:
    return Split(pictures(count, seed=0, channels=channels), np.arange(count) % CLASSES)


def arms(real: Split, paired: bool = False) -> list[Arm]:
    """Two arms of 200 samples; where they are paired, sample i has the class of test image i."""
    labels = (np.arange(200) if paired else np.arange(200) // 3) % CLASSES
    channels = real.images.shape[-1]
    return [
        Arm("sharp_method", "many", 5, pictures(200, seed=1, channels=channels), labels),
        Arm("blurred_method", "one", 1, pictures(200, seed=2, channels=channels), labels),
    ]


def low_resolution(real: Split) -> np.ndarray:
    return real.images[:, ::4, ::4]


def make_study(low: bool, **settings: Any) -> Blinded:
    settings = {**SETTINGS, **settings}
    real = real_images()
    trials = design(real, arms(real, paired=low), settings, low_resolution(real) if low else None)
    return blind(trials, settings, "toys")


Policy = Callable[[Mapping[str, Any], str, np.random.Generator], str]


def respond(study: Blinded, seed: int, policy: Policy) -> Answers:
    """The answers of a rater who draws as the page does: couples of every group, turned as a whole, in random order.

    `policy` gets what the key says of a trial and the side of its real image, and gives the side that is chosen.
    """
    rng = np.random.default_rng(seed)
    answers = []
    for group in (group for task in study.page["tasks"] for group in task["groups"]):
        for couple in rng.permutation(len(group["couples"]))[: group["draw"]]:
            left = "ab"[rng.integers(2)]
            for shown in group["couples"][couple]:
                truth = study.key["trials"][shown["trial"]]
                side = "left" if truth["real"] == left else "right"
                choice = policy(truth, side, rng)
                times = {"view_ms": 100, "answer_ms": 700, "views": 1}
                answers.append({"trial": shown["trial"], "left": left, "choice": choice, **times})
    rng.shuffle(answers)
    return Answers(Path(f"rater-{seed}.json"), study.page["study"], f"{seed:032x}", answers)


def other(side: str) -> str:
    return {"left": "right", "right": "left"}[side]


def attentive(policy: Policy) -> Policy:
    """Catch trials right, whatever else the rater does."""
    return lambda truth, side, rng: side if truth["kind"] == "catch" else policy(truth, side, rng)


def coin(truth: Mapping[str, Any], side: str, rng: np.random.Generator) -> str:
    return ("left", "right")[rng.integers(2)]


def always_left(truth: Mapping[str, Any], side: str, rng: np.random.Generator) -> str:
    return "left"


def perfect(truth: Mapping[str, Any], side: str, rng: np.random.Generator) -> str:
    return side


def as_file(answers: Answers) -> dict[str, Any]:
    """What the page saves, as JSON."""
    return {"format": 1, "study": answers.study, "rater": answers.rater, "answers": copy.deepcopy(answers.answers)}
