"""What the report reads of a run."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from fewstep.cards import discover
from fewstep.config import cells, load
from fewstep.files import read_json
from fewstep.report.style import Style
from fewstep.report.summary import Summary, summarise
from fewstep.results import read_results, read_speed


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

    def samples(self, dataset: str, method: str, variant: str, nfe: int) -> Path:
        """Folder of the sample shards of one cell, of the profile's first seed."""
        seed = self.config["datasets"][dataset]["samples"]["seeds"][0]
        return self.folder / "samples" / dataset / method / variant / f"nfe{nfe:04d}" / f"seed{seed}"

    def grid_columns(self, dataset: str) -> int:
        """How many samples of a cell are shown."""
        return self.config["datasets"][dataset]["report"]["grid_columns"]

    def logs(self, dataset: str) -> list[tuple[str, str, Path]]:
        """(method, recipe, path) of the training logs, sorted."""
        paths = sorted((self.folder / "weights" / dataset).glob("*/*.log.csv"))
        return [(path.parent.name, path.name.removesuffix(".log.csv"), path) for path in paths]


def open_run(folder: str | Path, profile: Mapping[str, Any]) -> Run:
    """The run in results/<profile>, with the cards of methods/; `profile` is the profile as YAML gave it."""
    cards = discover()
    return Run(Path(folder), cards, load(profile, cards))


def machines(folder: Path) -> dict[str, str]:
    """What hardware ids stand for, from the provenance records of a run."""
    found = {}
    for path in sorted((folder / "provenance").glob("*.json")):
        parts = read_json(path)["hardware"]
        found[parts["id"]] = ", ".join(str(p) for p in (parts["gpu"], parts["cpu"], f"{parts['cores']} cores") if p)
    return found
