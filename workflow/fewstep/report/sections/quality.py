"""Answers first, then the main table."""

from pathlib import Path

from fewstep import collapse
from fewstep.report import grid
from fewstep.report.answers import answers, headline
from fewstep.report.blocks import Answers, Numbers, Prose, Section
from fewstep.report.embed import download, mark
from fewstep.report.inputs import Run
from fewstep.report.quantities import is_distance
from fewstep.report.style import Style
from fewstep.report.summary import Summary
from fewstep.report.variety import signs

_SPEED_NOTE = (
    "images/s: ± is half of the distance between the quartiles of the rounds; latency: the median of single images. "
    "Timings on a busy machine are shown, but not ranked."
)
_SPEEDS = ("images_per_second", "latency_p50_ms", "flops_per_image")


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The answers, and every cell with its scores and its speed."""
    summary = run.summaries[dataset]
    files = [tables / f"{name}_{dataset}.csv" for name in ("quality", "speed")]
    bars = [c.key for c in (summary.distance, summary.find("images_per_second")) if c]
    downloads = [download(path) for path in files if path.is_file()]
    numbers = Numbers(
        f"table-{dataset}", main_table(summary), marks(summary, run.style), downloads, filters=True, bars=bars
    )
    return [
        Section(f"answers-{dataset}", "In short",
                [Prose([headline(summary, run.style), *_warning(run, dataset)]),
                 Answers(answers(summary, run.style))]),
        Section(f"results-{dataset}", "Results", [numbers]),
    ]  # fmt: skip


def _warning(run: Run, dataset: str) -> list[str]:
    found, asked = len(signs(run.results, dataset)), len(run.summaries[dataset].ranked)
    return [f"{found} of {asked} samplers show signs of collapse, told under Variety."] if found else []


def main_table(summary: Summary) -> grid.Table:
    """Scores, then the speeds that say most; without the predicted bias, which is no merit, and what Variety tells."""
    hidden = ("_bias", *collapse.METRICS)
    quality = [c for c in summary.quality if not c.quantity.name.endswith(hidden)]
    speeds = [c for c in map(summary.find, _SPEEDS) if c]
    caption = f"All methods on {summary.dataset}"
    if summary.distance:
        caption += f", {summary.distance.context} samples per seed"
    note = "The difference “− bias” estimates the distance of infinitely many samples."
    corrected = any(is_distance(c.quantity.name.removesuffix("_corrected")) for c in quality)
    return grid.table(
        summary.frame,
        quality + speeds,
        caption,
        [
            grid.LEGEND,
            *([note] if corrected else []),
            *grid.notes(summary),
            *([_SPEED_NOTE] if speeds else []),
        ],
    )


def marks(summary: Summary, style: Style) -> list:
    """The marker of every row of the summary; none for real images."""
    return [None if row.floor else mark(style.look(row.method, row.variant)) for row in summary.frame.itertuples()]
