"""The cell: one setting of one method for one task, and where its images lie. No torch is imported."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from fewstep.plan.imports import seeds_of

GENERATE = "generate"  # images from noise, with labels where the data has some
ENLARGE = "enlarge"  # image i is made from test image i, reduced: the samples of a super-resolution data set
LABELLED = "labelled"  # image i has the label of training image i: what classifiers learn from
EDIT = "edit"  # image i is made from what is known of test image i; the task's full name is edit/<name>
EVALUATE = "evaluate"  # no images: scores that a method gives itself
DATA, ALL = "data", "all"  # in place of a method: real images; the samples of every method
IMPORTED = "imported"  # in place of a variant: samples that someone else made; their label stands in place of a method
KINDS = (GENERATE, ENLARGE, LABELLED, EDIT)  # of tasks that make images


class Cell(NamedTuple):
    """What is sampled, scored and timed as one.

    Attributes:
        task: GENERATE, ENLARGE, LABELLED, or `edit/<name>` with a name of fewstep.plan.edit_names.TASKS.
        nfe: network evaluations per image.
        training_seed: of the network.
        seed: of the sampling.
    """

    dataset: str
    task: str
    method: str
    variant: str
    nfe: int
    training_seed: int
    seed: int

    @property
    def kind(self) -> str:
        """The task without its name: what folders and rules are called after."""
        return kind_of(self.task)

    @property
    def edit(self) -> str | None:
        """The name of an editing task, None of any other."""
        return edit_of(self.task)

    @property
    def setting(self) -> "Cell":
        """The cell without its seeds (0): what several seeds are samples of."""
        return self._replace(training_seed=0, seed=0)

    @property
    def folder(self) -> Path:
        """Where the shards lie, below the folder of the data set, the kind of task and the method."""
        setting = Path(self.edit or "") / self.variant / f"nfe{self.nfe:04d}"
        return setting / f"training{self.training_seed}" / f"seed{self.seed}"

    @property
    def name(self) -> str:
        """What messages call it."""
        edit = f" {self.edit}" if self.edit else ""
        training = f" training {self.training_seed}" if self.training_seed else ""
        return f"{self.method}/{self.variant}{edit} NFE {self.nfe}{training} seed {self.seed}"


def kind_of(task: str) -> str:
    """`edit` for `edit/<name>`, the task itself for any other."""
    return task.partition("/")[0]


def edit_of(task: str) -> str | None:
    """The name of an editing task, None of any other."""
    return task.partition("/")[2] or None


def comparison(name: str) -> tuple[str, str]:
    """Method and variant of `method/variant`, as a profile names what it compares."""
    method, _, variant = name.partition("/")
    return method, variant


def cells_of(profile: Mapping[str, Any]) -> Iterator[Cell]:
    """Every cell of a loaded profile, in its order: samples, samples of others, labelled samples, edits."""
    for dataset, section in profile["datasets"].items():
        task = ENLARGE if section["low_resolution"] else GENERATE
        seeds = section["samples"]["seeds"]
        yield from _expanded(profile, dataset, task, section["compare"], seeds)
        for label, imported in section["imports"].items():
            nfe, count = imported["nfe"] or 0, len(seeds_of(imported))
            yield from (Cell(dataset, GENERATE, label, IMPORTED, nfe, 0, seed) for seed in range(count))
        labelled = section.get("accuracy_score", {"compare": {}})["compare"]
        yield from _expanded(profile, dataset, LABELLED, labelled, seeds[:1])
        for name, tasks in section["edits"]["compare"].items():
            for edit, nfes in tasks.items():
                yield from _expanded(profile, dataset, f"{EDIT}/{edit}", {name: nfes}, section["edits"]["seeds"])


def training_seeds(profile: Mapping[str, Any], dataset: str, method: str) -> list[int]:
    """The seeds that each recipe of a method is trained with on a data set."""
    return profile["datasets"][dataset]["training_seeds"].get(method, profile["training_seeds"])


def _expanded(
    profile: Mapping[str, Any], dataset: str, task: str, compare: Mapping[str, Iterable[int]], seeds: Iterable[int]
) -> Iterator[Cell]:
    for name, nfes in compare.items():
        method, variant = comparison(name)
        for nfe in nfes:
            for training_seed in training_seeds(profile, dataset, method):
                yield from (Cell(dataset, task, method, variant, nfe, training_seed, seed) for seed in seeds)
