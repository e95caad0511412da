import numpy as np
import pytest

from fewstep.base.errors import FewstepError
from fewstep.data import Split, prepare, read_card, read_split, split_fingerprint
from fewstep.data.split import dealt


@pytest.fixture
def spec(tmp_path, make_images):
    source = tmp_path / "source"
    source.mkdir()
    np.savez(source / "train.npz", images=make_images(7), labels=np.array([30, 50, 70, 30, 50, 70, 30]))
    np.savez(source / "test.npz", images=make_images(4, seed=1), labels=np.array([70, 30, 70, 50]))
    return {"source": "npz", "path": str(source)}


def test_what_is_prepared_is_what_is_read(tmp_path, spec, make_images):
    card = prepare(spec, tmp_path / "birds")
    train = read_split(tmp_path / "birds" / "train.npz")
    np.testing.assert_array_equal(train.images, make_images(7))
    np.testing.assert_array_equal(train.labels, [0, 1, 2, 0, 1, 2, 0])
    assert read_card(tmp_path / "birds" / "card.json") == card
    assert card == {
        "name": "birds",
        "source": "npz",
        "resolution": 6,
        "low_resolution": None,
        "channels": 3,
        "classes": 3,
        "class_names": ["30", "50", "70"],
        "class_counts": {"train": [3, 2, 2], "test": [1, 1, 2]},
        "counts": {"train": 7, "test": 4},
        "shared": 0,
        "fingerprint": {
            "train": split_fingerprint(Split(make_images(7), np.array([0, 1, 2, 0, 1, 2, 0]))),
            "test": split_fingerprint(Split(make_images(4, seed=1), np.array([2, 0, 2, 1]))),
        },
    }


def test_a_super_resolution_data_set_has_its_side_and_its_test_images_are_dealt_out(tmp_path, spec):
    plain, task = (prepare(spec | extra, tmp_path / "birds") for extra in ({}, {"low_resolution": 3}))
    assert task == plain | {"low_resolution": 3}
    test = read_split(tmp_path / "birds" / "test.npz")
    assert np.array_equal(dealt(test).images, test.images) and sorted(test.labels.tolist()) == [0, 1, 2, 2]
    with pytest.raises(
        FewstepError, match="^datasets.birds.low_resolution: 6 is not smaller than the images' 6 pixels.$"
    ):
        prepare(spec | {"low_resolution": 6}, tmp_path / "birds")


def test_preparing_twice_gives_the_same_bytes_and_leaves_nothing_else(tmp_path, spec):
    for name in ("a/d", "b/d"):
        prepare(spec, tmp_path / name)
    for name in ("train.npz", "test.npz", "card.json"):
        assert (tmp_path / "a/d" / name).read_bytes() == (tmp_path / "b/d" / name).read_bytes()
    assert sorted(path.name for path in (tmp_path / "a/d").iterdir()) == [
        "card.json",
        "test.npz",
        "train.npz",
    ]


def test_without_labels_there_are_no_classes(tmp_path, make_images):
    np.savez(tmp_path / "a.npz", images=make_images(100))
    card = prepare({"source": "npz", "path": str(tmp_path / "a.npz")}, tmp_path / "out")
    assert (card["classes"], card["class_names"], card["class_counts"]) == (None, None, None)
    assert read_split(tmp_path / "out" / "test.npz").labels is None


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FewstepError, match="train.npz: there is no such file.$"):
        read_split(tmp_path / "train.npz")
    with pytest.raises(FewstepError, match="card.json: there is no such file.$"):
        read_card(tmp_path / "card.json")
    (tmp_path / "card.json").write_text("{}")
    with pytest.raises(FewstepError, match="card.json: this is not the card of a prepared data set.$"):
        read_card(tmp_path / "card.json")
