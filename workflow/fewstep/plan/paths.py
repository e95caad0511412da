"""Where a run keeps everything, by what the plan says of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from fewstep.plan import presented, zoo
from fewstep.plan.cards import Network
from fewstep.plan.cells import ALL

if TYPE_CHECKING:
    from fewstep.plan.plan import Plan

ANSWER_SUFFIXES = (".json", ".csv")  # of the files that raters send back


class Paths:
    """The paths of a plan, relative to the folder that Snakemake runs in."""

    def data(self: "Plan", dataset: str, name: str) -> Path:
        """A file of the prepared data set: train.npz, test.npz, card.json."""
        return self.results / "data" / dataset / name

    def real(self: "Plan", dataset: str) -> Path:
        """The real images that the report shows: held-out ones, where there are some."""
        return self.data(dataset, f"{ALL if self.is_whole(dataset) else 'test'}.npz")

    def rotnet(self: "Plan", dataset: str) -> Path:
        """Weights of the extractor that is trained on the reference, where the profile asks for it."""
        return self.results / "extractors" / f"rotnet-{dataset}.safetensors"

    def weights(self: "Plan", network: Network, kind: str = "weights") -> Path:
        """A network's weights, manifest, losses or snapshots."""
        return zoo.run_files(network, self.results)[kind]

    def search(self: "Plan", dataset: str, method: str, variant: str) -> Path:
        return self.results / "search" / dataset / f"{method}.{variant}.json"

    def reference(self: "Plan", dataset: str, kind: str) -> Path:
        """The reference of a kind of task: edited images are compared with other real images than samples."""
        return self.results / "reference" / dataset / f"{kind}.npz"

    def samples(self: "Plan", dataset: str, kind: str, method: str) -> list[Path]:
        """Manifests of the parts of a method's cells."""
        folder, is_imported = self.results / "samples" / dataset / kind / method, method in self.imports(dataset)
        return [folder / f"{part}.json" for part in (["000000"] if is_imported else self.parts(dataset, kind))]

    def scores(self: "Plan", dataset: str, kind: str, method: str) -> Path:
        return self.results / "scores" / dataset / kind / f"{method}.csv"

    def edit_images(self: "Plan", dataset: str) -> Path:
        """What methods are given to edit, by task, and the true images."""
        return self.results / "reference" / dataset / "edit_inputs.npz"

    def study(self: "Plan", dataset: str) -> Path:
        """Folder of a study's keys, answers and scores."""
        return self.results / "study" / dataset

    def study_scores(self: "Plan") -> list[Path]:
        """Tables of what people answered, which are there once studies were scored."""
        studies = [dataset for dataset, section in self.datasets.items() if "study" in section]
        return [self.study(dataset) / f"{table}.csv" for dataset in studies for table in ("rates", "raters")]

    def answers_folder(self: "Plan", dataset: str) -> Path:
        """Where the answers of a study are looked for."""
        return Path(self.datasets[dataset]["study"]["answers"] or self.study(dataset) / "answers")

    def answers(self: "Plan", dataset: str) -> list[Path]:
        """The answers that are there: one more scores the study again."""
        return sorted(path for path in self.answers_folder(dataset).glob("*") if path.suffix in ANSWER_SUFFIXES)

    @property
    def baseline(self: "Plan") -> Path:
        return Path("results") / "baselines" / f"{self.profile['profile']}.json"

    def figures(self: "Plan") -> list[Path]:
        """Every figure of the report, in every format."""
        return [
            self.reports / "figures" / f"{figure}_{dataset}{extension}"
            for dataset in self.datasets
            for figure in presented.figures_of(self, dataset)
            for extension in presented.EXTENSIONS
        ]

    def tables(self: "Plan") -> list[Path]:
        """Every table of the report, in every format."""
        return [
            self.reports / "tables" / f"{table}_{dataset}{extension}"
            for dataset in self.datasets
            for table in presented.tables_of(self, dataset)
            for extension in presented.FORMATS
        ]
