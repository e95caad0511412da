"""Digests that jobs carry: of the code that they run, and of files that Snakemake keeps no track of."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fewstep.base.codehash import job_code
from fewstep.base.files import sha256_file
from fewstep.base.stamps import stamp
from fewstep.data.sources import source_files
from fewstep.images.sample_files import files as sample_files
from fewstep.plan import cards as method_cards
from fewstep.plan import zoo
from fewstep.plan.cards import Network
from fewstep.plan.code_digests import CodeDigests

# Digests are kept beside Snakemake's own records, so that files are read again only when they change.
STAMPS = Path(".snakemake") / "fewstep_stamps.json"
CODE = Path(".snakemake") / "fewstep_code.json"


class Digests:
    """Digests of one profile's jobs.

    What the user and the project bring is no `input` of a rule, since Snakemake would go by the time stamp: it is a
    parameter, a digest of the bytes.
    """

    def __init__(self, root: Path, cards: Mapping[str, Mapping[str, Any]], profile: str):
        self.root, self.cards, self.profile = root, cards, profile
        self._code = CodeDigests(CODE, [root / "workflow", root / "methods"])

    def code(self, script: str, methods: Mapping[str, Iterable[str]] | None = None, also: Iterable[str] = ()) -> str:
        """The code of a job (fewstep.base.codehash.job_code); files that its methods' cards name count like code."""
        folder, named = self.root / "methods", []
        for method in methods or ():
            named += method_cards.files_of(self.cards[method], folder / method)
        key = [script, {name: list(called) for name, called in (methods or {}).items()}, list(also)]
        digest = self._code.get(key, lambda: job_code(self.root, script, methods, also))
        return " ".join([digest, *map(sha256_file, named)])

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
