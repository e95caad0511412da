"""How often people took a sample for a real image, where a study was made and answered."""

from pathlib import Path

from fewstep.report.blocks import Listing, Section
from fewstep.report.embed import download, mark
from fewstep.report.inputs import Run
from fewstep.study.tables import listing, notes


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """The fool rates of the study that was scored last; nothing before."""
    scores = run.study(dataset)
    if scores is None:
        return []
    told, csv = listing(scores.rates, run.cards), tables / f"study_{dataset}.csv"
    known = run.style.methods  # a method that was renamed since has no mark
    looks = [mark(run.style.look(x.method, x.variant)) if x.method in known else None for x in told.lines]
    rows = [(look, line.cells) for look, line in zip(looks, told.lines, strict=True)]
    files = [download(csv)] if csv.is_file() else []
    block = Listing(f"people-table-{dataset}", told.caption, told.heads, rows, files, [notes(scores.raters)])
    return [Section(f"people-{dataset}", "People", [block])]
