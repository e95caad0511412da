"""What methods score themselves: likelihoods, reconstructions, projections."""

from pathlib import Path

from fewstep.report.blocks import Section
from fewstep.report.inputs import Run
from fewstep.report.sections.shown import downloads, listing, numbers
from fewstep.report.tables import evaluation, oracle
from fewstep.results import views


def sections(run: Run, dataset: str, tables: Path) -> list[Section]:
    """Cascades beside their oracle, and a line per score; nothing where no method has any."""
    rows = views.of_evaluation(run.scores, dataset)
    if rows.empty:
        return []
    table, files = evaluation.table(rows, run.cards), downloads(tables, f"evaluation_{dataset}")
    blocks: list = [listing(run, f"evaluation-table-{dataset}", table, files, remarks=True)]
    if found := oracle.beside_samples(run.summaries[dataset], rows):
        blocks.insert(0, numbers(run, f"oracle-table-{dataset}", oracle.table(found)))
    return [Section(f"evaluation-{dataset}", "Held-out images", blocks)]
