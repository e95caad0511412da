"""What cards say of files and of the networks that others are built on."""

import shutil

import pytest

from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.plan.cards import discover, files_of


def test_a_method_without_python_beside_its_card_is_refused(tmp_path):
    shutil.copytree(METHODS / "_template", tmp_path / "made_up")
    assert list(discover(tmp_path)) == ["made_up"]
    other = tmp_path / "other"
    other.mkdir()
    shutil.copy(METHODS / "_template" / "method.yaml", other)
    with pytest.raises(FewstepError, match=r"other/method.py: there is no such file\.$"):
        discover(tmp_path)
    (other / "method.py").write_text("def build(:\n", encoding="utf-8")
    with pytest.raises(FewstepError, match=r"other/method.py, line 1: this is not Python \(.*\)\.$"):
        discover(tmp_path)


def test_files_that_a_card_names_are_found_wherever_they_stand_in_it(tmp_path):
    folder, other = tmp_path / "method", tmp_path / "other.bin"
    (folder / "tables").mkdir(parents=True)
    for file in (folder / "tables" / "a.npz", folder / "b", folder / "unnamed", other):
        file.touch()
    card = {
        "title": "tables",  # a folder is no file
        "variants": {
            "v": {"sampling": {"levels": ["tables/a.npz", 3, None]}, "label": "no such file", "paper": "x" * 5000}
        },
        "datasets": {"d": {"recipes": {"r": {"network": {"start": "b", "pretrained": str(other)}}}}},
        "weights": [""],
    }
    assert files_of(card, folder) == sorted([folder / "tables" / "a.npz", folder / "b", other])
