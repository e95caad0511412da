"""Samples of others in a profile: where they lie, what they are called, and what they are compared with."""

import copy

import pytest
from small_profile import refuses, section

from fewstep.base.errors import FewstepError
from fewstep.base.folders import ROOT
from fewstep.base.schema import checked
from fewstep.base.strict_yaml import read_yaml
from fewstep.plan.cells import IMPORTED, cells_of
from fewstep.plan.imports import seeds_of
from fewstep.plan.limits import check_known, check_sizes
from fewstep.plan.profile import load


@pytest.fixture
def importing(profile, tmp_path):
    """A profile that only imports samples."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b.npz").touch()
    section(profile).pop("compare")
    section(profile).update(
        imports={"mine": {"path": str(tmp_path / "a"), "nfe": 1}, "theirs": {"path": [str(tmp_path / "b.npz")]}},
        scores={"reference_split": "all"},
    )
    return profile


def test_a_data_set_may_have_nothing_but_samples_of_others(importing, cards, tmp_path):
    loaded = load(importing, cards)
    imports = section(loaded)["imports"]
    assert imports["mine"] == {"path": str(tmp_path / "a"), "nfe": 1, "trained_on": None}
    assert [seeds_of(each) for each in imports.values()] == [[str(tmp_path / "a")], [str(tmp_path / "b.npz")]]
    assert (
        section(loaded)["compare"] == {}
        and {c.variant for c in cells_of(loaded)} == {IMPORTED}
        and load(loaded, cards) == loaded
    )


def test_samples_of_others_stand_beside_methods(importing, cards):
    section(importing).update(compare={"teacher/heun": [5]}, scores={"reference_split": "train"})
    found = {(c.method, c.variant, c.nfe) for c in cells_of(load(importing, cards))}
    assert found == {("teacher", "heun", 5), ("mine", IMPORTED, 1), ("theirs", IMPORTED, 0)}
    section(importing)["scores"] = {"reference_split": "all"}
    sentence = (
        "with all, no image is left for methods to train on or to be held out; take train or test where methods are"
        " compared."
    )
    refuses(importing, cards, f"datasets.toys.scores.reference_split: {sentence}")


def test_nothing_to_score(importing, cards):
    section(importing)["imports"] = {}
    sentence = "there is nothing to compare; name methods here, or samples under imports."
    refuses(importing, cards, f"datasets.toys.compare: {sentence}")


def test_paths_of_every_seed_must_be_there_and_of_a_kind_that_is_read(importing, cards, tmp_path):
    mine = section(importing)["imports"]["mine"]
    mine["path"] = [str(tmp_path / "a"), "/nowhere/x"]
    refuses(importing, cards, "datasets.toys.imports.mine.path: /nowhere/x does not exist.")
    (tmp_path / "a.tar").touch()
    mine["path"] = str(tmp_path / "a.tar")
    end = "is neither a folder nor a .zip or .npz file."
    refuses(importing, cards, f"datasets.toys.imports.mine.path: {tmp_path}/a.tar {end}")


@pytest.mark.parametrize("label", ["teacher", "data"])
def test_labels_that_mean_something_else(importing, cards, label):
    section(importing)["imports"][label] = section(importing)["imports"].pop("mine")
    sentence = "this is the name of a method, or taken; choose another label."
    refuses(importing, cards, f"datasets.toys.imports.{label}: {sentence}")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"nfe": 0}, ".nfe: this must be at least 1, not 0."),
        ({"nfe": 1.5}, ".nfe: this must be a whole number or null, not 1.5."),
        ({"path": []}, ".path: this must not be empty."),
        ({"path": 5}, ".path: this must be text or a list, not 5."),
        ({"path": ["x", "x"]}, ".path: x is listed twice."),
        ({"label": "x"}, ".label: there is no such key."),
    ],
)
def test_values_that_mean_nothing(importing, cards, change, sentence):
    section(importing)["imports"]["mine"].update(change)
    refuses(importing, cards, f"datasets.toys.imports.mine{sentence}")


def test_samples_of_others_enlarge_nothing(importing, cards):
    section(importing)["low_resolution"] = 4
    sentence = "samples of others start from no image; low_resolution must be null."
    refuses(importing, cards, f"datasets.toys.imports: {sentence}")


def test_rotnet_takes_no_weights(importing, cards, tmp_path):
    section(importing)["scores"] |= {"extractor": "rotnet", "extractor_weights": str(tmp_path / "b.npz")}
    sentence = "rotnet is trained on the real images of each run."
    refuses(importing, cards, f"datasets.toys.scores.extractor_weights: {sentence}")


@pytest.mark.parametrize("value", [None, [], {}, "x", 0, -1, 1.5, True, {"x": {}}, {"x": None}, [{}], "a\0b"])
def test_any_value_is_loaded_or_refused_by_one_sentence(importing, cards, value):
    for key in ((), ("mine",), ("mine", "path"), ("mine", "nfe"), ("mine", "trained_on")):
        changed = copy.deepcopy(importing)
        parent, last = section(changed), "imports"
        for step in key:
            parent, last = parent[last], step
        parent[last] = value
        try:
            load(changed, cards)
        except FewstepError as error:
            assert str(error).endswith((".", "?"))


def test_all_real_images_are_counted_together(importing, cards):
    loaded = section(load(importing, cards))
    check_known({"datasets": {"toys": loaded}})
    check_sizes("toys", loaded, {"counts": {"all": 6}, "channels": 1})
    with pytest.raises(FewstepError, match="needs 6 real images or more; there are 5.$"):
        check_sizes("toys", loaded, {"counts": {"all": 5}, "channels": 1})


def test_the_example_fits_the_schema_and_every_key_of_it_is_commented():
    file = ROOT / "config" / "mysamples.yaml"
    assert checked(read_yaml(file), "config")["datasets"]["real"]["imports"]["mine"]["nfe"] == 1
    seen = set()
    for line in file.read_text(encoding="utf-8").splitlines():
        key, _, value = line.strip().partition(":")
        assert "#" in line or not value.strip() or key in seen, line
        seen.add(key)
