import numpy as np
import pytest
import torch

from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_file
from fewstep.scoring import references
from fewstep.scoring.features import Features

EXTRACTOR = {"label": "lenet", "resize": "none", "weights_sha256": "a" * 64}


def features(seed: int = 0, dead: bool = False) -> torch.Tensor:
    values = torch.randn(200, 8, generator=torch.Generator().manual_seed(seed))
    if dead:
        values[:, 2] = 1
    return values


def real(values: torch.Tensor) -> Features:
    """Features with logits of three classes and pixel statistics."""
    return Features(values, values[:, :3], np.abs(np.asarray(values[:, :2])))


def build(**changes) -> references.Reference:
    arguments = {"real": real(features()), "fingerprint": "f" * 64, "extractor": EXTRACTOR} | changes
    return references.build(**arguments)


@pytest.mark.parametrize("dead", [False, True])
def test_what_is_read_is_what_was_written(tmp_path, dead):
    reference = build(real=real(features(dead=dead)))
    references.write(reference, tmp_path / "reference.npz")
    again = references.read(tmp_path / "reference.npz")
    assert again.identity == reference.identity and again.key == reference.key
    assert again.kernel == reference.kernel and again.neighbour == reference.neighbour
    assert torch.equal(again.classes, reference.classes) and again.classes.sum() == 200
    assert again.pixels == reference.pixels
    assert torch.equal(again.features, reference.features)
    assert torch.equal(again.gaussian.root, reference.gaussian.root)
    assert torch.equal(again.gaussian.moments.covariance, reference.gaussian.moments.covariance)
    assert again.gaussian.moments.count == 200
    assert all(torch.equal(again.radii[k], reference.radii[k]) for k in (3, 5))


def test_equal_content_gives_an_equal_file(tmp_path):
    for name in ("a", "b"):
        references.write(build(), tmp_path / name)
    assert sha256_file(tmp_path / "a") == sha256_file(tmp_path / "b")


@pytest.mark.parametrize(
    "change",
    [
        {"fingerprint": "0" * 64},
        {"extractor": EXTRACTOR | {"resize": "clean-bicubic"}},
        {"extractor": EXTRACTOR | {"weights_sha256": "b" * 64}},
        {"precision_recall_k": 4},
        {"density_coverage_k": 6},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_key_follows_the_content(change):
    assert build(**change).key != build().key


def test_one_k_for_both_pairs_of_metrics(tmp_path):
    references.write(build(precision_recall_k=5), tmp_path / "reference.npz")
    assert list(references.read(tmp_path / "reference.npz").radii) == [5]


@pytest.mark.parametrize("field", ["label", "resize", "weights_sha256"])
def test_features_of_another_extractor_are_not_comparable(field):
    with pytest.raises(FewstepError, match=f"made with {field}"):
        build().require(EXTRACTOR | {field: "other"})
    build().require(EXTRACTOR)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FewstepError, match=r"reference\.npz: there is no such reference"):
        references.read(tmp_path / "reference.npz")


@pytest.mark.parametrize("keep", [0, 100, -100])
def test_half_a_file_is_named(tmp_path, keep):
    path = tmp_path / "reference.npz"
    references.write(build(), path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(FewstepError, match=r"reference\.npz: this is not a whole reference"):
        references.read(path)


def test_changed_numbers_are_found(tmp_path):
    path = tmp_path / "reference.npz"
    references.write(build(), path)
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["root"] = arrays["root"] * 1.001
    np.savez(path, **arrays)
    with pytest.raises(FewstepError, match=r"reference\.npz: root in this reference"):
        references.read(path)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_features_that_are_not_finite_are_refused(bad):
    values = features()
    values[7, 3] = bad
    with pytest.raises(FewstepError, match="sample 7 are not finite"):
        build(real=real(values))
