"""One look per method: distinct, stable, and apart for colour-blind readers."""

import itertools

import numpy as np
import pytest
import synthetic

from fewstep.plan import cards
from fewstep.report.style import _DARK, _LIGHT, DARK, LIGHT, Style, slots

NAMES = [f"method_{i}" for i in range(23)]
# Machado, Oliveira and Fernandes (2009), severity 1.0, on linear RGB
VISION = {
    "normal": np.eye(3),
    "protan": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deutan": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritan": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    rgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    x, y, z = np.cbrt(XYZ @ rgb.clip(0, 1) / [0.9505, 1, 1.089])
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("palette", [_LIGHT, _DARK])
def test_hues_stay_apart(palette, vision):
    seen = [lab(np.array(VISION[vision]) @ linear(colour)) for colour in palette]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20


@pytest.mark.parametrize(("palette", "paper"), [(_LIGHT, "#ffffff"), (_DARK, "#14171c")])
def test_hues_stand_out_from_the_paper(palette, paper):
    def luminance(colour):
        return float(linear(colour) @ XYZ[1])

    for colour in palette:
        low, high = sorted((luminance(colour), luminance(paper)))
        assert (high + 0.05) / (low + 0.05) > 2.6


@pytest.mark.parametrize(("palette", "paper"), [(LIGHT, "#ffffff"), (DARK, "#14171c")])
def test_shades_stay_apart_within_their_eight_and_from_the_paper(palette, paper):
    papers = lab(linear(paper))
    for eight in (palette[8:16], palette[16:24]):
        for vision in VISION.values():
            seen = [lab(np.array(vision) @ linear(colour)) for colour in eight]
            assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 12
        assert min(np.linalg.norm(lab(linear(colour)) - papers) for colour in eight) > 25


def test_methods_differ_in_colour_or_marker():
    style = Style({name: {} for name in NAMES})
    looks = [style.look(name, "any") for name in NAMES]
    assert len({(look.colour, look.marker) for look in looks}) == len(NAMES)
    assert len({look.marker for look in looks}) == len(NAMES)


def test_the_methods_of_the_suite_differ_in_colour_and_marker():
    style = Style(cards.discover())
    looks = [style.look(name, "any") for name in style.methods]
    assert len({look.colour for look in looks}) == len({look.marker for look in looks}) == len(looks)


def test_the_first_eight_methods_differ_in_hue():
    for start in range(7):
        places = slots(NAMES[start : start + 8])
        assert len(set(places.values())) == 8 and max(places.values()) == 7


def test_slots_do_not_depend_on_the_order_of_discovery():
    assert slots(NAMES) == slots(reversed(NAMES))


def test_a_later_name_moves_nobody():
    for count in range(1, len(NAMES)):
        before = slots(NAMES[:count])
        after = slots([*NAMES[:count], "zzz_later"])
        assert before.items() <= after.items()


def test_variants_share_the_colour_and_differ_in_line_and_fill():
    style = Style(synthetic.cards())
    looks = [style.look("edm", variant) for variant in ("heun", "euler", "stochastic")]
    assert len({look.colour for look in looks}) == len({look.marker for look in looks}) == 1
    assert len({look.line for look in looks}) == len({look.fill for look in looks}) == 3
    assert looks[0].line == "-" and looks[0].fill == "full"
