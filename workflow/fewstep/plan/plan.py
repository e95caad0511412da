"""The plan of a run: profile and cards in, and out come cells, networks, paths, and what each rule reads.

Rules, scripts, report and tests ask the plan; nobody plans a second time. No torch is imported.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from fewstep.base.devices import gpus_wanted
from fewstep.plan import cards as method_cards
from fewstep.plan import limits, presented, rules, shapes, zoo
from fewstep.plan import profile as config
from fewstep.plan.cards import Network
from fewstep.plan.cells import (
    ALL,
    EDIT,
    ENLARGE,
    GENERATE,
    IMPORTED,
    LABELLED,
    Cell,
    cells_of,
    comparison,
    training_seeds,
)
from fewstep.plan.digests import Digests
from fewstep.plan.edit_names import TASKS
from fewstep.plan.hooks import HOOK, evaluates
from fewstep.plan.paths import Paths

Wildcards = Mapping[str, str]


class Plan(Paths):
    """What one profile asks for.

    Attributes:
        profile: the profile with its defaults.
        cards: cards by method name.
        root: folder of the project; paths are relative to the folder that Snakemake runs in.
        shipped: networks that the zoo has as the cards and the profile ask for them; any other is trained.
    """

    def __init__(self, raw: Mapping[str, Any], root: Path = Path()):
        """Check a profile as YAML gave it, against the cards below `root`.

        Raises:
            FewstepError: the profile or a card is wrong; one sentence that names the key or the file.
        """
        self.root = root
        cards = method_cards.discover(root / "methods")
        self.profile = config.load(raw, cards)
        self.cards = shapes.fitted(cards, self.datasets)
        limits.check_known(self.profile)
        self.shipped = frozenset(zoo.shipped(self.cards, self.profile, root / "methods"))
        self.digests = Digests(root, self.cards, self.profile["profile"])

    # Names

    @property
    def datasets(self) -> Mapping[str, Mapping[str, Any]]:
        """The data sets' sections of the profile."""
        return self.profile["datasets"]

    @property
    def results(self) -> Path:
        return Path("results") / self.profile["profile"]

    @property
    def reports(self) -> Path:
        return Path("reports") / self.profile["profile"]

    @property
    def gpus(self) -> int:
        """GPUs that a job asks for."""
        return gpus_wanted(self.profile["device"])

    def imports(self, dataset: str) -> Mapping[str, Mapping[str, Any]]:
        """Samples that someone else made, by the label that stands in place of a method."""
        return self.datasets[dataset]["imports"]

    @property
    def labels(self) -> list[str]:
        """The labels of all samples that someone else made."""
        return sorted({label for dataset in self.datasets for label in self.imports(dataset)})

    def is_whole(self, dataset: str) -> bool:
        """Whether the real images are one set: no network is trained, and no image is held out."""
        return self.datasets[dataset]["scores"]["reference_split"] == ALL

    # Cells

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell of the profile, in its order."""
        return tuple(cells_of(self.profile))

    def training_seeds(self, dataset: str, method: str) -> list[int]:
        """The seeds that each recipe of a method is trained with."""
        return training_seeds(self.profile, dataset, method)

    def cells_of(self, dataset: str, kind: str, method: str | None = None) -> list[Cell]:
        """The cells of a kind of task, of one method or of all."""
        return [c for c in self.cells if (c.dataset, c.kind) == (dataset, kind) and method in (None, c.method)]

    def cells_under(self, dataset: str, part: str) -> list[Cell]:
        """The cells that an optional section (`fool_rate`, `study`) names, among the samples of the data set."""
        named = {
            (*comparison(name), nfe)
            for name, nfes in self.datasets[dataset].get(part, {"compare": {}})["compare"].items()
            for nfe in nfes
        }
        samples = self.cells_of(dataset, self.samples_task(dataset))
        return [cell for cell in samples if (cell.method, cell.variant, cell.nfe) in named]

    def samples_task(self, dataset: str) -> str:
        """ENLARGE on a super-resolution data set, GENERATE on any other."""
        return ENLARGE if self.datasets[dataset]["low_resolution"] else GENERATE

    def methods(self, dataset: str, kind: str | None = None) -> list[str]:
        """Methods with cells of a kind of task (of samples unless given), sorted."""
        return sorted({cell.method for cell in self.cells_of(dataset, kind or self.samples_task(dataset))})

    def kinds(self, dataset: str) -> list[str]:
        """Kinds of tasks with cells, in the order of the profile."""
        return list(dict.fromkeys(cell.kind for cell in self.cells if cell.dataset == dataset))

    def edits(self, dataset: str) -> list[str]:
        """Names of the editing tasks of a data set, in the order of fewstep.plan.edit_names.TASKS."""
        names = {cell.edit for cell in self.cells_of(dataset, EDIT)}
        return [name for name in TASKS if name in names]

    def timed(self, dataset: str) -> list[Cell]:
        """The cells that are timed, by method: of several seeds the first. All trainings of a network are as fast."""
        cells = [c for c in self.cells if c.dataset == dataset and c.kind != LABELLED and c.variant != IMPORTED]
        first = {cell.setting: cell for cell in reversed(cells)}
        return sorted(reversed(first.values()), key=lambda cell: cell.method)

    def evaluates_cells(self, method: str) -> bool:
        """Whether a method's own scores depend on how its network is sampled."""
        return self.cards[method].get(HOOK, {}).get("each") == "cell"

    def evaluated(self) -> list[tuple[str, str]]:
        """(dataset, method) of the compared methods that score themselves."""
        folder = self.root / "methods"
        return [(d, m) for d in self.datasets for m in self.methods(d) if m in self.cards and evaluates(m, folder)]

    def searched(self, dataset: str, method: str | None = None) -> list[tuple[str, str]]:
        """(method, variant) of the compared variants whose sampling settings are searched, sorted."""
        cells = self.cells_of(dataset, self.samples_task(dataset), method)
        pairs = {(c.method, c.variant) for c in cells if c.variant != IMPORTED}
        return sorted((m, v) for m, v in pairs if self.cards[m]["variants"][v].get("search"))

    # Parts: the ranges of images that a job makes

    def count(self, dataset: str, kind: str) -> int | None:
        """Images of each cell; None where the real images say how many, one for each."""
        if kind == LABELLED:
            return None
        return self.datasets[dataset]["edits" if kind == EDIT else "samples"]["count"]

    def parts(self, dataset: str, kind: str) -> list[str]:
        """Names of the parts of a method's cells: the index of the first image, with six digits or more."""
        size, count = self.datasets[dataset]["samples"]["images_per_job"], self.count(dataset, kind)
        return [f"{start:06d}" for start in (range(0, count, size) if size and count else [0])]

    # Networks

    def recipe(self, network: Network) -> Mapping[str, Any]:
        """What the card says of a network."""
        return method_cards.recipe(self.cards[network.method], network.dataset, network.recipe)

    def network(self, cell: Cell) -> Network:
        """The network that a cell is made with."""
        recipe = self.cards[cell.method]["variants"][cell.variant]["recipe"]
        return Network(cell.dataset, cell.method, recipe, cell.training_seed)

    def networks_of(self, cells: Iterable[Cell]) -> list[Network]:
        """The networks of cells, sorted and distinct."""
        return sorted({self.network(cell) for cell in cells if cell.variant != IMPORTED})

    @cached_property
    def sampled(self) -> list[Network]:
        """Every network that this run samples."""
        return self.networks_of(self.cells)

    @cached_property
    def networks(self) -> list[Network]:
        """Every network that this run samples, and the networks that these are trained from."""
        return method_cards.needed(self.cards, self.sampled, self.shipped)

    @property
    def shippable(self) -> list[Network]:
        """The sampled networks that can become part of the zoo, which has one training of each: that of seed 0."""
        return [network for network in self.sampled if network.training_seed == 0]

    def searched_network(self, dataset: str, method: str, variant: str) -> Network:
        """The network whose sampling settings are searched: of several trainings the first."""
        recipe = self.cards[method]["variants"][variant]["recipe"]
        return Network(dataset, method, recipe, self.training_seeds(dataset, method)[0])

    # What rules ask for

    def inputs(self, rule: str) -> Callable[[Wildcards], dict[str, Any]]:
        """A function of a rule's wildcards that gives its input files by name."""
        found = rules.inputs(rule)
        return lambda wildcards: found(self, **dict(wildcards))

    def params(self, rule: str) -> Callable[[Wildcards], dict[str, Any]]:
        """A function of a rule's wildcards that gives all that its result depends on beside its input files."""
        found = rules.params(rule)
        return lambda wildcards: found(self, **dict(wildcards))

    # Outputs and wildcards

    def network_files(self, *wildcards: str) -> dict[str, str]:
        """The files of a network, by kind, with wildcards for its names."""
        return {kind: str(path) for kind, path in zoo.run_files(Network(*wildcards), self.results).items()}

    def shipped_pattern(self, is_shipped: bool) -> str:
        """A regular expression of data sets, that only matches before a network that ships (or that does not).

        A path that two rules could make goes to one of them by a look ahead from where the data set's name begins.
        """
        return f"(?{'=' if is_shipped else '!'}{zoo.path_pattern(self.shipped)})(?:{self.pattern(self.datasets)})"

    def figure_pattern(self) -> str:
        """A regular expression of the names of all figures."""
        return self.pattern({name for dataset in self.datasets for name in presented.figures_of(self, dataset)})

    def of_studies(self, pattern: str) -> Callable[[Wildcards], list[str]]:
        """A function that gives `pattern` for every study, and stops where the profile has none."""

        def files(wildcards: Wildcards) -> list[str]:
            studies = [dataset for dataset, section in self.datasets.items() if "study" in section]
            if not studies:
                raise SystemExit(
                    "fewstep: datasets: no data set of this profile has a study section (see config/README.md)."
                )
            return [str(pattern).format(dataset=dataset) for dataset in studies]

        return files

    def pattern(self, names: Iterable[str]) -> str:
        """A regular expression of these names and of no others."""
        return "|".join(map(re.escape, sorted(names))) or "(?!)"
