"""What methods score themselves: likelihoods, reconstructions, projections."""

from pathlib import Path

from fewstep.report import oracle
from fewstep.report.blocks import Listing, Numbers, Section
from fewstep.report.embed import download, mark
from fewstep.report.extras import ANY, HEADS, lines
from fewstep.report.inputs import Run
from fewstep.report.sections.quality import marks

_CAPTION = (
    "Scores of single methods on held-out real images, with half of the 95 % interval; arrows say which way is better"
)
_NOTE = (
    f"NFE: of the samples that a score is about; {ANY}: it is of the network, however it is sampled. Equal N are the "
    "same images."
)


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """Cascades beside their oracle, and a line per score; nothing where no method has any."""
    told = lines(run.extras, dataset, run.cards)
    if not told:
        return []
    rows = [(mark(run.style.look(line.method, line.variant)), line.cells) for line in told]
    csv = tables / f"extras_{dataset}.csv"
    files = [download(csv)] if csv.is_file() else []
    blocks: list = [Listing(f"extras-table-{dataset}", _CAPTION, HEADS, rows, files, [_NOTE], remarks=True)]
    if found := oracle.beside_samples(run.summaries[dataset], run.extras):
        blocks.insert(0, Numbers(f"oracle-table-{dataset}", oracle.table(found), marks(found, run.style)))
    return [Section(f"extras-{dataset}", "Held-out images", blocks)]
