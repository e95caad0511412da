"""Figures of a run, each a module with `load(run, dataset)` and `draw(data, style)`; as PDF, SVG and PNG."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write
from fewstep.plan.presented import EDITS, FIGURES, PAIRED_FIGURES, SEARCH_FIGURES
from fewstep.report.figures import sample_grid
from fewstep.report.inputs import Run
from fewstep.report.style import RC
from fewstep.report.tables import edits

_METADATA = {  # no dates and no versions: equal figures are equal bytes
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "svg": {"Date": None, "Creator": None},
    "png": {"Software": None},
}


def module(name: str):
    """The module of a figure."""
    known = FIGURES + PAIRED_FIGURES + SEARCH_FIGURES
    if name not in known:
        raise FewstepError(f"There is no figure {name}; the figures are {', '.join(known)}.")
    return import_module(f"fewstep.report.figures.{name}")


def write_figure(name: str, run: Run, dataset: str, out_dir: str | Path) -> list[Path]:
    """Draw one figure of one data set: `<out_dir>/<name>_<dataset>.pdf`, `.svg` and `.png`.

    Args:
        name: of a module, or `edits_<task>` for the grid of an editing task.
    """
    if name.startswith(EDITS):
        rows = edits.strips(run, dataset, name.removeprefix(EDITS))
        return _write(lambda: sample_grid.draw(rows, run.style), f"{name}_{dataset}", Path(out_dir))
    source = module(name)
    return _write(lambda: source.draw(source.load(run, dataset), run.style), f"{name}_{dataset}", Path(out_dir))


def _write(draw: Callable[[], Figure], stem: str, out_dir: Path) -> list[Path]:
    with matplotlib.rc_context(RC):
        figure, paths = draw(), []
        for suffix, metadata in _METADATA.items():
            paths.append(out_dir / f"{stem}.{suffix}")
            with atomic_write(paths[-1]) as file:
                figure.savefig(file, format=suffix, metadata=metadata, facecolor="white" if suffix == "png" else "none")
    return paths
