"""Sample grids."""

from fewstep.report import strips as samples
from fewstep.report.blocks import Section, Strip, Strips
from fewstep.report.embed import mark, png
from fewstep.report.figures.sample_grid import CAPTION
from fewstep.report.formatting import evaluations
from fewstep.report.inputs import Run

_OTHERS = " Samples that someone else made belong to no column either."
_GAP = 1
_CELL, _ROW = 64, 860  # an image, and a row of them, should not be larger on the page (CSS pixels)


def sections(run: Run, dataset: str) -> list[Section]:
    """The first samples of every cell, in the same columns."""
    rows = [strip(run, row) for row in samples.strips(run, dataset)]
    caption = CAPTION + _OTHERS * bool(run.config["datasets"][dataset]["imports"])
    return [Section(f"samples-{dataset}", "Samples", [Strips(rows, caption)] if rows else [])]


def strip(run: Run, row: samples.Strip) -> Strip:
    """A row of images for the page."""
    count = len(row.images)
    height, width = row.images.shape[1:3]
    scale = max(1, min(_CELL // height, _ROW // (count * width)))
    display = min(scale, 2)  # the rest is done here, so that gaps stay as narrow between small images
    image = samples.tile(row.images, count, _GAP, scale // display)
    if row.nfe is None:
        detail, found, alt = "", None, f"{row.label}: {count} images"
    else:
        detail, found = f"{evaluations(row.nfe)} NFE", mark(run.style.look(row.method, row.variant))
        alt = f"{count} uncurated images of {row.label} at {evaluations(row.nfe)} NFE"
    height, width = (display * side for side in image.shape[:2])
    return Strip(row.label, detail, found, png(image), width, height, alt)
