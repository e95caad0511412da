"""What was judged comes back by cell, from several files together."""

import numpy as np
import pytest

from fewstep.classifiers.store import HELD_OUT, Judged, read_judgements, write_judgements
from fewstep.errors import FewstepError

CELL = Judged("gan", "r3gan_truncated", 1)


def test_judgements_of_one_cell_come_together_from_several_files(tmp_path):
    own, others = tmp_path / "gan.npz", tmp_path / "all.npz"
    write_judgements(own, {CELL: {"real": np.arange(3), "fake": np.ones((2, 2))}})
    write_judgements(others, {CELL: {"generalist_fake": np.zeros(4)}, HELD_OUT: {"real": np.zeros(1)}})
    found = read_judgements(own, others)
    assert set(found) == {CELL, HELD_OUT} and set(found[CELL]) == {"real", "fake", "generalist_fake"}
    assert np.array_equal(found[CELL]["real"], np.arange(3))


def test_a_damaged_file_is_named(tmp_path):
    path = tmp_path / "gan.npz"
    with pytest.raises(FewstepError, match="gan.npz: these judgements cannot be read"):
        read_judgements(path)
    write_judgements(path, {CELL: {"real": np.arange(300)}})
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(FewstepError, match="gan.npz: these judgements cannot be read"):
        read_judgements(path)
