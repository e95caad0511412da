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

from fewstep import cards, zoo
from fewstep import config as profiles
from fewstep.codehash import code_hash
from fewstep.devices import gpus_wanted
from fewstep.editing import names as editing
from fewstep.errors import FewstepError
from fewstep.hooks import HOOK, evaluates, requests
from fewstep.report.names import FIGURES, PAIRED_FIGURES, SEARCH_FIGURES, figures_of, searched, tables_of

try:
    CARDS = cards.discover(ROOT / "methods")
    PROFILE = profiles.load(config, CARDS)
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
    recipe=r"[a-z0-9][a-z0-9_.-]*",
    variant=r"[a-z0-9][a-z0-9_.-]*",
    figure="|".join(FIGURES + PAIRED_FIGURES + SEARCH_FIGURES),


def code(script, methods=None, also=(), without=()):
    """Digest of the code that a script runs: its own, functions of methods by name of the method, modules it finds by name.

    Other versions of the arithmetic are other code: the digest ends in those of torch and numpy. Modules `without` do not
    count.
    """
    digest = code_hash(
        ROOT / "workflow" / "scripts" / f"{script}.py",
        *((ROOT / "methods" / method / "method.py", functions) for method, functions in (methods or {}).items()),
        *(ROOT / "workflow" / path for path in also),
        without=[ROOT / "workflow" / path for path in without],
    )
    return f"{digest} {ARITHMETIC}"
