# The validated profile, the cards, and digests of the code that jobs run.
import os
import re
import sys
from importlib.metadata import version
from pathlib import Path

# Relative, since paths of inputs are recorded: a run that is moved with its folder stays up to date.
ROOT = Path(os.path.relpath(workflow.basedir))
LIBRARY = str(ROOT.resolve() / "workflow")
sys.path.insert(0, LIBRARY)
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [LIBRARY, os.environ.get("PYTHONPATH")])))

from fewstep import cards, limits, shapes, zoo
from fewstep import config as profiles
from fewstep.codehash import code_hash
from fewstep.devices import gpus_wanted
from fewstep.editing import names as editing
from fewstep.errors import FewstepError
from fewstep.files import sha256_file
from fewstep.hooks import HOOK, evaluates, requests
from fewstep.report.names import FIGURES, PAIRED_FIGURES, SEARCH_FIGURES, figures_of, searched, tables_of
from fewstep.strict_yaml import read_yaml

try:
    # Snakemake has read the profile already, and takes of two equal keys the last: what is wrong shows in the files alone.
    for file in workflow.configfiles:
        read_yaml(min(os.path.relpath(file), str(file), key=len))
    CARDS = cards.discover(ROOT / "methods")
    PROFILE = profiles.load(config, CARDS)
    CARDS = shapes.fitted(CARDS, PROFILE["datasets"])
    limits.check_known(PROFILE)
    # Networks that the zoo has just as the cards and the profile ask for them; any other is trained.
    SHIPPED = zoo.shipped(CARDS, PROFILE)
except FewstepError as error:
    sys.exit(f"fewstep: {error}")

DATASETS = PROFILE["datasets"]
CELLS = profiles.cells(PROFILE)
RESULTS = Path("results") / PROFILE["profile"]
REPORTS = Path("reports") / PROFILE["profile"]
GPU = gpus_wanted(PROFILE["device"])
ARITHMETIC = f"torch {version('torch')} numpy {version('numpy')}"
# Two trainings of one thread each finish sooner than one after the other with two.
HALF = max(1, (workflow.cores or 1) // 2)


wildcard_constraints:
    dataset="|".join(map(re.escape, DATASETS)),
    method="|".join(map(re.escape, CARDS)),
    recipe=r"[a-z0-9][a-z0-9_-]*",
    variant=r"[a-z0-9][a-z0-9_-]*",
    figure="|".join(FIGURES + PAIRED_FIGURES + SEARCH_FIGURES),


def code(script, methods=None, also=(), without=()):
    """Digest of the code that a script runs: its own, functions of methods by name of the method, modules it finds by name.

    Files that the cards of these methods name count like code.
    Other versions of the arithmetic are other code: the digest ends in those of torch and numpy. Modules `without` do not
    count.
    """
    digest = code_hash(
        ROOT / "workflow" / "scripts" / f"{script}.py",
        *((ROOT / "methods" / method / "method.py", functions) for method, functions in (methods or {}).items()),
        *(ROOT / "workflow" / path for path in also),
        without=[ROOT / "workflow" / path for path in without],
    )
    named = [file for method in methods or () for file in cards.files_of(CARDS[method], ROOT / "methods" / method)]
    return " ".join([digest, *map(sha256_file, named), ARITHMETIC])
