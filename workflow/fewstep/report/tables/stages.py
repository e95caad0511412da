"""What each network of a sampler costs, where several take turns."""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from fewstep.report.formatting import plain
from fewstep.report.inputs import Run
from fewstep.report.tables.model import SAMPLER, File, Head, Raw, Row, Table
from fewstep.results import views
from fewstep.results.quantities import describe

_FLOPS = describe("flops_per_image")
_HEADS = (*SAMPLER, *map(Head, ("Stage", "Evaluations", _FLOPS.heading, "Share [%]")))
_CAPTION = "Stages on {}: what each costs for one image, and its share of the arithmetic of all stages"


class Stage(NamedTuple):
    """One stage of one cell; `flops_per_image` is NaN where the cell was not timed."""

    method: str
    variant: str
    label: str
    nfe: int
    stage: str
    evaluations: float
    flops_per_image: float
    share: float


def files(run: Run, dataset: str) -> Iterator[File]:
    """`stages_<dataset>`, also where no sampler has several."""
    found = stages(run, dataset)
    yield File(f"stages_{dataset}", [table(found, dataset)], Raw(Stage._fields, found))


def stages(run: Run, dataset: str) -> list[Stage]:
    """The stages of every cell that has several, in the order in which they run."""
    timed = views.of_samples(run.speed)
    timed = timed[timed.dataset == dataset]
    flops = {(row.method, row.variant, int(row.nfe)): _parsed(row.stage_flops) for row in timed.itertuples()}
    # Manifests have their keys sorted; timings have the stages in their order.
    places = {(cell[0], stage): place for cell, spent in flops.items() for place, stage in enumerate(spent)}
    evaluations, found = run.stages(dataset), []
    for row in run.summaries[dataset].ranked.itertuples():
        cell = (row.method, row.variant, int(row.nfe))
        spent = flops.get(cell, {})
        total = sum(spent.values()) or math.nan
        counted = evaluations.get(cell, {})
        for stage in sorted(counted, key=lambda name: places.get((row.method, name), len(places))):
            own = spent.get(stage, math.nan)
            found.append(Stage(*cell[:2], row.label, cell[2], stage, counted[stage], own, own / total))
    return found


def _parsed(text: str) -> dict[str, int]:
    """FLOPs by stage, as timing writes them: a=1;b=2."""
    return {stage: int(count) for stage, count in (part.split("=") for part in text.split(";"))}


def table(found: Sequence[Stage], dataset: str) -> Table:
    """One line for each stage."""
    rows = [
        Row(s.method, s.variant, s.nfe, (s.label, str(s.nfe), s.stage, f"{s.evaluations:g}",
                                         plain(s.flops_per_image * _FLOPS.scale), plain(100 * s.share, 1)))
        for s in found
    ]  # fmt: skip
    return Table(_CAPTION.format(dataset), _HEADS, tuple(rows))
