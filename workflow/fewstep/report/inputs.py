"""What the report reads of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.cards import Network, discover, needed
from fewstep.config import cells, load
from fewstep.files import read_json
from fewstep.report.names import searched
from fewstep.report.style import Style
from fewstep.report.summary import Summary, summarise
from fewstep.results import read_classifiers, read_edits, read_extras, read_results, read_speed
from fewstep.shapes import fitted
from fewstep.study.scores import Scores, read_scores
from fewstep.zoo import run_files


@dataclass(frozen=True)
class Run:
    """A finished run.

    Attributes:
        folder: results/<profile>.
        cards: method cards by name.
        config: the loaded profile; cells that it asks for and that have no number appear as n/a.
    """

    folder: Path
    cards: Mapping[str, dict]
    config: Mapping[str, Any]

    @property
    def profile(self) -> str:
        return self.config["profile"]

    @cached_property
    def results(self) -> pd.DataFrame:
        return read_results(self.folder / "results.csv")

    @cached_property
    def speed_table(self) -> pd.DataFrame:
        return read_speed(self.folder / "speed.csv")

    @cached_property
    def extras(self) -> pd.DataFrame:
        return read_extras(self.folder / "extras.csv")

    @cached_property
    def edits(self) -> pd.DataFrame:
        return read_edits(self.folder / "edits.csv")

    @cached_property
    def classifiers(self) -> pd.DataFrame:
        return read_classifiers(self.folder / "classifiers.csv")

    @cached_property
    def summaries(self) -> dict[str, Summary]:
        """Summaries by data set."""
        return summarise(self.results, self.speed_table, self.cards, cells(self.config), machines(self.folder))

    @cached_property
    def style(self) -> Style:
        methods = {m for s in self.summaries.values() for m in s.ranked.method}
        return Style(self.cards, methods)

    @cached_property
    def manifest(self) -> dict:
        return read_json(self.folder / "manifest.json")

    def study(self, dataset: str) -> Scores | None:
        """What people answered to the study of the profile, once it was scored."""
        asked = "study" in self.config["datasets"][dataset]
        return read_scores(self.folder / "study" / dataset) if asked else None

    def samples(self, dataset: str, method: str, variant: str, nfe: int) -> Path:
        """Folder of the sample shards of one cell, of the profile's first seed."""
        seed = self.config["datasets"][dataset]["samples"]["seeds"][0]
        return self.folder / "samples" / dataset / method / variant / f"nfe{nfe:04d}" / f"seed{seed}"

    def stages(self, dataset: str) -> dict[tuple[str, str, int], dict[str, float]]:
        """Evaluations of each stage per image, by method, variant and NFE, of the cells with several stages."""
        manifests = sorted((self.folder / "samples" / dataset).glob("*.json"))
        made = ((path.stem, cell) for path in manifests for cell in read_json(path)["cells"])
        return {(m, c["variant"], c["nfe"]): c["stage_nfe"] for m, c in made if len(c["stage_nfe"]) > 1}

    def edits_asked(self, dataset: str) -> Mapping[str, Mapping[str, list[int]]]:
        """NFE settings by method/variant and task."""
        return self.config["datasets"][dataset]["edits"]["compare"]

    def edited(self, dataset: str, method: str, variant: str, task: str, nfe: int) -> Path:
        """Folder of the shards of one cell's edited images, of the first seed."""
        seed = self.config["datasets"][dataset]["edits"]["seeds"][0]
        return self.folder / "edits" / dataset / method / task / variant / f"nfe{nfe:04d}" / f"seed{seed}"

    def edit_inputs(self, dataset: str) -> Path:
        """What methods were given to edit, by task, and the true images."""
        return self.folder / "edits" / dataset / "inputs" / "images.npz"

    def grid_columns(self, dataset: str) -> int:
        """How many samples of a cell are shown."""
        return self.config["datasets"][dataset]["report"]["grid_columns"]

    def logs(self, dataset: str) -> list[tuple[str, str, Path]]:
        """(method, recipe, path) of the training logs, sorted."""
        return self._of_networks(dataset, "losses")

    def snapshots(self, dataset: str) -> list[tuple[str, str, Path]]:
        """(method, recipe, path) of the samples taken during training, sorted."""
        return self._of_networks(dataset, "snapshots")

    def searches(self, dataset: str) -> list[tuple[str, str, dict]]:
        """(method, variant, what `fewstep.search` found by NFE) of the compared variants that are searched."""
        folder, section = self.folder / "search" / dataset, self.config["datasets"][dataset]
        return [(m, v, read_json(folder / f"{m}.{v}.json")) for m, v in searched(section, self.cards)]

    def _of_networks(self, dataset: str, kind: str) -> list[tuple[str, str, Path]]:
        """Files of the networks that the profile takes; what earlier profiles left beside them does not count."""
        asked = [cell for cell in cells(self.config) if cell.dataset == dataset]
        sampled = [Network(dataset, c.method, self.cards[c.method]["variants"][c.variant]["recipe"]) for c in asked]
        paths = {network: run_files(network, self.folder)[kind] for network in needed(self.cards, sampled, ())}
        return [(network.method, network.recipe, path) for network, path in paths.items() if path.exists()]


def open_run(folder: str | Path, profile: Mapping[str, Any]) -> Run:
    """The run in results/<profile>, with the cards of methods/; `profile` is the profile as YAML gave it."""
    cards = discover()
    config = load(profile, cards)
    return Run(Path(folder), fitted(cards, config["datasets"]), config)


def machines(folder: Path) -> dict[str, str]:
    """What hardware ids stand for, from the provenance records of a run."""
    found = {}
    for path in sorted((folder / "provenance").glob("*.json")):
        parts = read_json(path)["hardware"]
        found[parts["id"]] = ", ".join(str(p) for p in (parts["gpu"], parts["cpu"], f"{parts['cores']} cores") if p)
    return found
