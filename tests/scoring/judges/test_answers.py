"""What classifiers and observers answered comes back by setting, from several files together."""

import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import GENERATE, Cell
from fewstep.scoring.judges.stored_answers import HELD_OUT, Setting, read_answers, stacked, write_answers

SETTING = Setting("gan", "r3gan_truncated", 1)


def test_answers_of_one_setting_come_together_from_several_files(tmp_path):
    own, others = tmp_path / "gan.npz", tmp_path / "all.npz"
    write_answers(own, {SETTING: {"real": np.arange(3), "fake": np.ones((2, 2))}})
    write_answers(others, {SETTING: {"generalist_fake": np.zeros(4)}, HELD_OUT: {"real": np.zeros(1)}})
    found = read_answers(own, others)
    assert set(found) == {SETTING, HELD_OUT} and set(found[SETTING]) == {"real", "fake", "generalist_fake"}
    assert np.array_equal(found[SETTING]["real"], np.arange(3))


def test_trainings_and_nfe_are_kept_apart_and_keep_their_order(tmp_path):
    settings = [SETTING._replace(training_seed=12), SETTING, SETTING._replace(nfe=10)]
    write_answers(tmp_path / "gan.npz", {setting: {"real": np.full(2, i)} for i, setting in enumerate(settings)})
    found = read_answers(tmp_path / "gan.npz")
    assert list(found) == settings and [named["real"][0] for named in found.values()] == [0, 1, 2]


def test_a_setting_is_a_cell_with_any_seed_of_sampling():
    cell = Cell("toys", GENERATE, "gan", "r3gan_truncated", 1, 0, 3)
    assert Setting.of(cell) == Setting.of(cell._replace(seed=4)) == SETTING
    assert Setting.of(cell._replace(training_seed=1)) != SETTING


def test_scores_of_observers_are_stacked_by_name():
    found = stacked([{"real": np.arange(3), "fake": np.zeros(2)}, {"real": np.arange(3) + 1, "fake": np.ones(2)}])
    assert found["real"].tolist() == [[0, 1, 2], [1, 2, 3]] and found["fake"].tolist() == [[0, 0], [1, 1]]


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "gan.npz"
    with pytest.raises(FewstepError, match="gan.npz: these answers cannot be read"):
        read_answers(path)
    write_answers(path, {SETTING: {"real": np.arange(300)}})
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FewstepError, match="gan.npz: these answers cannot be read"):
        read_answers(path)
