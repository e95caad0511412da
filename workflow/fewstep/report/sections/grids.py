"""Sample grids."""

from fewstep.report import samples
from fewstep.report.blocks import Section, Strip, Strips
from fewstep.report.embed import mark, png
from fewstep.report.figures.sample_grid import CAPTION
from fewstep.report.inputs import Run

_GAP = 1
_CELL, _ROW = 64, 860  # an image, and a row of them, should not be larger on the page (CSS pixels)


def sections(run: Run, dataset: str) -> list[Section]:
    """The first samples of every cell, in the same columns."""
    rows = [_strip(run, strip) for strip in samples.strips(run, dataset)]
    return [Section(f"samples-{dataset}", "Samples", [Strips(rows, CAPTION)] if rows else [])]


def _strip(run: Run, strip: samples.Strip) -> Strip:
    count = len(strip.images)
    height, width = strip.images.shape[1:3]
    scale = max(1, min(_CELL // height, _ROW // (count * width)))
    display = min(scale, 2)  # the rest is done here, so that gaps stay as narrow between small images
    image = samples.tile(strip.images, count, _GAP, scale // display)
    if strip.nfe is None:
        detail, found, alt = "", None, f"{strip.label}: {count} images"
    else:
        detail, found = f"{strip.nfe} NFE", mark(run.style.look(strip.method, strip.variant))
        alt = f"{count} uncurated samples of {strip.label} at {strip.nfe} NFE"
    height, width = (display * side for side in image.shape[:2])
    return Strip(strip.label, detail, found, png(image), width, height, alt)
