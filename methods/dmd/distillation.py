"""One step of the training: the generator's update, then the critic's, as often as `critic_steps` says."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from fewstep.diffusion.preconditioning import SIGMA_MAX, add_noise, as_batch
from fewstep.diffusion.schedules import karras_grid
from fewstep.training.ema import EMA, decay_of
from fewstep.training.loop import Batch, TrainingRun, optimise, set_learning_rate

from .critic import Critic
from .losses import denoising_loss, judgement_loss, matching_gradient, matching_loss, realness_loss
from .pairs import draw

LEVELS = karras_grid(1000).flip(0).float()  # sigma at the papers' times 0..999
ALL = (0, 999)  # first and last time
COMPARED = (20, 980)  # the same of the window in which scores are compared

Losses = dict[str, Tensor]


class Distillation:
    """Generator and critic of a run with their optimisers and what else changes.

    Args:
        run: its `teacher` gives the real score; in its `settings` `pairs` makes DMD and `adversary` DMD2.
        generator: called as a denoiser at level 80, and at those of `times`.
        critic: with a head if there is a GAN.
        pairs: of `teacher_pairs`, if there is a regression loss.
    """

    def __init__(self, run: TrainingRun, generator: nn.Module, critic: Critic, pairs: dict[str, Tensor] | None = None):
        self.run, self.settings = run, run.settings
        self.generator, self.critic, self.pairs = generator, critic, pairs
        self.chain = [SIGMA_MAX, *run.settings.get("times", [])]
        self.ema = EMA(generator)
        self.generator_optimizer, self.critic_optimizer = (
            torch.optim.AdamW(part.parameters(), lr=run.settings["learning_rate"], weight_decay=0.01, foreach=True)
            for part in (generator, critic)
        )

    def state(self) -> dict[str, object]:
        """Everything that a checkpoint holds."""
        names = ("generator", "critic", "ema", "generator_optimizer", "critic_optimizer")
        return {name: getattr(self, name) for name in names}

    def step(self, batch: Batch, k: int) -> Losses:
        """Update the generator once and the critic `critic_steps` times, first of all on the generator's own images."""
        for optimizer in (self.generator_optimizer, self.critic_optimizer):
            set_learning_rate(optimizer, self.settings["learning_rate"], k, self.settings)
        losses: Losses = {}
        for turn in range(self.settings["critic_steps"]):
            batch = another(self.run, batch) if turn else batch
            with torch.set_grad_enabled(turn == 0):
                images = simulate(self.generator, self.chain, batch)
            noisy, sigma = noised(images.detach(), batch, COMPARED)
            # This pass of the critic is its own loss and, without gradient, the score of the generator's images.
            fake = self.critic(noisy, sigma, batch.labels)
            if turn == 0:
                losses |= self.update_generator(batch, images, noisy, sigma, fake.detach(), k)
            losses |= self.update_critic(batch, images.detach(), sigma, fake)
        self.ema.update(self.generator, decay_of(self.settings, k))
        return losses | {"brightness": images.mean()}  # swings where the critic is too slow (DMD2)

    def update_generator(
        self, batch: Batch, images: Tensor, noisy: Tensor, sigma: Tensor, fake: Tensor, k: int
    ) -> Losses:
        """L_DM, with lambda L_reg on the pairs or the GAN's loss against the critic; their sum is the first entry."""
        with torch.no_grad():
            real = self.run.teacher(noisy, sigma, batch.labels)
        losses = {"matching": matching_loss(images, matching_gradient(images.detach(), real, fake))}
        if self.pairs:
            losses["regression"] = regression_weight(self.settings, k) * self.regression_loss(batch)
        if self.critic.head:
            with self.critic.frozen():
                logits = self.critic.logits(*noised(images, batch, ALL), batch.labels)
            losses["realness"] = self.settings["adversary"]["generator_weight"] * realness_loss(logits)
        total = sum(losses.values())
        optimise(total, self.generator_optimizer, self.settings["clip"])
        return {"loss": total, **losses}

    def update_critic(self, batch: Batch, images: Tensor, sigma: Tensor, denoised: Tensor) -> Losses:
        """Denoising of the generator's images and, with a head, telling them from the batch's real ones."""
        losses = {"denoising": denoising_loss(denoised, images, self.critic.denoiser.scalings(sigma)[1])}
        if self.critic.head:
            real = self.critic.logits(*noised(batch.images, batch, ALL), batch.labels)
            fake = self.critic.logits(*noised(images, batch, ALL), batch.labels)
            losses["judgement"] = self.settings["adversary"]["critic_weight"] * judgement_loss(real, fake)
        optimise(sum(losses.values()), self.critic_optimizer, self.settings["clip"])
        return losses

    def regression_loss(self, batch: Batch) -> Tensor:
        """Squared distance of the generator's images to the teacher's from the same noise, mean over pixels."""
        noise, images, labels = draw(self.pairs, self.settings["pairs"]["batch"], batch.generator)
        return F.mse_loss(generate(self.generator, SIGMA_MAX * noise, SIGMA_MAX, labels), images)


def regression_weight(settings: Mapping[str, Any], k: int) -> float:
    """Weight of the regression at step k: linear from `weight` at the first step to `final_weight` at the last."""
    pairs, done = settings["pairs"], k / settings["steps"]
    return (1 - done) * pairs["weight"] + done * pairs["final_weight"]


def generate(generator: nn.Module, x: Tensor, level: float, labels: Tensor | None) -> Tensor:
    """The generator's images from its input x at noise level `level`."""
    return generator(x, as_batch(level, x).to(x.dtype), labels)


def simulate(generator: nn.Module, chain: Sequence[float], batch: Batch) -> Tensor:
    """Images after a random number of steps of the generator's own sampler; the gradient is of each one's last step.

    DMD2's backward simulation: the input of a step is made as in sampling, from noise by the current generator, and not
    from real images. Every image has a number of its own, so that generator and critic see all steps in each update.
    """
    last = batch.integers(len(chain))
    x = chain[0] * batch.normal()
    with torch.no_grad():
        for i in range(len(chain) - 1):
            going = last > i
            if not going.any():
                break
            labels = None if batch.labels is None else batch.labels[going]
            noise = batch.normal()[going]
            x[going] = generate(generator, x[going], chain[i], labels) + chain[i + 1] * noise
    return generator(x, torch.tensor(chain, device=x.device)[last], batch.labels)


def noised(images: Tensor, batch: Batch, times: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """Images with noise, and its level sigma [B], at times drawn uniformly from first to last."""
    first, last = times
    sigma = LEVELS.to(images.device)[first + batch.integers(last - first + 1)]
    return add_noise(images, batch.normal(), sigma), sigma


def another(run: TrainingRun, batch: Batch) -> Batch:
    """A new draw of real images and labels for the next update within a step, from the step's own generator."""
    rows = torch.randint(len(run.images), (len(batch.images),), generator=batch.generator).to(run.device)
    return Batch(run.images[rows], None if run.labels is None else run.labels[rows], batch.generator)
