"""VQ-VAE-2: codebooks that follow their averages, gradients that pass the codes, priors that start from the codes."""

import importlib

import pytest
import torch
from shrunken import lively, network, pictures, start_of, training_run

from fewstep.base.folders import METHODS
from fewstep.contract import nfe
from fewstep.contract.method import ImageShape, SampleRequest
from fewstep.contract.models import load_method
from fewstep.plan import cards

vqvae2 = load_method("vqvae2")
codebooks = importlib.import_module(f"{vqvae2.__name__}.codebook")
DIGITS = ImageShape(1, 8, 8, 10)
AUTOENCODER = {"width": 8, "halvings": 1, "blocks": 1, "dimension": 4, "codes": 6, "decay": 0.9}
PRIOR = {"features": 8, "top": [1], "bottom": [1, 1], "dropout": 0.1}


def model(shape=DIGITS, seed=0, **changes):
    torch.manual_seed(seed)
    settings = {"autoencoder": {**AUTOENCODER, **changes}, "prior": PRIOR}
    return lively(vqvae2.build({"network": settings}, shape), seed)


def codebook(size=6, dimension=4, **changes):
    torch.manual_seed(0)
    return codebooks.Codebook(size, dimension, **changes)


def outputs(count=3, dimension=4, side=5, seed=1, spread=1.0):
    generator = torch.Generator().manual_seed(seed)
    return spread * torch.randn(count, dimension, side, side, generator=generator)


# Codebooks


def test_the_nearest_code_is_the_one_at_the_smallest_distance():
    book, x = codebook(), outputs()
    distances = torch.cdist(x.movedim(1, 3), book.vectors.expand(3, 5, 6, 4))
    assert torch.equal(book.nearest(x), distances.argmin(dim=3))
    assert torch.equal(book.nearest(book.lookup(book.nearest(x))), book.nearest(x))
    assert book.lookup(torch.tensor([[[2, 5]]])).squeeze().T.equal(book.vectors[[2, 5]])


def test_the_codebook_follows_the_moving_averages_of_its_formula():
    book = codebook(decay=0.9, restart_below=0.0)
    n, m = book.counts.double(), book.sums.double()
    for seed in range(4):
        x = outputs(seed=seed)
        codes = book.nearest(x)
        flat = x.movedim(1, 3).reshape(-1, 4).double()
        for k in range(6):
            mine = flat[codes.flatten() == k]
            n[k] = 0.9 * n[k] + 0.1 * len(mine)
            m[k] = 0.9 * m[k] + 0.1 * mine.sum(dim=0)
        book.update(x, codes)
    smooth = (n + 1e-5) / (n.sum() + 6e-5) * n.sum()
    assert torch.allclose(book.vectors.double(), m / smooth[:, None], atol=1e-5)


def test_a_codebook_settles_on_the_means_of_what_it_codes():
    book = codebook(size=2, dimension=1, decay=0.5, restart_below=0.0)
    book.vectors.copy_(torch.tensor([[-1.0], [1.0]]))
    x = torch.tensor([-3.0, -2.0, 4.0, 5.0, 6.0]).view(1, 1, 1, 5)
    for _ in range(60):
        book.update(x, book.nearest(x))
    assert book.vectors.flatten().tolist() == pytest.approx([-2.5, 5.0], abs=1e-3)


def test_dead_codes_start_again_at_outputs_of_the_batch():
    book = codebook(size=6, restart_below=0.5)
    book.vectors[3:] = 100.0
    book.sums[3:] = 100.0
    book.counts[3:] = torch.tensor([0.4, 0.4, 5.0])
    x = outputs()
    codes = book.nearest(x)
    assert codes.max() < 3
    alive = codebook(size=6, restart_below=0.0)
    alive.load_state_dict(book.state_dict())
    book.update(x, codes)
    alive.update(x, codes)
    flat = x.movedim(1, 3).reshape(-1, 4)
    for k in (3, 4):  # dead; code 5 was used often enough until now
        assert (book.vectors[k] == flat).all(dim=1).any() and book.counts[k] == 1
        assert torch.equal(book.sums[k], book.vectors[k])
    living = [0, 1, 2, 5]
    assert torch.equal(book.vectors[living], alive.vectors[living])


def test_far_codes_come_to_life():
    book, x = codebook(size=32), outputs(8, spread=0.1)
    book.vectors.add_(50)
    book.sums.add_(50)
    for _ in range(20):
        book.update(x, book.nearest(x))
    assert len(book.nearest(x).unique()) > 24


def test_restarts_are_drawn_by_the_generator_that_every_step_seeds():
    books = [codebook(size=32) for _ in range(2)]
    for book in books:
        torch.manual_seed(5)
        book.update(outputs(), book.nearest(outputs()))
    assert torch.equal(books[0].vectors, books[1].vectors)


# The auto-encoder


def test_the_gradient_passes_straight_through_the_codes():
    h, e = outputs().requires_grad_(), outputs(seed=2).requires_grad_()
    passed = codebooks.straight_through(h, e)
    weights = outputs(seed=3)
    (passed * weights).sum().backward()
    assert torch.allclose(passed, e) and torch.equal(h.grad, weights) and e.grad is None


def test_the_loss_is_the_error_and_the_weighted_distance_to_the_codes():
    net, x = model().requires_grad_(), pictures(DIGITS)[0]
    with torch.no_grad():
        reconstructed, h, codes = net.autoencode(x)
        apart = sum((h[level] - net.codebooks[level].lookup(codes[level])).square().mean().item() for level in h)
        error = (reconstructed - x).square().mean().item()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    values = []
    for weight in (0.0, 0.25, 1.0):
        net.load_state_dict(before)
        values.append(vqvae2.code_loss(net, x, weight).item())
    assert values == pytest.approx([error, error + 0.25 * apart, error + apart], rel=1e-5)


def test_every_weight_of_the_auto_encoder_learns():
    net = model().requires_grad_()
    vqvae2.code_loss(net, pictures(DIGITS)[0], 0.25).backward()
    named = [(n, p) for n, p in net.named_parameters() if not n.startswith(("stages.top", "stages.bottom"))]
    assert not [name for name, p in named if p.grad is None or not p.grad.any()]


@pytest.mark.parametrize(
    ("shape", "halvings", "top", "bottom"),
    [
        (ImageShape(1, 28, 28, 10), 2, (4, 4), (7, 7)),
        (DIGITS, 1, (2, 2), (4, 4)),
        (ImageShape(3, 9, 7), 1, (3, 2), (5, 4)),
    ],
)
def test_two_levels_of_codes_whatever_the_size(shape, halvings, top, bottom):
    net, x = model(shape, halvings=halvings), pictures(shape)[0]
    codes = net.encode(x)
    assert [tuple(each.shape[1:]) for each in codes] == [top, bottom]
    assert all(each.min() >= 0 and each.max() < 6 for each in codes)
    made = net.decode(*codes)
    assert made.shape == x.shape and made.abs().max() <= 1
    with nfe.counting(net) as counted:
        request = SampleRequest(shape, 0, range(3), 0, labels=torch.arange(3) if shape.classes else None)
        assert vqvae2.sample(net, request).shape == (3, *shape.chw)
    assert counted.per_image(3) == {"top": top[0] * top[1], "bottom": bottom[0] * bottom[1], "decoder": 1}


def test_the_weights_of_the_card_fit_into_four_megabytes():
    recipe = cards.recipe(cards.discover()["vqvae2"], "mnist", "default")
    net = vqvae2.build(recipe, ImageShape(1, 28, 28, 10))
    assert sum(value.numel() * value.element_size() for value in net.state_dict().values()) < 4e6


def test_both_levels_reach_the_image():
    net = model()
    top, bottom = net.encode(pictures(DIGITS)[0])
    image = net.decode(top, bottom)
    assert all((net.decode((top + 1) % 6, bottom) - image).flatten(1).abs().amax(dim=1) > 1e-4)
    assert all((net.decode(top, (bottom + 1) % 6) - image).flatten(1).abs().amax(dim=1) > 1e-4)


def test_reconstructions_are_scored_by_their_squared_error():
    net, (x, labels) = model(), pictures(DIGITS)
    request = SampleRequest(DIGITS, 0, range(len(x)), 0, labels=labels)
    again, errors = (vqvae2.evaluate(net, request, x)[f"reconstruction_{name}"] for name in ("images", "mse"))
    assert torch.equal(again, net.decode(*net.encode(x)))
    assert errors.tolist() == pytest.approx([((a - b) ** 2).mean().item() for a, b in zip(x, again, strict=True)])
    assert vqvae2.evaluate(net, request, again)["reconstruction_mse"].shape == (len(x),)


# The priors


def test_the_bottom_prior_knows_the_label_and_the_top_codes():
    net = model()
    top, bottom = net.encode(pictures(DIGITS)[0])
    labels = torch.zeros(len(top), dtype=torch.long)
    nats = vqvae2.code_nats(net.stages["bottom"], bottom, labels, top)
    assert nats.shape == bottom.shape
    for changed in (
        vqvae2.code_nats(net.stages["bottom"], bottom, labels + 1, top),
        vqvae2.code_nats(net.stages["bottom"], bottom, labels, (top + 1) % 6),
    ):
        assert ((changed - nats).abs() > 0).all()


def test_samples_are_decoded_from_codes_that_the_priors_drew():
    net = model()
    request = SampleRequest(DIGITS, 0, range(4), 0, labels=torch.arange(4))
    seen = {}
    handle = net.stages["decoder"].register_forward_hook(lambda module, inputs, output: seen.update(vectors=inputs))
    images = vqvae2.sample(net, request)
    handle.remove()
    top, bottom = (net.codebooks[level].nearest(v) for level, v in zip(("top", "bottom"), seen["vectors"], strict=True))
    assert torch.equal(net.decode(top, bottom), images)
    certain = net.stages["top"].head[-1]
    certain.weight.zero_()
    certain.bias.copy_(torch.tensor([-50.0, -50, 50, -50, -50, -50]))
    net.stages["decoder"].register_forward_hook(lambda module, inputs, output: seen.update(vectors=inputs))
    vqvae2.sample(net, request)
    assert (net.codebooks["top"].nearest(seen["vectors"][0]) == 2).all()


def test_the_priors_start_from_the_auto_encoder_and_leave_it_alone(tmp_path):
    net = network(METHODS, "vqvae2", "default")
    trained = net.module.train(training_run(net, tmp_path)).state_dict()
    start = start_of(net).state_dict()
    assert start and all(torch.equal(trained[name], value) for name, value in start.items())
    fresh = net.module.build(net.recipe, net.shape).state_dict()
    priors = [name for name in trained if name.startswith(("stages.top", "stages.bottom"))]
    assert set(trained) == set(start) | set(priors)
    moved = {name.split(".")[1] for name in priors if not torch.equal(trained[name], fresh[name])}
    assert moved == {"top", "bottom"}
