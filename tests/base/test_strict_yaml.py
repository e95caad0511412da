"""YAML that is read as less than was written, or as something else, is refused; anything else is as PyYAML has it."""

import re

import pytest
import yaml

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS, ROOT
from fewstep.base.schema import SCHEMAS
from fewstep.base.strict_yaml import read_yaml


@pytest.fixture
def read(tmp_path):
    """A function that gives what is read of a text."""

    def of(text):
        path = tmp_path / "x.yaml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_yaml(path)

    return of


@pytest.fixture
def refuses(read, tmp_path):
    """A function that wants a text refused by a sentence, less the file's name."""

    def sees(text, sentence):
        with pytest.raises(FewstepError, match=f"^{re.escape(f'{tmp_path}/x.yaml: {sentence}')}"):
            read(text)

    return sees


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("a: 1\na: 2", "a"),
        ("datasets:\n  digits:\n    samples: {count: 40}\n    samples: {seeds: [5]}", "datasets.digits.samples"),
        ("datasets: {digits: {compare: {edm/heun: [9], edm/heun: [17]}}}", "datasets.digits.compare.edm/heun"),
        ("a: 1\n'a': 1", "a"),
        ("list: [0, {b: 1, b: 1}]", "list.1.b"),
        ('{"a": {"b": 1,\t"b": 2}}', "b"),
        ("x: &x {a: 1}\ny: {<<: *x, <<: *x}", "y.<<"),
    ],
)
def test_a_key_that_stands_twice(refuses, text, key):
    refuses(text, f"{key}: this key stands twice.")


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("0100", "64"), ("00", "0"), ("0x10", "16"), ("0b11", "3"), ("1_000", "1000"), ("1:30", "90"), ("-01", "-1"),
        ("1:30.5", "90.5"), ("1_0.5", "10.5"), ("no", "false"), ("Yes", "true"), ("off", "false"), ("on", "true"),
        ("1e-4", "text"), ("1.5e3", "text"), ("08", "text"), ("0o17", "text"), ("3e8", "text"),
        ("2024-01-31", "a timestamp"),
    ],
)  # fmt: skip
def test_a_value_that_is_read_as_another_one(refuses, written, taken):
    refuses(f"a: {{b: {written}}}", f"a.b: {written} is read as {taken}; ")
    refuses(f"a: {{{written}: 1}}", f"a.{written}: {written} is read as {taken}; ")
    refuses(f"a: [1, {written}]", f"a.1: {written} is read as {taken}; ")


@pytest.mark.parametrize("value", [0, -7, 100, 2**70, 0.5, 1e-4, 1e20, True, False, None, "no", "0100", "a: b"])
def test_what_yaml_itself_would_write_is_read(read, value):
    assert read(yaml.safe_dump({"a": [value]})) == {"a": [value]}


@pytest.mark.parametrize(
    "text",
    [
        "a: +5",
        "a: 0",
        "a: .5",
        "a: 5.",
        "a: 1.0e+3",
        "a: .inf",
        "a: ~",
        "a:",
        "a: on time",
        "a: 3 or 4",
        "a: v1",
        "a: |\n 08",
    ],
)
def test_plain_numbers_and_text_are_as_pyyaml_has_them(read, text):
    assert read(text) == yaml.safe_load(text)


def test_an_anchor_gives_defaults_that_another_mapping_may_change(read):
    text = "base: &base {a: 1, b: 2}\nother: {<<: *base, a: 3}\nsame: *base"
    assert read(text) == {"base": {"a": 1, "b": 2}, "other": {"a": 3, "b": 2}, "same": {"a": 1, "b": 2}}


def test_many_aliases_of_aliases_are_looked_at_once(read):
    lines = ["a0: &a0 [x, x]", *(f"a{k}: &a{k} [*a{k - 1}, *a{k - 1}]" for k in range(1, 40))]
    assert len(read("\n".join(lines))) == 40


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: [1", "this is not valid YAML ("),
        ("a: 1\n--- \nb: 1", "this is not valid YAML ("),
        ("a: !!python/object/apply:os.system [x]", "a: python/object/apply:os.system is neither"),
        ("a: !!set {x}", "a: set is neither a mapping nor a list."),
        ("a: !!binary eA==", "a: eA== is read as a binary; put text in quotes."),
        ("? [a]\n: 1", "top level: a key must be text, not a mapping or a list."),
        ("a: &a [*a]", "a.0: this holds itself."),
        (f"a: {'1' * 5000}", "this is not valid YAML ("),
        (f"{'[' * 3000}{']' * 3000}", "this is nested too deeply."),
        (b"a: \xe9", "this is not UTF-8 (byte 3)."),
        (b"a: \x00", "this is not valid YAML ("),
    ],
)
def test_what_is_no_plain_yaml(refuses, text, sentence):
    refuses(text, sentence)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(FewstepError, match="nothing.yaml: there is no such file"):
        read_yaml(tmp_path / "nothing.yaml")
    with pytest.raises(FewstepError, match="this cannot be read"):
        read_yaml(tmp_path)


@pytest.mark.parametrize("folder", [ROOT / "config", SCHEMAS, METHODS], ids=lambda path: path.name)
def test_every_file_of_the_project_says_what_it_is_read_as(folder):
    files = list(folder.rglob("*.yaml"))
    assert files and all(read_yaml(path) == yaml.safe_load(path.read_text(encoding="utf-8")) for path in files)
