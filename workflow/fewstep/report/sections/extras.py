"""What methods score themselves: likelihoods, reconstructions, projections."""

from pathlib import Path

from fewstep.report.blocks import Listing, Section
from fewstep.report.embed import download, mark
from fewstep.report.extras import HEADS, lines
from fewstep.report.inputs import Run

_CAPTION = (
    "Scores of single methods on held-out real images, with half of the 95 % interval; arrows say which way is better"
)


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """A line per score; nothing where no method has any."""
    told = lines(run.extras, dataset, run.cards)
    if not told:
        return []
    rows = [(mark(run.style.look(line.method, line.variant)), line.cells) for line in told]
    csv = tables / f"extras_{dataset}.csv"
    files = [download(csv)] if csv.is_file() else []
    return [
        Section(
            f"extras-{dataset}",
            "Held-out images",
            [Listing(f"extras-table-{dataset}", _CAPTION, HEADS, rows, files, remarks=True)],
        )
    ]
