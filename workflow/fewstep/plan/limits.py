"""How many real images a profile needs: checked before a network is trained.

Sources that always have the same images are checked when the profile is read, others when the data are prepared.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.marks import no_effect_on_results
from fewstep.data.split import VALIDATION_STRIDE
from fewstep.plan import profile as config
from fewstep.plan.cards import discover
from fewstep.plan.shapes import COUNTS, KNOWN

SCORED = 10  # held-out images: of fewer no score says anything
EDIT_NEIGHBOURS = 5  # of the reference that edited images are compared with (fewstep.scoring.references.build)


@no_effect_on_results
def check_known(profile: Mapping[str, Any]) -> None:
    """Check the data sets of a loaded profile whose sources always have the same images; raises as `check_sizes`."""
    for dataset, section in profile["datasets"].items():
        if (source := section["source"]) in COUNTS:
            check_sizes(dataset, section, {"counts": COUNTS[source], "channels": KNOWN[source].channels})


@no_effect_on_results
def checked(raw: Mapping[str, Any], card: dict[str, Any]) -> dict[str, Any]:
    """The card of a prepared data set, which has what the profile (as it was written) asks; raises as `check_sizes`.

    Numbers that are only checked are no parameters of a rule: changing one must remake nothing.
    """
    check_sizes(card["name"], config.load(raw, discover())["datasets"][card["name"]], card)
    return card


@no_effect_on_results
def check_sizes(dataset: str, section: Mapping[str, Any], card: Mapping[str, Any]) -> None:
    """Refuse a data set that is too small, or too grey, for what its section of the profile asks.

    Args:
        dataset: its name.
        section: of a loaded profile (fewstep.plan.profile.load).
        card: of the prepared data set.

    Raises:
        FewstepError: names the key that asks for more, and what there is.
    """
    counts = card["counts"]
    for key, split, least, why in (*_scores(section), *_samples(section), *_edits(section), *_people(section)):
        count = counts[split] if split in counts else sum(counts.values())  # `all` of the sources in COUNTS
        if count < least:
            kind = "real" if split == "all" else split
            raise FewstepError(
                f"datasets.{dataset}.{key}: {why} needs {least} {kind} images or more; there are {count}."
            )
    colourised = any("colourisation" in tasks for tasks in section["edits"]["compare"].values())
    if colourised and card["channels"] == 1:
        raise FewstepError(f"datasets.{dataset}.edits.compare: the images are grey; there is no colour to give.")


Limit = tuple[str, str, int, str]  # key, split, least number of images, what needs them


def _scores(section: Mapping[str, Any]) -> Iterator[Limit]:
    reference = section["scores"]["reference_split"]
    compared = {reference} if reference == "all" else {reference, "test"}
    for name in ("precision_recall_k", "density_coverage_k"):
        neighbours = section["scores"][name]
        for split in sorted(compared):
            yield f"scores.{name}", split, neighbours + 1, f"a score by {neighbours} nearest neighbours"
    if reference == "train":
        yield "source", "test", SCORED, "scoring held-out images"


def _samples(section: Mapping[str, Any]) -> Iterator[Limit]:
    """Samples of a super-resolution data set belong to test images; a part of the training images is held out."""
    if section["low_resolution"] is not None:
        count = section["samples"]["count"]
        yield "samples.count", "test", count, f"{count} samples, each of which starts from an image of its own,"
        yield "low_resolution", "train", 2 * VALIDATION_STRIDE, "the search of settings on validation images"
    if "fool_rate" in section:
        learnt = section["fool_rate"]["train_count"]
        yield (
            "fool_rate.train_count",
            "test",
            learnt + 1,
            f"an observer that learns from {learnt}",
        )


def _edits(section: Mapping[str, Any]) -> Iterator[Limit]:
    if section["edits"]["compare"]:
        count = section["edits"]["count"]
        others = max((count + 1) // 2, EDIT_NEIGHBOURS + 1)
        yield "edits.count", "test", count + others, f"editing {count} images and comparing them with {others} others"


def _people(section: Mapping[str, Any]) -> Iterator[Limit]:
    """No test image comes twice in a study."""
    if "study" in section:
        study = section["study"]
        arms, tasks = sum(map(len, study["compare"].values())), 1 if section["low_resolution"] is None else 2
        least = tasks * (arms * study["items"] + study["catch"] + study["practice"])
        yield "study.items", "test", least, f"a study of {arms} samplers in which no image comes twice"
