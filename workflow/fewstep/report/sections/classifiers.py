"""What classifiers learn from the samples, and whether observers can tell them from real images."""

from pathlib import Path

from fewstep.report.blocks import Listing, Section
from fewstep.report.classifiers import listings
from fewstep.report.embed import download, mark
from fewstep.report.inputs import Run

_NOTES = {
    "accuracy": (
        "Classifiers are trained from scratch on the samples alone, for fixed epochs, and the last epoch counts; the "
        "spread between their seeds is part of the interval. A generator that copies its training images scores like "
        "them: beside the score stands how often a sample is nearer to the training set than a held-out image is (50 % "
        "for new images of the kind, more for copies, less for samples off the data), and the share that is all but a "
        "copy. With shuffled labels the score must be chance. A Frechet distance for each class would say little at "
        "this number of images; accuracies and shares of classes do."
    ),
    "fool-rate": (
        "A small network is trained for each sampler (the generalist for all of them) on samples and on as many real"
        " images that no sampler was trained on, and asked about others. No person was asked. It sees but the first "
        "bits of each grey level. Real against real images must come out at 50 %, an untrained network near 0. A "
        "keen observer, who sees all 8 bits and learns for longer from half of the held-out images, is shown noise "
        "of one grey level, which no eye notices. In clean images, such as digits, it finds the noise, at least in "
        "pairs of an image with it and the same one without. By such traces it would know every sampler; therefore "
        "the others see and learn less. Enlarged images are also compared each with the one it belongs to, by "
        "observers who see the input beside both, and by others who do not; of real against real images each has its"
        " own input."
    ),
}


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """A listing for each score that the profile asks for; nothing where it asks for none."""
    told = listings(run.classifiers, dataset, run.cards)
    blocks: list[Listing] = []
    csv = tables / f"classifiers_{dataset}.csv"
    for listing in told:
        rows = [(None if x.is_control else mark(run.style.look(x.method, x.variant)), x.cells) for x in listing.lines]
        files = [download(csv)] if csv.is_file() and listing is told[-1] else []
        notes = [_NOTES[listing.name]] if listing.name in _NOTES else []
        blocks.append(Listing(f"{listing.name}-{dataset}", listing.caption, listing.heads, rows, files, notes))
    return [Section(f"classifiers-{dataset}", "Classifiers and observers", blocks)] if blocks else []
