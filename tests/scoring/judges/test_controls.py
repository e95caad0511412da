"""Controls of the machine fool rate: a guess between real images, noise that is found, an untrained network."""

import numpy as np
import pytest
import torch
from shrunken import network

from fewstep.base.folders import METHODS
from fewstep.contract.conditions import DrawnLabels
from fewstep.contract.method import ImageShape
from fewstep.data import load_source, prepare, read_card
from fewstep.plan import cards
from fewstep.plan.cells import GENERATE, Cell
from fewstep.plan.method_card import initial_settings
from fewstep.scoring.judges.controls import halves, noisy, observe_controls, untrained
from fewstep.scoring.judges.items import Items, items_of
from fewstep.scoring.judges.judged_rows import fool_rows
from fewstep.scoring.judges.observers import Rules, beside, observe
from fewstep.scoring.judges.stored_answers import HELD_OUT, NOISY, UNTRAINED, stacked
from fewstep.scoring.metrics.forced_choice import paired, unpaired

RULES = Rules(train_count=300, epochs=6, bits=8)
FEWER_BITS = Rules(train_count=180, epochs=10, bits=5)
SHAPE = ImageShape(1, 8, 8, 10)


@pytest.fixture(scope="module")
def digits() -> np.ndarray:
    """All 1,797 digits in one array."""
    splits = load_source({"source": "digits", "path": None, "download": False})
    return np.concatenate([splits["train"].images, splits["test"].images])


@pytest.fixture(scope="module")
def held_out(tmp_path_factory) -> dict[str, Items]:
    """The 360 test images, by themselves (`digits`) and with inputs (`digits_4to8`)."""
    found = {}
    for name, side in (("digits", None), ("digits_4to8", 4)):
        folder = tmp_path_factory.mktemp(name)
        prepare({"source": "digits", "path": None, "download": False, "low_resolution": side}, folder)
        found[name] = items_of(read_card(folder / "card.json"), folder / "test.npz", 360)
    return found


@pytest.fixture(scope="module")
def rates(held_out) -> dict[tuple[str, str], dict[str, dict]]:
    """By data set and control, the rows of an observer that sees five bits; noise in place of untrained samples."""
    untrained = np.random.default_rng(0).integers(0, 256, (360, 8, 8, 1), np.uint8)
    found = {}
    for name, items in held_out.items():
        answers = observe_controls(items, untrained, FEWER_BITS, seed=0)
        for row in fool_rows({control: stacked([scores]) for control, scores in answers.items()}):
            found.setdefault((name, row["variant"]), {})[row["metric"]] = row
    return found


def test_real_against_real_is_a_guess(digits):
    scores = [observe(*halves(digits, seed), RULES, seed) for seed in range(3)]
    rate = unpaired(*(np.stack(side) for side in zip(*scores, strict=True)))
    assert abs(rate.value - 0.5) < 2 * rate.standard_error + 0.01 and rate.standard_error < 0.03


def test_halves_share_no_image_and_follow_the_seed(digits):
    one, other = halves(np.arange(101).reshape(-1, 1, 1, 1), 0)
    assert len(one) == len(other) == 50 and not set(one.ravel()) & set(other.ravel())
    assert not np.array_equal(one, halves(np.arange(101).reshape(-1, 1, 1, 1), 1)[0])


def test_the_trace_of_noise_is_a_trace(digits):
    difference = noisy(digits, 0).astype(int) - digits
    inside = (digits > 5) & (digits < 250)
    assert difference[inside].std() == pytest.approx(1.04, abs=0.03)  # sqrt(1 + 1/12): rounding adds its own
    assert abs(difference[inside].mean()) < 0.01


def test_an_unrestricted_observer_finds_the_noise_that_fewer_bits_hide(rates, held_out):
    real = held_out["digits"].real
    assert paired(*observe(real, noisy(real, 0), FEWER_BITS, 0)).value == pytest.approx(0.5, abs=0.02)
    for name in held_out:
        found = rates[name, NOISY.variant]["fool_rate_paired"]
        assert found["value"] < 0.2 and found["value"] + 4 * found["standard_error"] < 0.5


def test_real_against_real_is_a_guess_in_every_way_of_asking(rates):
    asked = rates["digits_4to8", HELD_OUT.variant]
    assert set(asked) == {"fool_rate", "fool_rate_paired", "fool_rate_input_shown"}
    for row in asked.values():
        assert abs(row["value"] - 0.5) < 2 * row["standard_error"] + 0.01 and row["standard_error"] < 0.06
    assert set(rates["digits", HELD_OUT.variant]) == {"fool_rate"}, "without inputs there are no pairs"


def test_halves_are_shown_with_their_own_inputs(held_out):
    """Of another digit's input the observer would soon find that it belongs to another digit."""
    items = held_out["digits_4to8"]
    dealt = halves(beside(items.shown, items.real), 3)
    for pictures, shown, both in zip(halves(items.real, 3), halves(items.shown, 3), dealt, strict=True):
        assert np.array_equal(beside(shown, pictures), both)


def test_controls_with_inputs_are_asked_in_every_way(rates):
    for control in (NOISY, UNTRAINED):
        asked = rates["digits_4to8", control.variant]
        assert set(asked) == {"fool_rate", "fool_rate_paired", "fool_rate_input_shown"}
    assert all(row["value"] < 0.05 for row in asked.values()), "noise in place of images fools nobody"


@pytest.mark.parametrize(
    ("dataset", "method", "variant", "nfe"),
    [("digits", "edm", "heun", 5), ("digits", "gan", "r3gan", 1), ("digits_4to8", "sr_regression", "one_pass", 1)],
)
def test_a_network_that_has_learnt_nothing_fools_nobody(held_out, dataset, method, variant, nfe):
    card = cards.discover(METHODS)[method]
    chosen, items = card["variants"][variant], held_out[dataset]
    recipe = cards.recipe(card, dataset, chosen["recipe"])
    cell = Cell(dataset, GENERATE, method, variant, nfe, 0, 0)
    condition = items.inputs or DrawnLabels([1] * 10)
    sampled = untrained(cell, recipe, initial_settings(chosen), SHAPE, condition, 360, 120)
    assert sampled.shape == items.real.shape
    assert unpaired(*observe(items.real, sampled, Rules(100, 10, 5), 0)).value < 0.05


def test_the_seed_of_a_network_that_has_learnt_nothing_is_that_of_its_weights_and_disturbs_no_other():
    net = network(METHODS, "edm", "default")
    settings = initial_settings(net.card["variants"]["heun"])

    def sampled(seed):
        cell = Cell("digits", GENERATE, "edm", "heun", 1, 0, seed)
        return untrained(cell, net.recipe, settings, SHAPE, DrawnLabels([1] * 10), 3, 2)

    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, again, other = sampled(0), sampled(0), sampled(1)
    assert torch.equal(torch.rand(3), expected), "nor do its first weights come from the numbers that others draw"
    assert np.array_equal(first, again) and not np.array_equal(first, other)
