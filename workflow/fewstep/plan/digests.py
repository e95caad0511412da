"""Digests that jobs carry: of the code that they run, and of files that Snakemake keeps no track of."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fewstep import cards as method_cards
from fewstep import zoo
from fewstep.cards import Network
from fewstep.codehash import code_hash
from fewstep.data.sources import source_files
from fewstep.files import sha256_file
from fewstep.sample_files import files as sample_files
from fewstep.stamps import stamp

# Digests are kept beside Snakemake's own records, so that files are read again only when they change.
STAMPS = Path(".snakemake") / "fewstep_stamps.json"


class Digests:
    """Digests of one profile's jobs.

    What the user and the project bring is no `input` of a rule, since Snakemake would go by the time stamp: it is a
    parameter, a digest of the bytes.
    """

    def __init__(self, root: Path, cards: Mapping[str, Mapping[str, Any]], profile: str):
        self.root, self.cards, self.profile = root, cards, profile
        self._known: dict[tuple, str] = {}

    @cached_property
    def arithmetic(self) -> str:
        """Other versions of what computes are other code."""
        return f"torch {version('torch')} numpy {version('numpy')}"

    def code(
        self,
        script: str,
        methods: Mapping[str, Iterable[str]] | None = None,
        also: Iterable[str] = (),
        without: Iterable[str] = (),
    ) -> str:
        """Digest of the code that a script runs.

        Args:
            script: workflow/scripts/<script>.py, or a file of the library (fewstep/....py).
            methods: functions that it calls of methods, by name of the method. Files that the method's card names count
                like code.
            also, without: files of the library that it finds by name, and that do not count.
        """
        methods = {name: tuple(functions) for name, functions in (methods or {}).items()}
        key = (script, tuple(methods.items()), tuple(also), tuple(without))
        if key not in self._known:
            self._known[key] = self._code(*key)
        return self._known[key]

    def _code(self, script: str, methods: tuple, also: tuple, without: tuple) -> str:
        workflow = self.root / "workflow"
        folders = {name: self.root / "methods" / name for name, _ in methods}
        digest = code_hash(
            workflow / (script if script.endswith(".py") else f"scripts/{script}.py"),
            *((folders[name] / "method.py", list(functions)) for name, functions in methods),
            *(workflow / path for path in also),
            without=[workflow / path for path in without],
        )
        named = [file for name in folders for file in method_cards.files_of(self.cards[name], folders[name])]
        return " ".join([digest, *map(sha256_file, named), self.arithmetic])

    def files(self, name: str, files: Iterable[str | Path]) -> str:
        """Digest of files, by their paths; `name` keeps it apart from other digests."""
        return stamp({str(path): path for path in files}, STAMPS, f"{self.profile} {name}")

    def samples(self, name: str, path: str | Path) -> str:
        """Digest of a sample set that someone else made."""
        return stamp(sample_files(path), STAMPS, f"{self.profile} samples {name}")

    def weights(self, name: str, weights: str | Path) -> str:
        """Digest of a file of weights and of the manifest beside it."""
        return self.files(name, [weights, Path(weights).with_suffix(".json")])

    def source(self, dataset: str, section: Mapping[str, Any]) -> str:
        """Digest of the real images' files: other images remake everything."""
        return stamp(source_files(section), STAMPS, f"{self.profile} source {dataset}")

    def zoo(self, network: Network) -> str:
        """Digest of the files that ship with a network."""
        name = f"zoo {'/'.join(map(str, network))}"
        return self.files(name, zoo.files(network, self.root / "methods").values())
