"""A small profile, the card of a method that it may compare, and the sentence that refuses a profile."""

import re

import pytest

from fewstep.base.errors import FewstepError
from fewstep.plan.method_card import validate_card
from fewstep.plan.profile import load


def card(**needs):
    """A method with a variant of ranged and one of listed NFE."""
    variants = {
        "heun": {"label": "A (Heun)", "nfe": {"min": 3, "max": 511, "step": 2}},
        "fixed": {"label": "A (fixed)", "nfe": [1, 2, 4]},
    }
    raw = {"title": "A", "paper": "B", "year": 2024, "family": "diffusion", "weights": ["train"]}
    datasets = {"toys": {"recipes": {"default": {}}}}
    return validate_card(raw | {"needs": needs, "variants": variants, "datasets": datasets}, "a/method.yaml")


def section(profile):
    return profile["datasets"]["toys"]


def refuses(profile, cards, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(sentence)}$"):
        load(profile, cards)
