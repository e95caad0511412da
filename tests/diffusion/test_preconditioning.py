"""Preconditioning: boundary conditions, unit variances, precision. Images are scalars drawn from N(0, sigma_data^2)."""

import pytest
import torch

from fewstep.diffusion.preconditioning import (
    SIGMA_MIN,
    ConsistencyFunction,
    Denoiser,
    NoisePredictor,
    add_noise,
    as_batch,
)

LEVELS = [0.002, 0.06, 0.5, 1.9, 80.0]


class Recorder(torch.nn.Module):
    """A network that answers with `output(x)` and keeps what it was given."""

    def __init__(self, output=torch.zeros_like):
        super().__init__()
        self.output = output

    def forward(self, x, noise, labels=None):
        self.x, self.noise, self.labels = x, noise, labels
        return self.output(x)


def pixels(count=1, dtype=torch.float64):
    return torch.randn(count, 1, 8, 8, generator=torch.Generator().manual_seed(0), dtype=dtype)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_consistency_function_is_the_identity_at_its_boundary_exactly(dtype):
    f = ConsistencyFunction(Recorder(lambda x: x.new_full(x.shape, 1e6)))
    x = 3 * pixels(dtype=dtype)
    assert torch.equal(f(x, torch.tensor([SIGMA_MIN], dtype=dtype)), x)
    assert not torch.allclose(f(x, torch.tensor([2 * SIGMA_MIN], dtype=dtype)), x)


@pytest.mark.parametrize(
    "model", [Denoiser(Recorder(torch.ones_like)), ConsistencyFunction(Recorder(torch.ones_like), boundary=0)]
)
def test_a_denoiser_tends_to_the_identity(model):
    x = pixels()
    for sigma in (1e-2, 1e-4, 1e-6):
        assert (model(x, as_batch(sigma, x)) - x).abs().max() < 2 * sigma


def test_without_boundary_the_consistency_scalings_are_those_of_the_denoiser():
    sigma = torch.tensor(LEVELS, dtype=torch.float64)
    ours = ConsistencyFunction(Recorder(), boundary=0).scalings(sigma)
    assert torch.allclose(torch.stack(ours), torch.stack(Denoiser(Recorder()).scalings(sigma)), rtol=1e-12)


@pytest.mark.parametrize("kind", [Denoiser, ConsistencyFunction])
@pytest.mark.parametrize("sigma", LEVELS)
def test_the_network_sees_unit_variance(kind, sigma):
    net = Recorder()
    x0, z = 0.5 * pixels(2000), torch.randn(2000, 1, 8, 8, dtype=torch.float64)
    kind(net)(x0 + sigma * z, as_batch(sigma, x0))
    assert net.x.std().item() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("sigma", LEVELS)
def test_the_networks_target_has_unit_variance_and_gives_back_the_image(sigma):
    x0, z = 0.5 * pixels(2000), torch.randn(2000, 1, 8, 8, dtype=torch.float64)
    x = x0 + sigma * z
    c_skip, c_out = Denoiser(Recorder()).scalings(torch.tensor(sigma, dtype=torch.float64))
    target = (x0 - c_skip * x) / c_out
    assert target.std().item() == pytest.approx(1, abs=0.01)
    denoised = Denoiser(Recorder(lambda _: target))(x, as_batch(sigma, x))
    assert torch.allclose(denoised, x0, atol=1e-9)


@pytest.mark.parametrize("sigma", LEVELS)
def test_the_skip_is_the_one_that_amplifies_errors_of_the_network_least(sigma):
    # EDM, appendix B.6: among all c_skip, the one for which the c_out of a unit-variance target is smallest.
    c_skip, c_out = Denoiser(Recorder()).scalings(torch.tensor(sigma, dtype=torch.float64))
    needed = lambda skip: ((1 - skip) ** 2 * 0.5**2 + skip**2 * sigma**2) ** 0.5  # noqa: E731
    assert needed(c_skip) == pytest.approx(c_out.item(), rel=1e-9)
    assert needed(c_skip) < min(needed(c_skip - 0.01), needed(c_skip + 0.01))


def test_the_network_is_told_a_quarter_of_the_logarithm_and_the_labels():
    net, labels = Recorder(), torch.tensor([3, 1])
    Denoiser(net)(pixels(2), torch.tensor([1.0, torch.e]), labels)
    assert torch.allclose(net.noise, torch.tensor([0.0, 0.25])) and net.labels is labels


def test_the_state_stays_in_float64_and_the_network_runs_in_float32():
    net, x = Recorder(), 1 + 1e-12 * pixels()
    denoised = Denoiser(net)(x, as_batch(1e-9, x))
    assert denoised.dtype == torch.float64 and net.x.dtype == torch.float32
    assert torch.equal(denoised, x) and not torch.equal(x.float().double(), x)


def test_each_image_is_noised_and_denoised_at_its_own_level():
    f = Denoiser(Recorder(torch.ones_like))
    x, sigma = pixels(3), torch.tensor([0.1, 1.0, 10.0], dtype=torch.float64)
    rows = torch.cat([f(x[i : i + 1], sigma[i : i + 1]) for i in range(3)])
    assert torch.allclose(f(x, sigma), rows)
    noise = pixels(3)
    assert torch.allclose((add_noise(x, noise, sigma) - x) / noise, sigma.reshape(-1, 1, 1, 1).expand_as(x))


def test_a_noise_predictor_tells_time_in_0_to_1_and_keeps_the_schedule_out_of_the_weights():
    net = Recorder()
    predictor = NoisePredictor(net, torch.linspace(1, 0, 1000))
    assert predictor(pixels(2), torch.tensor([0, 999])).dtype == torch.float64
    assert net.noise.tolist() == pytest.approx([0, 0.999]) and net.x.dtype == torch.float32
    assert not predictor.state_dict()
