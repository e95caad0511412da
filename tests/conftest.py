"""Fixtures that more than one folder of tests needs."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from threadpoolctl import threadpool_limits
from tiny import TIMES, tiny_model

from fewstep.base.files import sha256_file
from fewstep.contract.conditions import DrawnLabels
from fewstep.contract.method import ImageShape
from fewstep.diffusion.consistency import sample_consistency
from fewstep.plan.cells import GENERATE, Cell
from fewstep.sampling.sampler import Sampler


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Tensors are small here: on busy cores two threads wait for each other for longer than one takes alone."""
    torch.set_num_threads(1)
    with threadpool_limits(1):
        yield


@pytest.fixture
def shape() -> ImageShape:
    """8 x 8 grey images of ten classes."""
    return ImageShape(channels=1, height=8, width=8, classes=10)


@pytest.fixture
def model():
    """A tiny consistency function with random weights."""
    return tiny_model()


@pytest.fixture
def sample():
    """The `sample` of a method."""
    return sample_consistency


@pytest.fixture
def make_sampler(sample, model, shape):
    """A function of (nfe=3, seed=0, and other fields of a Sampler) that gives the sampler of a cell."""

    def make(nfe: int = 3, seed: int = 0, **others) -> Sampler:
        cell = Cell("toys", GENERATE, "tiny", "multistep", nfe, 0, seed)
        even = DrawnLabels([1] * shape.classes)
        return replace(Sampler(cell, sample, model, shape, even, {"times": TIMES}), **others)

    return make


@pytest.fixture(scope="session")
def inception_weights(tmp_path_factory) -> tuple[Path, str]:
    """Weights of an untrained 2015 Inception network in torch-fidelity's format, and their sha256.

    He-initialised, with batch norms that keep activations of order 1. The real ones are a 96 MB download.
    """
    from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3

    class Untrained(FeatureExtractorInceptionV3):
        def load_state_dict(self, *_):
            """Keep the initial weights."""

    path = tmp_path_factory.mktemp("inception") / "weights.pth"
    torch.save({}, path)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(0)
        network = Untrained("untrained", ["2048"], feature_extractor_weights_path=str(path))
        for module in network.modules():
            if isinstance(module, torch.nn.Conv2d):
                torch.nn.init.kaiming_normal_(module.weight)
            if isinstance(module, torch.nn.BatchNorm2d):
                torch.nn.init.uniform_(module.weight, 0.8, 1.2)
                torch.nn.init.uniform_(module.bias, -0.1, 0.1)
                module.momentum = None  # its statistics become those of the next batch
                module.train()
        network(torch.from_numpy(_pictures(4, seed=1)).permute(0, 3, 1, 2))
    torch.save(network.state_dict(), path)
    return path, sha256_file(path)


@pytest.fixture(scope="session")
def pictures():
    """A function of (count, seed, side=32, channels=3): blobs with noise, uint8 [N, side, side, channels]."""
    return _pictures


def _pictures(count: int, seed: int, side: int = 32, channels: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (count, 4, 4, channels)).repeat(side // 4, 1).repeat(side // 4, 2)
    return np.clip(coarse + rng.normal(0, 20, (count, side, side, channels)), 0, 255).astype(np.uint8)


@pytest.fixture
def make_images():
    """uint8 images [count, size, size, channels] of independent pixels; equal arguments give equal images."""

    def make(count: int, size: int = 6, channels: int = 3, seed: int = 0) -> np.ndarray:
        return np.random.default_rng(seed).integers(0, 256, (count, size, size, channels), dtype=np.uint8)

    return make


@pytest.fixture
def encode():
    """Bytes of an image file from pixels [H, W, C]."""

    def encode(pixels: np.ndarray, file_format: str = "PNG", mode: str | None = None) -> bytes:
        image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        buffer = BytesIO()
        (image.convert(mode) if mode else image).save(buffer, file_format)
        return buffer.getvalue()

    return encode


@pytest.fixture
def write_folder(encode):
    """Write images as 000.png, 001.png, ... into a folder."""

    def write(folder: Path, images: np.ndarray) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for i, pixels in enumerate(images):
            (folder / f"{i:03d}.png").write_bytes(encode(pixels))

    return write
