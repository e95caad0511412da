"""What the report reads of a run: the two tables, the manifest, and the files of each data set that it shows."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json
from fewstep.base.folders import ROOT
from fewstep.plan import edit_names as editing
from fewstep.plan.cells import ALL, EDIT, IMPORTED, LABELLED
from fewstep.plan.plan import Plan
from fewstep.plan.presented import figures_of
from fewstep.report.style import Style
from fewstep.report.summary import Summary, summarise
from fewstep.results import views
from fewstep.results.tables import read_scores, read_speed
from fewstep.sampling.shards import Shards, read_manifests
from fewstep.study.outcome import Scores
from fewstep.study.outcome import read_scores as read_study

Setting = tuple[str, str, str, str, int]  # data set, task, method, variant, NFE
Trained = tuple[str, str, int]  # method, recipe, training seed


@dataclass(frozen=True)
class Files:
    """The files of one data set.

    Attributes:
        real: the real images that are shown (Plan.real).
        samples, edits: by method, the manifests of its samples and of its edited images.
        edit_inputs: what methods were given to edit, by task, and the true images.
        losses, snapshots: by network, the log of its training and the samples that were taken meanwhile.
        searches: by (method, variant), what `fewstep.scoring.search` found.
        figures: names of the data set's figures.
        study: folder with the scores of a study, where the profile asks for one.
    """

    real: Path
    samples: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    edits: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    edit_inputs: Path | None = None
    losses: Mapping[Trained, Path] = field(default_factory=dict)
    snapshots: Mapping[Trained, Path] = field(default_factory=dict)
    searches: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    figures: Sequence[str] = ()
    study: Path | None = None


@dataclass(frozen=True)
class Run:
    """A finished run. Nothing is read before it is asked for, and nothing but the files that are named here.

    Attributes:
        config: the loaded profile.
        cards: method cards by name; of samples that someone else made, what stands in place of one.
        settings: what the profile asks for; settings without a number appear as n/a.
        scores_csv, speed_csv, manifest_json: the two tables and the manifest.
        files: by data set.
    """

    config: Mapping[str, Any]
    cards: Mapping[str, dict]
    settings: Sequence[Setting]
    scores_csv: Path
    speed_csv: Path
    manifest_json: Path
    files: Mapping[str, Files]

    @property
    def profile(self) -> str:
        return self.config["profile"]

    @cached_property
    def scores(self) -> pd.DataFrame:
        return read_scores(self.scores_csv)

    @cached_property
    def speed(self) -> pd.DataFrame:
        return read_speed(self.speed_csv)

    @cached_property
    def manifest(self) -> dict:
        return read_json(self.manifest_json)

    @cached_property
    def machines(self) -> dict[str, str]:
        """What the hardware ids of speed.csv stand for, from the provenance records of the run."""
        found = {}
        for record in self.manifest.get("records", {}).values():
            parts = record["hardware"]
            found[parts["id"]] = ", ".join(str(p) for p in (parts["gpu"], parts["cpu"], f"{parts['cores']} cores") if p)
        return found

    @cached_property
    def summaries(self) -> dict[str, Summary]:
        """Summaries of generated and enlarged images, by data set."""
        wanted = [(d, m, v, nfe) for d, task, m, v, nfe in self.settings if task in (views.GENERATE, views.ENLARGE)]
        tables = map(views.of_samples, (self.scores, self.speed))
        return summarise(*tables, self.cards, wanted, self.machines)

    @cached_property
    def style(self) -> Style:
        methods = {m for s in self.summaries.values() for m in s.ranked.method}
        return Style(self.cards, methods)

    def study(self, dataset: str) -> Scores | None:
        """What people answered to the study of the profile, once it was scored."""
        folder = self.files[dataset].study
        return None if folder is None else read_study(folder)

    @property
    def imports(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """Samples that someone else made: by label, what the profile says of them on each data set."""
        found: dict[str, dict[str, Mapping[str, Any]]] = {}
        for dataset, section in self.config["datasets"].items():
            for label, imported in section["imports"].items():
                found.setdefault(label, {})[dataset] = imported
        return found

    def is_whole(self, dataset: str) -> bool:
        """Whether all real images are the reference: none is held out."""
        return self.config["datasets"][dataset]["scores"]["reference_split"] == ALL

    def shards(self, dataset: str, method: str, variant: str, nfe: int, edit: str | None = None) -> Shards:
        """The images of a setting's first training and first seed, of samples or of one editing task.

        Raises:
            FewstepError: no manifest names any: the images of a method must not silently be missing.
        """
        files = self.files[dataset]
        manifests = (files.samples if edit is None else files.edits).get(method, ())
        for shards in read_manifests(manifests):  # in the order of the profile
            if (shards.cell.variant, shards.cell.nfe, shards.cell.edit) == (variant, nfe, edit):
                return shards
        name = f"{method}/{variant}" + (f" {edit}" if edit else "")
        where = ", ".join(map(str, manifests)) or dataset
        raise FewstepError(f"{where}: there are no images of {name} at {nfe} NFE.")

    def stages(self, dataset: str) -> dict[tuple[str, str, int], dict[str, float]]:
        """Evaluations of each stage per image, by method, variant and NFE, of the cells with several stages."""
        made = (shards for manifests in self.files[dataset].samples.values() for shards in read_manifests(manifests))
        counted = {(s.cell.method, s.cell.variant, s.cell.nfe): s.facts["stage_nfe"] for s in made}
        return {cell: stages for cell, stages in counted.items() if len(stages) > 1}

    def edits(self, dataset: str) -> list[str]:
        """Names of the editing tasks that the profile asks for, in the order of fewstep.plan.edit_names."""
        wanted = {task for d, task, *_ in self.settings if d == dataset}
        return [name for name in editing.TASKS if views.EDIT + name in wanted]

    def grid_columns(self, dataset: str) -> int:
        """How many samples of a cell are shown."""
        return self.config["datasets"][dataset]["report"]["grid_columns"]

    def searches(self, dataset: str) -> list[tuple[str, str, dict]]:
        """(method, variant, what `fewstep.scoring.search` found by NFE) of the compared variants that are searched."""
        return [(m, v, read_json(path)) for (m, v), path in sorted(self.files[dataset].searches.items())]


def open_run(profile: Mapping[str, Any]) -> Run:
    """The run of a profile, as YAML gave it, with the cards of the project."""
    return run_of(Plan(profile, Path(os.path.relpath(ROOT))))


def run_of(plan: Plan) -> Run:
    """The run that a plan describes."""
    settings = dict.fromkeys((c.dataset, c.task, c.method, c.variant, c.nfe) for c in plan.cells if c.kind != LABELLED)
    tables = (plan.results / name for name in ("scores.csv", "speed.csv", "manifest.json"))
    files = {dataset: _files(plan, dataset) for dataset in plan.datasets}
    cards = {**plan.cards, **{label: _card(label) for label in plan.labels}}
    return Run(plan.profile, cards, list(settings), *tables, files)


def _card(label: str) -> dict[str, Any]:
    """What stands in place of a method's card where someone else made the samples: they are called by their label."""
    return {"title": label, "family": "samples of others", "variants": {IMPORTED: {"label": label}}}


def _files(plan: Plan, dataset: str) -> Files:
    """Where a run keeps what the report shows of a data set."""
    networks = [network for network in plan.networks if network.dataset == dataset]

    def manifests(kind: str) -> dict[str, list[Path]]:
        return {method: plan.samples(dataset, kind, method) for method in plan.methods(dataset, kind)}

    def of_networks(kind: str) -> dict[Trained, Path]:
        return {(n.method, n.recipe, n.training_seed): plan.weights(n, kind) for n in networks}

    return Files(
        real=plan.real(dataset),
        samples=manifests(plan.samples_task(dataset)),
        edits=manifests(EDIT),
        edit_inputs=plan.edit_images(dataset),
        losses=of_networks("losses"),
        snapshots=of_networks("snapshots"),
        searches={pair: plan.search(dataset, *pair) for pair in plan.searched(dataset)},
        figures=figures_of(plan, dataset),
        study=plan.study(dataset) if "study" in plan.datasets[dataset] else None,
    )
