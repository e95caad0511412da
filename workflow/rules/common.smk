# The validated profile, the cards, and digests of the code that jobs run.
import os
import re
import sys
from pathlib import Path

# Relative, since paths of inputs are recorded: a run that is moved with its folder stays up to date.
ROOT = Path(os.path.relpath(workflow.basedir))
LIBRARY = str(ROOT.resolve() / "workflow")
sys.path.insert(0, LIBRARY)
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [LIBRARY, os.environ.get("PYTHONPATH")])))

from fewstep import cards, limits, zoo
from fewstep import config as profiles
from fewstep.codehash import job_code
from fewstep.devices import gpus_wanted
from fewstep.editing import names as editing
from fewstep.errors import FewstepError
from fewstep.hooks import HOOK, evaluates, requests
from fewstep.report.names import FIGURES, PAIRED_FIGURES, SEARCH_FIGURES, figures_of, searched, tables_of
from fewstep.strict_yaml import read_yaml

try:
    # Snakemake has read the profile already, and takes of two equal keys the last: what is wrong shows in the files alone.
    for file in workflow.configfiles:
        read_yaml(min(os.path.relpath(file), str(file), key=len))
    CARDS = cards.discover(ROOT / "methods")
    PROFILE = profiles.load(config, CARDS)
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
# Two trainings of one thread each finish sooner than one after the other with two.
HALF = max(1, (workflow.cores or 1) // 2)


wildcard_constraints:
    dataset="|".join(map(re.escape, DATASETS)),
    method="|".join(map(re.escape, CARDS)),
    recipe=r"[a-z0-9][a-z0-9_-]*",
    variant=r"[a-z0-9][a-z0-9_-]*",
    figure="|".join(FIGURES + PAIRED_FIGURES + SEARCH_FIGURES),


def code(script, methods=None, also=()):
    """What the code of a job is (fewstep.codehash.job_code); files that the cards of its methods name count like code."""
    named = [file for method in methods or () for file in cards.files_of(CARDS[method], ROOT / "methods" / method)]
    return job_code(ROOT, script, methods, also, named)
