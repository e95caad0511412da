"""IGN: each loss moves the application that the paper says, noise has the data's spectrum, and f is scored as a map."""

import importlib

import pytest
import torch
from torch import nn

from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method, parameters
from fewstep.plan.cards import discover
from fewstep.training.loop import optimise

ign = load_method("ign")
losses, network, sources = (importlib.import_module(f"{ign.__name__}.{x}") for x in ("losses", "network", "sources"))
DIGITS, MNIST, COLOUR = ImageShape(1, 8, 8, 10), ImageShape(1, 28, 28, 10), ImageShape(3, 32, 32, 10)
DATA, NOISE = 3.0, 2.0  # constant images and noise of the scalar cases


class Scaling(nn.Module):
    """f(x) = theta x."""

    def __init__(self, theta=0.7):
        super().__init__()
        self.theta = nn.Parameter(torch.tensor(theta))

    def forward(self, x, of_noise=False):
        return self.theta * x


class Told(nn.Module):
    """A linear f with weights of their own for each kind of input; data have mean 0 and generated images 90."""

    def __init__(self):
        super().__init__()
        self.theta = nn.ParameterDict({name: torch.tensor(1.1) for name in ("data", "noise", "generated")})

    def forward(self, x, of_noise=False):
        kind = "noise" if of_noise else "data" if x.mean() < 45 else "generated"
        return self.theta[kind] * x + (90 if kind == "noise" else 0.3)


def three_losses(model, clamp=None, distance="l2", count=4):
    images, z = torch.full((count, 1, 2, 2), DATA), torch.full((count, 1, 2, 2), NOISE)
    return losses.idempotence_losses(model, images, z, losses.DISTANCES[distance], clamp)


def slope(name, theta=0.7, **options):
    """d loss / d theta of f(x) = theta x."""
    model = Scaling(theta)
    three_losses(model, **options)[name].backward()
    return model.theta.grad.item()


@pytest.mark.parametrize(
    ("loss", "moved"), [("reconstruction", "data"), ("idempotence", "noise"), ("tightness", "generated")]
)
@pytest.mark.parametrize("clamp", [None, 1.5])
def test_each_loss_moves_one_application_of_f(loss, moved, clamp):
    model = Told()
    images, z = torch.randn(2, 4, 1, 2, 2)
    losses.idempotence_losses(model, images, z, losses.l2, clamp)[loss].backward()
    assert {name for name, theta in model.theta.items() if theta.grad} == {moved}


@pytest.mark.parametrize("theta", [0.7, 1.3, -0.5])
def test_gradients_are_those_of_the_scalar_case(theta):
    # With D(a, b) = (a - b)^2 and y = theta z: what is differentiated is theta of the data; theta inside, both in the
    # outer application's input and in the target; theta outside.
    assert slope("reconstruction", theta) == pytest.approx(2 * (theta - 1) * DATA**2, rel=1e-5)
    assert slope("idempotence", theta) == pytest.approx(2 * theta * (theta - 1) ** 2 * NOISE**2, rel=1e-5)
    assert slope("tightness", theta) == pytest.approx(-2 * (theta - 1) * (theta * NOISE) ** 2, rel=1e-5)


@pytest.mark.parametrize("distance", ["l1", "l2"])
def test_idempotence_and_tightness_differ_in_sign_alone_but_do_not_cancel(distance):
    values = three_losses(Scaling(), distance=distance)
    assert values["idempotence"].item() == pytest.approx(-values["tightness"].item()) != 0
    total = slope("idempotence", distance=distance) + slope("tightness", distance=distance)
    assert abs(total) > 0.1


def test_the_data_are_fixed_points_of_an_identity_and_cost_nothing():
    assert all(loss == 0 for loss in three_losses(Scaling(1.0)).values())


def test_the_frozen_copy_passes_gradients_to_its_input_alone():
    torch.manual_seed(0)
    model, copies = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh()), []
    for f in (model, losses.frozen(model)):
        x = torch.ones(1, 1, 4, 4, requires_grad=True)
        model.zero_grad()
        y = f(x)
        y.square().sum().backward()
        copies.append((y, x.grad, model[0].weight.grad))
    (y, gradient, weights), (fixed_y, fixed_gradient, fixed_weights) = copies
    assert torch.equal(y, fixed_y) and torch.equal(gradient, fixed_gradient)
    assert weights.any() and fixed_weights is None


def test_the_clamp_bounds_tightness_by_the_way_of_the_noise_and_spares_small_losses():
    theta, ratio = -4.0, 1.5
    bound = ratio * ((theta - 1) * NOISE) ** 2
    free, clamped = three_losses(Scaling(theta))["tightness"], three_losses(Scaling(theta), ratio)["tightness"]
    assert free < -bound and clamped.item() == pytest.approx(-bound, rel=1e-3)
    assert slope("tightness", theta, clamp=ratio) == pytest.approx(0, abs=1e-2 * abs(slope("tightness", theta)))
    small = torch.tensor([-0.01, -0.02])
    assert torch.allclose(losses.smooth_clamp(small, torch.tensor(1.0)), small, rtol=1e-3)


@pytest.mark.parametrize("distance", ["l1", "l2"])
def test_where_f_moves_no_noise_the_clamped_tightness_and_its_gradient_are_0(distance):
    tightness = three_losses(model := Scaling(1.0), 1.5, distance)["tightness"]
    tightness.backward()
    assert tightness.item() == 0 and model.theta.grad.item() == 0
    moving = torch.tensor([-0.3, -0.3], requires_grad=True)
    losses.smooth_clamp(moving, torch.tensor([0.0, 1.0])).sum().backward()
    assert moving.grad[0] == 0 and 0 < moving.grad[1] < 1


def test_the_clamp_is_taken_for_each_image():
    model, z = Scaling(-4.0), torch.tensor([0.1, 3.0]).reshape(2, 1, 1, 1)
    got = losses.idempotence_losses(model, z, z, losses.l2, 1.5)["tightness"]
    each = [losses.idempotence_losses(model, one[None], one[None], losses.l2, 1.5)["tightness"] for one in z]
    assert got.item() == pytest.approx(sum(each).item() / 2, rel=1e-5)


def test_tightness_grows_a_thousandfold_and_stays():
    settings = {"tightness": 0.1, "tightness_warmup": 0.25, "steps": 1000}
    weights = [losses.tightness_weight(settings, k) for k in range(1000)]
    assert weights[0] == pytest.approx(1e-4, rel=0.05) and weights[124] == pytest.approx(0.1 / 1000**0.5)
    assert weights == sorted(weights) and set(weights[249:]) == {0.1}


@pytest.mark.parametrize("shape", [MNIST, COLOUR])
def test_noise_that_matches_frequencies_has_the_mean_image_and_half_the_variance(shape):
    generator = torch.Generator().manual_seed(0)
    smooth = nn.functional.avg_pool2d(torch.randn(500, *shape.chw, generator=generator), 3, 1, 1)
    images = smooth + torch.linspace(-1, 1, shape.width)
    source = sources.FrequencyMatched(shape)
    source.measure(images)
    z = source(torch.randn(2000, 2, *shape.chw, generator=generator))
    assert (z.mean(dim=0) - images.mean(dim=0)).abs().mean() < 0.02
    assert z.var(dim=0).mean().item() == pytest.approx(images.var(dim=0).mean().item() / 2, rel=0.03)
    # Neighbours go together as in the data: the spectrum is the data's.
    near = [((x - x.mean(0))[..., 1:] * (x - x.mean(0))[..., :-1]).mean() / x.var(dim=0).mean() for x in (z, images)]
    assert near[0].item() == pytest.approx(near[1].item(), abs=0.05) and near[1] > 0.5


def test_noise_with_the_spectrum_of_one_image_is_that_image():
    image = torch.randn(1, 1, 8, 8)
    source = sources.FrequencyMatched(DIGITS)
    source.measure(image.expand(5, 1, 8, 8))
    assert torch.allclose(source(torch.randn(3, 2, 1, 8, 8)), image.expand(3, 1, 8, 8), atol=1e-4)


@pytest.mark.parametrize("source", sources.SOURCES.values())
def test_a_source_that_has_seen_no_data_is_white(source):
    source = source(DIGITS)
    z = source(torch.randn(5000, source.parts, 1, 8, 8))
    assert z.mean().abs() < 0.01 and z.std(dim=0).mean().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("shape", [DIGITS, MNIST, COLOUR, ImageShape(1, 7, 10)])
def test_f_keeps_the_shape_of_any_image_and_has_a_bottleneck_without_extent(shape):
    model = network.IdempotentNetwork(shape, [4, 8], latent=5, source="gaussian").eval()
    x = torch.randn(2, *shape.chw)
    assert model(x).shape == x.shape and model(x).abs().max() <= 1
    narrow = []
    model.layers.apply(lambda layer: layer.register_forward_hook(lambda layer, inputs, y: narrow.append(y.shape)))
    model(x)
    assert (2, 5, 1, 1) in narrow


@pytest.mark.parametrize("dataset", ["mnist", "digits"])
def test_the_weights_of_the_card_are_under_four_megabytes(dataset):
    for recipe in discover()["ign"]["datasets"][dataset]["recipes"].values():
        model = ign.build(recipe, {"mnist": MNIST, "digits": DIGITS}[dataset])
        stored = sum(tensor.numel() * tensor.element_size() for tensor in model.state_dict().values())
        assert parameters(model) < 1e6 and stored < 4e6 - 10_000


def batches(count=3, size=400):
    """Images and noise that differ in everything."""
    return [(0.3 * torch.randn(size, 1, 8, 8) - 0.5, torch.randn(size, 1, 8, 8)) for _ in range(count)]


@pytest.fixture
def tiny():
    """A function of a source that gives a random network with the statistics of its own images and noise."""

    def make(source="gaussian"):
        torch.manual_seed(0)
        model = network.IdempotentNetwork(DIGITS, [8, 16], latent=8, source=source)
        for parameter in model.parameters():
            parameter.data.add_(0.2 * torch.randn_like(parameter))
        network.recompute_statistics(model, batches())
        return model.eval().requires_grad_(False)

    return make


def test_recomputed_statistics_make_sampling_what_training_was(tiny):
    model, given = tiny(), batches()
    model.train()(100 * torch.randn(400, 1, 8, 8))  # statistics of something else, in both roles
    model(100 * torch.randn(400, 1, 8, 8), of_noise=True)
    network.recompute_statistics(model, given)
    z = given[0][1]
    sampled, trained = model(z, of_noise=True), model.train()(z, of_noise=True)
    assert (sampled - trained).abs().mean() < 0.05 * trained.std()


def test_noise_and_images_have_statistics_apart_and_weights_together():
    norm = network.RoleNorm(3).train()
    noise, images = 5 + 2 * torch.randn(500, 3, 4, 4), torch.randn(500, 3, 4, 4) - 1
    for _ in range(100):
        made = norm(noise, True), norm(images, False)
    assert all(y.mean().abs() < 1e-5 and abs(y.std() - 1) < 1e-3 for y in made)
    norm.eval()
    assert torch.allclose(norm(noise, True), made[0], atol=0.02)
    assert torch.allclose(norm(images, False), made[1], atol=0.02)
    assert norm(noise, False).mean() > 3 and len(list(norm.parameters())) == 2


def request(nfe=1, count=6, shape=DIGITS):
    return SampleRequest(shape, 0, range(count), nfe)


@pytest.mark.parametrize("source", ["gaussian", "frequency"])
def test_every_evaluation_is_one_more_application_of_f(source, tiny):
    model = tiny(source)
    once, twice, thrice = (ign.sample(model, request(nfe)) for nfe in (1, 2, 3))
    assert torch.equal(model(once), twice) and torch.equal(model(twice), thrice)
    assert torch.equal(model(ign.noise_of(model, request()), of_noise=True), once)


class Levels(nn.Module):
    """The projection onto constant images, idempotent exactly; `shift` moves it off."""

    def __init__(self, shift=0.0):
        super().__init__()
        self.shift, self.source = shift, sources.Gaussian(DIGITS)

    def forward(self, x, of_noise=False):
        return x.mean(dim=(1, 2, 3), keepdim=True).expand_as(x) + self.shift


def test_a_projection_has_no_drift_and_its_images_are_fixed_points():
    constant = torch.linspace(-0.9, 0.9, 6).reshape(6, 1, 1, 1).expand(6, 1, 8, 8)
    scores = ign.evaluate(Levels(), request(), constant)
    for name in ("drift", "relative_drift", "fixed_point_error", "projection_blurred_after"):
        assert torch.allclose(scores[name], torch.zeros(6), atol=1e-6), name
    noise = scores["projection_noisy_before"]
    assert noise.mean().item() == pytest.approx(0.15 * (2 / torch.pi) ** 0.5, rel=0.2)
    assert (scores["projection_noisy_after"] < 0.4 * noise).all()
    assert (scores["projection_noisy_drift_after"] < 1e-6).all() and (
        scores["projection_noisy_drift_before"] > 0.05
    ).all()


def test_a_map_that_moves_nothing_has_a_relative_drift_of_0():
    model = Scaling(1.0)
    model.source = sources.Gaussian(DIGITS)
    scores = ign.evaluate(model, request(), torch.zeros(6, 1, 8, 8))
    assert scores["relative_drift"].tolist() == [0.0] * 6


def test_drift_is_measured_on_what_f_makes_of_noise():
    scores = ign.evaluate(Levels(shift=0.25), request(), torch.zeros(6, 1, 8, 8))
    z = request().noise()
    assert torch.allclose(scores["drift"], torch.full((6,), 0.25), atol=1e-6)
    moved = (Levels(shift=0.25)(z) - z).abs().mean(dim=(1, 2, 3))
    assert torch.allclose(scores["relative_drift"], 0.25 / moved)
    assert torch.allclose(scores["fixed_point_error"], torch.full((6,), 0.25))


@pytest.mark.parametrize("shape", [DIGITS, COLOUR])
def test_scores_are_one_finite_number_or_image_per_image_whatever_its_batch(shape):
    torch.manual_seed(0)
    model = network.IdempotentNetwork(shape, [8, 16], latent=8, source="frequency").eval()
    images = torch.rand(6, *shape.chw) * 2 - 1
    whole = ign.evaluate(model, request(shape=shape), images)
    alone = ign.evaluate(model, SampleRequest(shape, 0, [4], 1), images[4:5])
    assert whole.keys() == alone.keys() and len(whole) >= 3 + 5 * 2
    for name, values in whole.items():
        assert values.shape == (images.shape if "images" in name else (6,)) and torch.isfinite(values).all(), name
        assert torch.allclose(values[4:5], alone[name], atol=1e-5), name


def test_noise_is_sent_onto_data_that_are_one_image():
    torch.manual_seed(0)
    target = torch.where(torch.rand(1, 1, 8, 8) > 0.5, 0.9, -0.9).expand(16, 1, 8, 8)
    model = network.IdempotentNetwork(DIGITS, [8, 16], latent=8, source="gaussian")
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, betas=(0.5, 0.999))
    for _ in range(150):
        got = losses.idempotence_losses(model, target, torch.randn(16, 1, 8, 8), losses.l2)
        optimise(got["reconstruction"] + got["idempotence"] + 0.1 * got["tightness"], optimizer)
    network.recompute_statistics(model, [(target, torch.randn(16, 1, 8, 8)) for _ in range(10)])
    assert (model(torch.randn(50, 1, 8, 8), of_noise=True) - target[0]).abs().mean() < 0.2
