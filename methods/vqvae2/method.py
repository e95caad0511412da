"""VQ-VAE-2 (Razavi et al. 2019): two levels of discrete codes, drawn by autoregressive priors and decoded at once."""

import torch

from fewstep.training.ema import EMA, decay_of
from fewstep.training.loop import minimise, optimise, set_learning_rate

from .networks import VQVAE2, code_nats


def build(recipe, shape):
    """The auto-encoder (recipe `codes`), or auto-encoder and priors (recipe `default`)."""
    return VQVAE2(recipe["network"], shape)


def train(run):
    """First the auto-encoder; then, in a run that starts from it, the priors over its codes."""
    model = build(run.recipe, run.shape).to(run.device)
    if run.start is None:
        return minimise(run, model, lambda model, batch, k: code_loss(model, batch.images, run.settings["commitment"]))
    model.load_state_dict(run.start.state_dict(), strict=False)
    return train_priors(run, model)


def code_loss(model, images, commitment):
    """|x - x'|^2 + commitment x |h - sg(e)|^2, means over all elements; the codebooks take their step."""
    reconstructed, outputs, codes = model.autoencode(images)
    loss = (reconstructed - images).square().mean()
    for level, codebook in model.codebooks.items():
        vectors = codebook.lookup(codes[level])
        loss = loss + commitment * (outputs[level] - vectors).square().mean()
        codebook.update(outputs[level].detach(), codes[level])
    return loss


def train_priors(run, model):
    """Maximum likelihood of the codes, top and bottom apart; returns the model with the averages of both."""
    settings, ema = run.settings, EMA(model)
    optimizers = {
        level: torch.optim.Adam(model.stages[level].parameters(), settings["learning_rate"], foreach=True)
        for level in ("top", "bottom")
    }

    def step(batch, k):
        top, bottom = model.encode(batch.images)
        losses = {
            "top": code_nats(model.stages["top"], top, batch.labels).mean(),
            "bottom": code_nats(model.stages["bottom"], bottom, batch.labels, top).mean(),
        }
        for level, optimizer in optimizers.items():
            set_learning_rate(optimizer, settings["learning_rate"], k, settings)
            optimise(losses[level], optimizer, clip=1.0)
        ema.update(model, decay_of(settings, k))
        return losses

    run.fit(step, {"model": model, "ema": ema, **optimizers})
    return ema.model


def sample(model, request):
    """Top codes, bottom codes given the top, and one evaluation of the decoder."""
    top = request.noise("top", model.top_side)
    bottom = request.noise("bottom", model.bottom_side)
    return model.decode(*model.draw(top, bottom, request.labels))


def evaluate(model, request, images):
    """Images decoded from their own codes, whose distance to the data is what the best of priors would leave.

    With the mean squared error of each, pixels in [-1, 1].
    """
    again = model.decode(*model.encode(images))
    return {"reconstruction_images": again, "reconstruction_mse": (again - images).square().flatten(1).mean(dim=1)}
