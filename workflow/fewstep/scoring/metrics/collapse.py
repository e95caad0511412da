"""Signs of collapse: what a generator drops, repeats or shifts, in words, from its scores.

No torch is imported: reports name them.
"""

from collections.abc import Iterator, Mapping

from fewstep.base.statistics import Pooled

METRICS = ("class_coverage", "duplicate_rate", "relative_brightness", "relative_contrast")
CLASS_SHARE = "class_share_"  # and the class: its share among samples over its share among real images
PRESENT = 0.25  # a class with less than this part of its share counts as dropped
COPIES = 0.01  # more copies than this among samples are a sign
SHIFT = 0.2  # brightness or contrast further off than this is a sign
_WORDS = {"relative_brightness": ("darker", "brighter"), "relative_contrast": ("flatter", "harsher")}


def signs(scores: Mapping[str, Pooled]) -> list[str]:
    """Sentences without a full stop, none for healthy samples.

    Args:
        scores: of one sampler by metric, pooled over its seeds; metrics that are not there tell nothing.
    """
    return [*_classes(scores), *_copies(scores), *_shifts(scores)]


def _classes(scores: Mapping[str, Pooled]) -> Iterator[str]:
    shares = {name.removeprefix(CLASS_SHARE): s.value for name, s in scores.items() if name.startswith(CLASS_SHARE)}
    if missing := [k for k, share in shares.items() if share == 0]:
        yield f"no sample of class {', '.join(missing)}"
    for k, share in shares.items():
        if 0 < share < PRESENT:
            yield f"class {k} at {share:.0%} of its share"


def _copies(scores: Mapping[str, Pooled]) -> Iterator[str]:
    rate = scores.get("duplicate_rate")
    if rate and rate.low > COPIES:
        yield f"{rate.value:.1%} of the samples are all but copies of another"


def _shifts(scores: Mapping[str, Pooled]) -> Iterator[str]:
    for name, (below, above) in _WORDS.items():
        if name in scores:
            value, _, low, high = scores[name]
            if high < 1 - SHIFT or low > 1 + SHIFT:
                yield f"{abs(value - 1):.0%} {below if value < 1 else above} than real images"
