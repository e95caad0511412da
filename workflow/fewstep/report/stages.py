"""What each network of a sampler costs, where several take turns: as lines of text and as CSV, Markdown and LaTeX."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from fewstep.report import listings
from fewstep.report.formatting import csv_text, plain
from fewstep.report.inputs import Run
from fewstep.report.listings import Line, Listing, to_latex, to_markdown, write_formats
from fewstep.report.quantities import describe

_HEADS = ("Sampler", "NFE", "Stage", "Evaluations", describe("flops_per_image").heading, "Share [%]")
_CAPTION = "Stages on {}: what each costs for one image, and its share of the arithmetic of all stages"


class Stage(NamedTuple):
    """One stage of one cell; `flops` of one image is NaN where the cell was not timed."""

    method: str
    variant: str
    label: str
    nfe: int
    stage: str
    evaluations: float
    flops: float
    share: float


def stages(run: Run, dataset: str) -> list[Stage]:
    """The stages of every cell that has several, in the order in which they run."""
    timed = run.speed_table[run.speed_table.dataset == dataset]
    flops = {(row.method, row.variant, int(row.nfe)): _parsed(row.stage_flops) for row in timed.itertuples()}
    evaluations, found = run.stages(dataset), []
    for row in run.summaries[dataset].ranked.itertuples():
        cell = (row.method, row.variant, int(row.nfe))
        spent = flops.get(cell, {})
        total = sum(spent.values()) or math.nan
        for stage, count in evaluations.get(cell, {}).items():
            own = spent.get(stage, math.nan)
            found.append(Stage(*cell[:2], row.label, cell[2], stage, count, own, own / total))
    return found


def _parsed(text: str) -> dict[str, int]:
    """FLOPs by stage, as timing writes them: a=1;b=2."""
    return {stage: int(count) for stage, count in (part.split("=") for part in text.split(";"))}


def listing(found: Sequence[Stage], dataset: str) -> Listing:
    """The stages as a table of text."""
    scale = describe("flops_per_image").scale
    lines = [
        Line(s.method, s.variant, (s.label, str(s.nfe), s.stage, f"{s.evaluations:g}", plain(s.flops * scale),
                                   plain(100 * s.share, 1)))
        for s in found
    ]  # fmt: skip
    return Listing("stages", _CAPTION.format(dataset), _HEADS, lines)


def write_stages(run: Run, dataset: str, out_dir: str | Path) -> None:
    """Write `stages_<dataset>` as .csv (full precision), .md and .tex."""
    found = stages(run, dataset)
    told = listing(found, dataset)
    write_formats(Path(out_dir) / f"stages_{dataset}", csv=to_csv(found), md=to_markdown(told), tex=to_latex(told))


def to_csv(found: Sequence[Stage]) -> str:
    """RFC 4180 with the raw values; an empty field is n/a."""
    heads = ("method", "variant", "label", "nfe", "stage", "evaluations", "flops_per_image", "share")
    rows = (
        (s.method, s.variant, csv_text(s.label), s.nfe, csv_text(s.stage),
         *("" if math.isnan(number) else number for number in (s.evaluations, s.flops, s.share)))
        for s in found
    )  # fmt: skip
    return listings.to_csv(heads, rows)
