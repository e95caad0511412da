"""Tables, figures, the page, and the regression check."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from fewstep.plan.cells import LABELLED
from fewstep.plan.presented import EDITS
from fewstep.plan.rules import shared
from fewstep.plan.rules.shared import Files, Params

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan


def write_manifest_inputs(plan: "Plan") -> Files:
    return {**shared.tables(plan), "networks": [plan.weights(network, "manifest") for network in plan.networks]}


def write_manifest_params(plan: "Plan") -> Params:
    # Its product is the description of a run, which other jobs do not depend on.
    return shared.presented(plan, "write_manifest", also=["fewstep/base/provenance.py"])


def write_tables_inputs(plan: "Plan") -> Files:
    return shared.made(plan) | _described(plan)


def write_tables_params(plan: "Plan") -> Params:
    return shared.presented(plan, "write_tables") | _published(plan)


def draw_figure_inputs(plan: "Plan", figure: str, dataset: str) -> Files:
    return shared.made(plan) | _drawn(plan, [dataset])


def draw_figure_params(plan: "Plan", figure: str, dataset: str) -> Params:
    # The script finds the figure's module by name, which the digest of its imports cannot see.
    module = "sample_grid" if figure.startswith(EDITS) else figure
    return shared.presented(plan, "draw_figure", also=[f"fewstep/report/figures/{module}.py"])


def write_page_inputs(plan: "Plan") -> Files:
    return shared.made(plan) | _drawn(plan, plan.datasets) | {"drawings": [*plan.figures(), *plan.tables()]}


def write_page_params(plan: "Plan") -> Params:
    templates = sorted((plan.root / "reports" / "templates").iterdir())
    return {
        **shared.presented(plan, "write_page"),
        **_published(plan),
        "templates": plan.digests.files("templates", templates),
        # The page shows what people answered and must not ask for it: nobody may have answered.
        "studies": plan.digests.files("studies", [path for path in plan.study_scores() if path.is_file()]),
    }


def check_inputs(plan: "Plan") -> Files:
    shipped = [plan.weights(network, "manifest") for network in plan.networks if network in plan.shipped]
    return {**shared.tables(plan), "zoo": shipped}


def check_params(plan: "Plan") -> Params:
    return {"baseline": str(plan.baseline)}


def baseline_inputs(plan: "Plan") -> Files:
    return shared.tables(plan)


baseline_params = check_params


def _described(plan: "Plan") -> Files:
    """What tables say beside scores and speeds."""
    return {
        "samples": _manifests(plan, plan.datasets),
        "searches": [path for dataset in plan.datasets for path in shared.searches(plan, dataset)],
    }


def _drawn(plan: "Plan", datasets: Iterable[str]) -> Files:
    """What figures of some data sets are drawn from beside scores and speeds."""
    networks = [network for network in plan.networks if network.dataset in datasets]
    return {
        "samples": _manifests(plan, datasets),
        "real": [plan.real(dataset) for dataset in datasets],
        "given": [plan.edit_images(dataset) for dataset in datasets if plan.edits(dataset)],
        "searches": [path for dataset in datasets for path in shared.searches(plan, dataset)],
        "losses": [plan.weights(network, "losses") for network in networks],
        "snapshots": [plan.weights(network, "snapshots") for network in networks],
    }


def _manifests(plan: "Plan", datasets: Iterable[str]) -> list[Path]:
    """Of all images that methods made for the report to show: of samples, and of edits."""
    return [
        path
        for dataset in datasets
        for kind in plan.kinds(dataset)
        if kind != LABELLED
        for method in plan.methods(dataset, kind)
        for path in plan.samples(dataset, kind, method)
    ]


def _published(plan: "Plan") -> Params:
    """Digest of what papers report."""
    return {"published": plan.digests.files("published", [plan.root / "reports" / "published.csv"])}
