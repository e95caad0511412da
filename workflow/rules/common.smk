# The validated profile, the methods' cards, the lists of files that rules ask for, and digests of the code.
import os
import re
import sys
from pathlib import Path

# Relative, since paths of inputs are recorded: a run that is moved with its folder stays up to date.
ROOT = Path(os.path.relpath(workflow.basedir))
LIBRARY = str(ROOT.resolve() / "workflow")
sys.path.insert(0, LIBRARY)
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [LIBRARY, os.environ.get("PYTHONPATH")])))

from fewstep import cards
from fewstep import config as profiles
from fewstep.codehash import code_hash
from fewstep.devices import gpus_wanted
from fewstep.errors import FewstepError
from fewstep.report.names import FIGURES

try:
    CARDS = cards.discover(ROOT / "methods")
    PROFILE = profiles.load(config, CARDS)
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
    recipe=r"[a-z0-9][a-z0-9_.-]*",
    figure="|".join(FIGURES),


def code(script, *methods, also=()):
    """Digest of the code that a script runs, of the methods that it loads, and of modules it finds by name."""
    return code_hash(
        ROOT / "workflow" / "scripts" / f"{script}.py",
        *(ROOT / "methods" / method / "method.py" for method in methods),
        *(ROOT / "workflow" / path for path in also),
    )


def source_files(wildcards):
    """The file or folder that a data set is read from, as an input: other images remake everything."""
    section = DATASETS[wildcards.dataset]
    return section["path"] if section["source"] in profiles.FILE_SOURCES else []


def compared(dataset):
    """Methods that are compared on a data set, sorted."""
    return sorted({cell.method for cell in CELLS if cell.dataset == dataset})


def cells_of(dataset, method):
    """The (variant, nfe) pairs of a method on a data set."""
    return [[cell.variant, cell.nfe] for cell in CELLS if (cell.dataset, cell.method) == (dataset, method)]


def variants_of(dataset, method):
    """Recipe and sampling settings of the variants that are compared."""
    cards_of = CARDS[method]["variants"]
    return {v: {key: cards_of[v][key] for key in ("recipe", "sampling")} for v, _ in cells_of(dataset, method)}


def recipes_of(dataset, method):
    """The recipes whose weights a method's cells need."""
    return cards.recipes_of(CARDS[method], [variant for variant, _ in cells_of(dataset, method)])


def weights_of(dataset, method):
    """Weights that a method's cells need, one file for each recipe."""
    return [RESULTS / "weights" / dataset / method / f"{recipe}.safetensors" for recipe in recipes_of(dataset, method)]


def teacher_weights(wildcards):
    """The teacher's weights, where the method's card names one."""
    teacher = cards.teacher(CARDS[wildcards.method])
    if not teacher:
        return []
    return RESULTS / "weights" / wildcards.dataset / teacher / f"{cards.TEACHER_RECIPE}.safetensors"


def trained_methods(method):
    """The method and its teacher: the modules that its training job loads."""
    return [method, *filter(None, [cards.teacher(CARDS[method])])]


def trained():
    """(dataset, method, recipe) of every network that this profile trains, teachers included."""
    wanted = {(d, m, r) for d in DATASETS for m in compared(d) for r in recipes_of(d, m)}
    teachers = {(d, cards.teacher(CARDS[m]), cards.TEACHER_RECIPE) for d, m, _ in wanted if cards.teacher(CARDS[m])}
    return sorted(wanted | teachers)


def per_method(pattern):
    """`pattern` for every compared (dataset, method)."""
    return [str(RESULTS / pattern).format(dataset=d, method=m) for d in DATASETS for m in compared(d)]


def extractor_of(dataset):
    """Name, data set and weights of the extractor of a data set."""
    scores = DATASETS[dataset]["scores"]
    return {"name": scores["extractor"], "dataset": dataset, "weights": scores["extractor_weights"]}


def extractor_files(wildcards):
    """Weights that a feature pass reads, as inputs: other weights remake the features."""
    name, dataset, weights = extractor_of(wildcards.dataset).values()
    if weights is None and name == "lenet":
        weights = ROOT / "workflow" / "fewstep" / "extractors" / "weights" / f"lenet-{dataset}.safetensors"
    return weights or []
