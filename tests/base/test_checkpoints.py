"""Weights come back as they were written, and every file that is not those weights is one sentence."""

import pytest
import torch
from safetensors import safe_open

from fewstep.base.checkpoints import load_weights, save_weights
from fewstep.base.errors import FewstepError
from fewstep.base.files import sha256_file


def net(width=4, seed=0):
    torch.manual_seed(seed)
    return torch.nn.Sequential(torch.nn.Linear(3, width), torch.nn.BatchNorm1d(width))


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "net.safetensors"
    return path, save_weights(net(), path, {"paper": "x"})


def refused(path, module=None, sha256=None):
    with pytest.raises(FewstepError) as error:
        load_weights(module or net(), path, sha256)
    sentence = str(error.value)
    assert sentence.startswith(f"{path}: ") and sentence.endswith(".") and "\n" not in sentence
    return sentence


def test_weights_come_back_bit_for_bit_frozen_and_in_evaluation_mode(saved):
    path, sha256 = saved
    assert sha256 == sha256_file(path)
    loaded = load_weights(net(seed=1), path, sha256)
    for (name, ours), theirs in zip(loaded.state_dict().items(), net().state_dict().values(), strict=True):
        assert torch.equal(ours, theirs), name
    assert not loaded.training and not any(p.requires_grad for p in loaded.parameters())
    with safe_open(path, "pt") as file:
        assert file.metadata() == {"paper": "x"}


def test_equal_weights_give_equal_files(saved, tmp_path):
    assert save_weights(net(), tmp_path / "again.safetensors", {"paper": "x"}) == saved[1]
    assert save_weights(net(seed=1), tmp_path / "other.safetensors", {"paper": "x"}) != saved[1]


def test_missing_file(tmp_path):
    assert "no such weights" in refused(tmp_path / "none.safetensors")


def test_wrong_sha256(saved):
    path, sha256 = saved
    assert "sha256" in refused(path, sha256="0" * 64)


@pytest.mark.parametrize("keep", [0, 7, 200, -1])
def test_truncated_file(saved, keep):
    path, _ = saved
    path.write_bytes(path.read_bytes()[:keep])
    assert "not a whole safetensors file" in refused(path)


def test_a_pickle_is_never_run(tmp_path):
    path = tmp_path / "net.safetensors"
    torch.save(net().state_dict(), path)
    assert "not a whole safetensors file" in refused(path)


def test_other_shapes_and_other_names(saved):
    path, _ = saved
    assert "do not fit the network" in refused(path, net(width=5))
    assert "do not fit the network" in refused(path, torch.nn.Linear(3, 4))
