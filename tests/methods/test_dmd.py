"""DMD: the gradient's direction and size, who learns from which term, and backward simulation."""

import copy
import importlib

import pytest
import torch
import torch.nn.functional as F
from shrunken import lively, network, pictures, training_run
from torch import nn

from fewstep.base.folders import METHODS
from fewstep.contract.method import ImageShape
from fewstep.contract.models import load_method
from fewstep.diffusion.preconditioning import SIGMA_MAX, Denoiser
from fewstep.plan.cards import discover

dmd = load_method("dmd")
critic, distillation, losses, pairs = (
    importlib.import_module(f"{dmd.__name__}.{name}") for name in ("critic", "distillation", "losses", "pairs")
)


def gaussian_denoiser(x, sigma, mean, spread):
    """The true denoiser of N(mean, spread^2)."""
    level = sigma.reshape(-1, 1, 1, 1)
    return (spread**2 * x + level**2 * mean) / (spread**2 + level**2)


@pytest.fixture
def setting(tmp_path):
    """A function of (recipe, changes) that gives a distillation of the shrunken network, with a lively teacher."""

    def make(recipe, **changes):
        run = training_run(network(METHODS, "dmd", recipe), tmp_path, **changes)
        generator = dmd.build(run.recipe, run.shape)
        generator.load_state_dict(run.teacher.state_dict())
        head = dmd.head_for(generator, run) if "adversary" in run.settings else None
        judge = critic.Critic(copy.deepcopy(generator), head)
        return distillation.Distillation(run, generator, judge, dmd.pairs_of(run) if "pairs" in run.settings else None)

    return make


# The distribution-matching gradient


@pytest.mark.parametrize("recipe", ["default", "dmd2", "dmd2_multistep"])
def test_where_the_critic_is_the_teacher_the_gradient_is_exactly_zero(setting, recipe):
    made = setting(recipe)
    assert made.step(made.run.batch(0), 0)["matching"] == 0
    assert made.step(made.run.batch(1), 1)["matching"] > 0


def test_it_points_from_the_fake_to_the_real_mean(make_batch):
    batch, spread = make_batch(200), 0.3
    fake_mean, real_mean = torch.tensor(0.5), torch.linspace(-1, 1, 16).reshape(4, 4)
    images = fake_mean + spread * batch.normal()
    noisy, sigma = distillation.noised(images, batch, distillation.COMPARED)
    real, fake = (gaussian_denoiser(noisy, sigma, mean, spread) for mean in (real_mean, fake_mean))
    downhill = -losses.matching_gradient(images, real, fake).flatten(1)
    assert (F.cosine_similarity(downhill, (real_mean - fake_mean).flatten()[None]) > 0.999).all()


def test_scaling_image_and_estimates_leaves_it_unchanged(make_batch):
    batch = make_batch(50)
    images, real, fake = batch.normal(), batch.normal(), batch.normal()
    gradient = losses.matching_gradient(images, real, fake)
    assert torch.allclose(losses.matching_gradient(7 * images, 7 * real, 7 * fake), gradient, rtol=1e-5)
    # Each image is scaled by itself, by a mean over its own pixels.
    scales = torch.linspace(0.1, 10, 50).reshape(-1, 1, 1, 1)
    assert torch.allclose(losses.matching_gradient(scales * images, scales * real, scales * fake), gradient, rtol=1e-5)
    wide = [torch.cat([x, x], dim=3) for x in (images, real, fake)]
    assert torch.allclose(losses.matching_gradient(*wide)[..., :4], gradient, rtol=1e-5)


def test_an_image_that_the_teacher_leaves_as_it_is_gets_no_gradient_and_spoils_no_other(make_batch):
    batch = make_batch(4)
    images, real, fake = batch.normal(), batch.normal(), batch.normal()
    alone = losses.matching_gradient(images, real, fake)
    real[1:3], fake[1] = images[1:3], images[1]  # 0/0, and a number over 0
    got = losses.matching_gradient(images, real, fake)
    assert torch.equal(got[1:3], torch.zeros(2, *images.shape[1:]))
    assert torch.equal(got[[0, 3]], alone[[0, 3]])


def test_an_image_moves_by_the_gradient_over_the_number_of_all_elements(make_batch):
    batch = make_batch(6)
    images, gradient = batch.normal().requires_grad_(), batch.normal()
    losses.matching_loss(images, gradient).backward()
    assert torch.allclose(images.grad, gradient / images.numel(), rtol=1e-5)


# The critic


def test_an_error_of_c_out_costs_the_critic_one_at_every_level(make_batch):
    images, sigma = make_batch(5).images, torch.tensor([0.002, 0.1, 1.0, 10.0, 80.0])
    _, c_out = Denoiser(None).scalings(sigma)
    assert losses.denoising_loss(images + c_out.reshape(-1, 1, 1, 1), images, c_out).item() == pytest.approx(
        1, rel=0.01
    )
    weight = losses.denoising_loss(images + 1, images, c_out) - (1 / sigma**2 + 1 / 0.5**2).mean()
    assert abs(weight) < 1e-4 * (1 / sigma**2).mean()


def test_times_are_uniform_on_the_karras_grid_and_scores_are_compared_inside_a_window(make_batch):
    batch = make_batch(100_000, side=1)
    for first, last, lowest, highest in [(*distillation.COMPARED, 0.00323, 72.05), (*distillation.ALL, 0.002, 80.0)]:
        noisy, sigma = distillation.noised(batch.images, batch, (first, last))
        assert sigma.min().item() == pytest.approx(lowest, rel=1e-2)
        assert sigma.max().item() == pytest.approx(highest, rel=1e-3)
        times = torch.searchsorted(distillation.LEVELS, sigma)
        assert times.float().mean().item() == pytest.approx((first + last) / 2, rel=0.01)
        noise = (noisy - batch.images).flatten() / sigma
        assert noise.std().item() == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("labels", [None, torch.tensor([0, 1, 5])])
def test_features_are_those_inside_the_critics_own_pass(setting, labels):
    denoiser = lively(setting("dmd2").critic.denoiser)
    x, sigma, seen = torch.randn(3, 1, 8, 8), torch.tensor([0.01, 1.0, 80.0]), []
    denoiser.net.middle.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
    denoiser(x, sigma, labels)
    assert torch.allclose(critic.encode(denoiser, x, sigma, labels), seen[0], atol=1e-5)


@pytest.mark.parametrize("side", [1, 3, 4, 7, 8, 16, 32])
def test_the_head_gives_one_number_per_image_at_any_size(side):
    logits = critic.Head(8, side)(torch.randn(5, 8, side, side))
    assert logits.shape == (5,) and logits.std() > 0


def test_the_gan_is_the_non_saturating_one():
    logits = torch.linspace(-3, 3, 7).requires_grad_()
    losses.realness_loss(logits).backward()
    assert (logits.grad < 0).all() and logits.grad[0] < logits.grad[-1]  # strongest where the critic is sure
    real = F.binary_cross_entropy_with_logits(logits.detach(), torch.ones(7))
    fake = F.binary_cross_entropy_with_logits(logits.detach(), torch.zeros(7))
    assert losses.judgement_loss(logits, logits).item() == pytest.approx((real + fake).item())


# Who learns from what


def changed(module, before):
    return [name for name, weight in module.state_dict().items() if not torch.equal(weight, before[name])]


def test_the_generators_losses_train_the_generator_and_leave_the_critic(setting):
    made = setting("dmd2")
    batch, before = made.run.batch(0), copy.deepcopy(made.critic.state_dict())
    images = distillation.simulate(made.generator, made.chain, batch)
    noisy, sigma = distillation.noised(images.detach(), batch, distillation.COMPARED)
    made.update_generator(batch, images, noisy, sigma, made.run.teacher(noisy, sigma, batch.labels), 0)
    # The matching gradient is 0 here: what the generator has learnt came through the critic's features.
    assert any(p.grad.abs().max() > 0 for p in made.generator.parameters())
    assert all(p.grad is None and p.requires_grad for p in made.critic.parameters())
    assert not changed(made.critic, before)


def test_the_critics_losses_train_encoder_and_head_and_leave_the_generator(setting):
    made = setting("dmd2")
    batch, before = made.run.batch(0), copy.deepcopy(made.generator.state_dict())
    images = distillation.simulate(made.generator, made.chain, batch).detach()
    noisy, sigma = distillation.noised(images, batch, distillation.COMPARED)
    # An exact estimate costs nothing: the gradients are those of the GAN.
    made.update_critic(batch, images, sigma, images)
    net = made.critic.denoiser.net
    assert all(p.grad.abs().max() > 0 for part in (net.stem, net.down[0], made.critic.head) for p in part.parameters())
    assert all(p.grad is None for part in (net.middle, net.up, net.head) for p in part.parameters())
    assert not changed(made.generator, before)


def test_the_critic_makes_several_updates_for_each_of_the_generator(setting):
    made = setting("dmd2", critic_steps=3)
    made.step(made.run.batch(0), 0)
    for module, optimizer, count in [
        (made.generator, made.generator_optimizer, 1),
        (made.critic, made.critic_optimizer, 3),
    ]:
        assert {int(optimizer.state[p]["step"]) for p in module.parameters()} == {count}


def test_further_updates_see_other_real_images(setting):
    run = setting("dmd2", batch=12).run
    first = run.batch(0)
    second, third = distillation.another(run, first), distillation.another(run, first)
    images, labels = pictures(run.shape)
    for batch in (second, third):
        assert not torch.equal(batch.images, first.images)
        rows = [int((images == image).flatten(1).all(1).nonzero()) for image in batch.images]
        assert torch.equal(labels[rows], batch.labels)
    assert not torch.equal(second.images, third.images)


# Regression


def test_pairs_lie_on_the_teachers_ode_with_every_class_alike(gaussian):
    shape, spread = ImageShape(1, 4, 4, classes=5), 0.5
    made = pairs.teacher_pairs(gaussian(spread), shape, 300, 201, seed=3, device=torch.device("cpu"))
    exact = made["noise"] * SIGMA_MAX * spread / (spread**2 + SIGMA_MAX**2) ** 0.5
    assert torch.allclose(made["images"], exact, atol=0.01)
    assert made["labels"].bincount().tolist() == [60] * 5
    noise, images, labels = pairs.draw(made, 50, torch.Generator().manual_seed(0))
    rows = [int((made["noise"] == row).flatten(1).all(1).nonzero()) for row in noise]
    assert torch.equal(made["images"][rows], images) and torch.equal(made["labels"][rows], labels)
    assert len(set(rows)) > 30


def test_a_generator_that_solves_the_ode_costs_nothing(setting):
    made = setting("default")
    noise, images = made.pairs["noise"], made.pairs["images"]

    class Solver(nn.Module):
        def forward(self, x, sigma, labels):
            rows = [int((noise - row / SIGMA_MAX).abs().flatten(1).amax(1).argmin()) for row in x]
            assert (sigma == SIGMA_MAX).all() and torch.equal(made.pairs["labels"][rows], labels)
            return images[rows] + self.error

    made.generator = Solver()
    for made.generator.error in (0.0, 0.1):
        assert made.regression_loss(made.run.batch(0)).item() == pytest.approx(made.generator.error**2, abs=1e-6)


def test_the_weight_of_the_regression_goes_from_its_first_to_its_final_value(setting):
    made = setting("default", steps=8, pairs={"count": 20, "nfe": 3, "batch": 6, "weight": 4.0, "final_weight": 1.0})
    assert distillation.regression_weight(made.settings, 4) == 2.5
    for k, weight in [(0, 4.0), (8, 1.0)]:
        batch = made.run.batch(k)
        images = distillation.simulate(made.generator, made.chain, batch)
        noisy, sigma = distillation.noised(images.detach(), batch, distillation.COMPARED)
        draws, same = batch.generator.get_state(), made.run.teacher(noisy, sigma, batch.labels)
        distance = made.regression_loss(batch).item()
        batch.generator.set_state(draws)
        losses_ = made.update_generator(batch, images, noisy, sigma, same, k)
        assert losses_["regression"].item() == pytest.approx(weight * distance)
        assert losses_["loss"].item() == pytest.approx(weight * distance)  # the matching loss of the teacher's own is 0


# Backward simulation


def test_a_step_starts_from_the_generators_own_images(recorder, make_batch):
    generator, chain = recorder(lambda x, t: torch.full_like(x, 0.3)), [80.0, 17.5, 2.5]
    counts, noise, mixed = torch.zeros(3), [], 0
    for seed in range(60):
        generator.x, generator.t = [], []
        distillation.simulate(generator, chain, make_batch(4, seed=seed))
        *before, last = zip(generator.x, generator.t, strict=True)
        counts += torch.tensor([(last[1] == level).sum() for level in chain])
        mixed += len(last[1].unique()) > 1
        # Before its last step every image has taken all that come earlier in the chain.
        assert [t.unique().item() for _, t in before] == chain[: len(before)]
        assert [len(t) for _, t in before] == [(last[1] < level).sum() for level in chain[: len(before)]]
        for x, t in zip(generator.x, generator.t, strict=True):
            level = t.reshape(-1, 1, 1, 1)
            noise.append((x - torch.where(level == chain[0], 0.0, 0.3)) / level)
    assert counts.min() > 60  # of 240 images
    assert mixed > 50  # of 60 batches: every image has a number of its own
    noise = torch.cat(noise)
    assert noise.std().item() == pytest.approx(1, abs=0.05) and abs(noise.mean()) < 0.05


def test_the_gradient_is_of_the_last_step_alone(recorder, make_batch):
    generator = recorder(lambda x, t: torch.ones_like(x))
    for seed in range(10):
        generator.theta.grad, generator.t = None, []
        images = distillation.simulate(generator, [80.0, 17.5, 2.5], make_batch(4, seed=seed))
        images.mean().backward()
        assert generator.theta.grad.item() == 1  # of theta * 1 once, however long the chain was


def test_the_sampler_takes_the_steps_that_were_trained():
    card = discover()["dmd"]
    for variant in card["variants"].values():
        for section in card["datasets"].values():
            times = section["recipes"][variant["recipe"]]["training"].get("times", [])
            assert variant["sampling"]["times"] == {nfe: times[: nfe - 1] for nfe in variant["nfe"]}
            assert max(variant["nfe"]) == len(times) + 1
