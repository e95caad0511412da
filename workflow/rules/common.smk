# The plan of the run: every cell, network and path, and what each rule reads and depends on (fewstep.plan).
import os
import sys
from pathlib import Path

# Relative, since paths of inputs are recorded: a run that is moved with its folder stays up to date.
ROOT = Path(os.path.relpath(workflow.basedir))
LIBRARY = str(ROOT.resolve() / "workflow")
sys.path.insert(0, LIBRARY)
os.environ.update(PYTHONPATH=os.pathsep.join(filter(None, [LIBRARY, os.environ.get("PYTHONPATH")])))

from fewstep.base.errors import FewstepError
from fewstep.plan.cells import ALL, DATA, EDIT, ENLARGE, GENERATE, KINDS
from fewstep.plan.plan import Plan
from fewstep.base.strict_yaml import read_yaml

try:
    # Snakemake has read the profile already, and takes of two equal keys the last: what is wrong shows in the files alone.
    for file in workflow.configfiles:
        read_yaml(min(os.path.relpath(file), str(file), key=len))
    plan = Plan(config, ROOT)
except FewstepError as error:
    sys.exit(f"fewstep: {error}")

RESULTS, REPORTS, GPU = plan.results, plan.reports, plan.gpus
LOGS, BENCHMARKS = RESULTS / "logs", RESULTS / "benchmarks"
# Two trainings of one thread each finish sooner than one after the other with two.
HALF = max(1, (workflow.cores or 1) // 2)


wildcard_constraints:
    dataset=plan.pattern(plan.datasets),
    method=plan.pattern([*plan.cards, *plan.labels]),
    task=plan.pattern(KINDS),
    part=r"\d+",
    recipe=r"[a-z0-9][a-z0-9_-]*",
    variant=r"[a-z0-9][a-z0-9_-]*",
    training_seed=r"\d+",
    figure=r"[a-z0-9_]+",
