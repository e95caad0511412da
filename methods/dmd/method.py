"""Distribution matching distillation: DMD (Yin et al., CVPR 2024) and DMD2 (Yin et al., NeurIPS 2024).

A generator that starts as its teacher is moved along the difference of two scores: the teacher's, of the data, and that
of a critic, which learns to denoise what the generator makes. A denoiser D gives the score (D(x; s) - x) / s^2.
"""

import copy

import torch

from fewstep.diffusion.consistency import sample_consistency
from fewstep.diffusion.preconditioning import Denoiser
from fewstep.nets.unet import unet_for

from .critic import Critic, Head, encode
from .distillation import Distillation
from .pairs import teacher_pairs

sample = sample_consistency


def build(recipe, shape):
    """The generator, a denoiser: G(z) = D(80 z; 80, labels), and D at the later `times` of a multistep recipe."""
    return Denoiser(unet_for(recipe["network"], shape))


def train(run):
    """Start generator and critic from the teacher and distil; returns the average of the generator's weights."""
    generator = build(run.recipe, run.shape).to(run.device)
    generator.load_state_dict(run.teacher.state_dict())
    critic = Critic(copy.deepcopy(generator), head_for(generator, run) if "adversary" in run.settings else None)
    distillation = Distillation(run, generator, critic, pairs_of(run) if "pairs" in run.settings else None)
    run.fit(distillation.step, distillation.state())
    return distillation.ema.model


def head_for(denoiser, run):
    """A new head for the features of the denoiser's encoder."""
    features = encode(denoiser, run.images[:1], torch.ones(1, device=run.device), None)
    return Head(features.shape[1], features.shape[2]).to(run.device)


def pairs_of(run):
    """The teacher's pairs, made once for the run."""
    count, nfe = run.settings["pairs"]["count"], run.settings["pairs"]["nfe"]
    return run.keep("pairs", lambda: teacher_pairs(run.teacher, run.shape, count, nfe, run.seed, run.device))
