"""Hot paths of sampling: the network step, the samplers around it, the noise, and the shards.

    pytest tests/benchmarks/test_bench_sampling.py --benchmark-enable

Compare the minimum, and on a quiet machine only. In the ordinary test run each body runs once, as a test.
"""

import numpy as np
import pytest
import torch

from fewstep.contract.method import ImageShape
from fewstep.diffusion.preconditioning import SIGMA_MAX, Denoiser, as_batch
from fewstep.diffusion.schedules import karras_grid
from fewstep.diffusion.solvers import euler, heun
from fewstep.images import noise
from fewstep.images.pixels import to_uint8
from fewstep.nets.unet import unet_for
from fewstep.sampling.shards import read_shard, write_shard

SHAPE = ImageShape(channels=1, height=28, width=28, classes=10)
NETWORK = {"channels": [32, 64], "blocks": 1, "attention": [1], "patch": 2}  # the size used on MNIST


@pytest.fixture(autouse=True)
def one_thread():
    """As in fewstep.speed: threads that wait for each other measure the other jobs of the machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return Denoiser(unet_for(NETWORK, SHAPE)).eval()


@pytest.fixture
def timed(benchmark):
    """Time a call; returns what it returned."""

    @torch.inference_mode()
    def run(function, *arguments):
        return benchmark.pedantic(function, arguments, rounds=20, warmup_rounds=3)

    return run


@pytest.mark.benchmark(group="network step")
@pytest.mark.parametrize("batch", [1, 16])
def test_network_step(timed, model, batch):
    images, sigma = torch.randn(batch, *SHAPE.chw), torch.full((batch,), 2.0)
    labels = torch.arange(batch) % SHAPE.classes
    assert timed(model, images, sigma, labels).shape == images.shape


@pytest.mark.benchmark(group="sampler")
@pytest.mark.parametrize("solver", [euler, heun])
def test_sampler_alone(timed, solver):
    """What a sampler costs besides the network: the network is replaced by a product."""
    start = SIGMA_MAX * torch.randn(64, *SHAPE.chw, dtype=torch.float64)
    images = timed(solver, lambda x, sigma: x * 0.25 / (sigma**2 + 0.25), start, karras_grid(18))
    assert images.isfinite().all()


@pytest.mark.benchmark(group="sampler")
def test_sampler_with_network(timed, model):
    start = SIGMA_MAX * torch.randn(4, *SHAPE.chw, dtype=torch.float64)
    images = timed(heun, lambda x, sigma: model(x, as_batch(sigma, x), None), start, karras_grid(3))
    assert images.isfinite().all()


@pytest.mark.benchmark(group="noise")
def test_noise_of_a_batch(timed):
    assert timed(noise.normal, 0, range(64), "initial", SHAPE.chw).shape == (64, *SHAPE.chw)


@pytest.mark.benchmark(group="images")
def test_to_uint8(timed):
    assert timed(to_uint8, torch.randn(64, 3, 32, 32).clamp(-1, 1)).dtype == np.uint8


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (500, 28, 28, 1), dtype=np.uint8)


@pytest.mark.benchmark(group="shards")
def test_shard_write(timed, pixels, tmp_path):
    header = timed(write_shard, tmp_path / "000000.npz", pixels, np.arange(500) % 10, "key", 0, {"model": 1.0})
    assert header.count == 500


@pytest.mark.benchmark(group="shards")
def test_shard_read(timed, pixels, tmp_path):
    write_shard(tmp_path / "000000.npz", pixels, None, "key", 0, {"model": 1.0})
    images, _, _ = timed(read_shard, tmp_path / "000000.npz")
    assert np.array_equal(images, pixels)
