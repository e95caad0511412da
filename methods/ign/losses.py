"""The three losses of IGN and which weights each may move (Shocher et al. 2023, equations 5 to 8)."""

import torch
from torch.func import functional_call


def l1(a, b):
    """Mean absolute difference per image [B]."""
    return (a - b).abs().flatten(1).mean(dim=1)


def l2(a, b):
    """Mean squared difference per image [B]."""
    return (a - b).pow(2).flatten(1).mean(dim=1)


DISTANCES = {"l1": l1, "l2": l2}


def idempotence_losses(model, images, z, distance, clamp=None):
    """Reconstruction, idempotence and tightness of f = `model`, each the mean over the batch.

    Args:
        images, z: data and source noise [B, C, H, W].
        distance: D(a, b) per image [B].
        clamp: ratio a of the smooth clamp of tightness, or None.

    Gradients: reconstruction moves f on the data. Idempotence moves the inner f alone: the outer application is a
    copy whose weights are fixed, but which lets the gradient pass to its input. Tightness moves the outer f alone: its
    input is fixed. The values of the last two differ in sign only; their gradients do not cancel.
    """
    generated = model(z, of_noise=True)
    fixed = generated.detach()
    tightness = -distance(model(fixed), fixed)
    if clamp is not None:
        tightness = smooth_clamp(tightness, clamp * distance(fixed, z))
    return {
        "reconstruction": distance(model(images), images).mean(),
        "idempotence": distance(frozen(model)(generated), generated).mean(),
        "tightness": tightness.mean(),
    }


def frozen(model):
    """f with its present weights held fixed: the gradient passes through it, and none stays."""
    weights = {name: parameter.detach() for name, parameter in model.named_parameters()}
    return lambda x: functional_call(model, weights, (x,))


def smooth_clamp(loss, bound):
    """tanh(loss / bound) * bound per image: never beyond `bound`, which gets no gradient.

    The bound is a times D(f(z), z), how far f moves the noise; it is fixed, since tightness must not move the inner f.
    A bound of 0 gives 0, the limit, where the formula has 0/0.
    """
    bound = above_zero(bound)
    return torch.tanh(loss / bound) * bound


def above_zero(distance):
    """Distances, 0 replaced by the least number that can be divided by."""
    return distance.clamp(min=torch.finfo(distance.dtype).tiny)


def tightness_weight(settings, step):
    """The recipe's `tightness`, to which it grows a thousandfold over the share `tightness_warmup` of all steps."""
    progress = (step + 1) / (settings["tightness_warmup"] * settings["steps"])
    return settings["tightness"] * 1000 ** min(0.0, progress - 1)
