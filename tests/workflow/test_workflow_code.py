"""Which edits of code, and which versions of packages, make the real workflow do something again; planned, not run."""

from contextlib import ExitStack, contextmanager

import pytest
from project_copy import Project

pytestmark = pytest.mark.workflow
TARGET = "results/tiny/scores/digits/generate/edm.csv"
SETS = "workflow/fewstep/scoring/sets.py"
RESTYLED = [
    (SETS, "from fewstep.base.errors", "from fewstep.scoring import metrics\nfrom fewstep.base.errors"),
    (SETS, "frechet.estimate(", "metrics.frechet.estimate("),
    ("workflow/fewstep/sampling/sampler.py", "import numpy as np\n", "import fewstep.effect\nimport numpy as np\n"),
    (
        "methods/edm/method.py",
        "from .multistep import SCHEDULERS, solve\n",
        "try:\n    from .multistep import SCHEDULERS, solve\nexcept ImportError:\n    SCHEDULERS = solve = None\n",
    ),
]
WORDS_AND_LIMITS = [
    ("methods/edm/method.py", '"""The preconditioned U-Net', '"""A network'),
    ("workflow/fewstep/diffusion/solvers.py", "x: Tensor, levels: Tensor, churn", "x: object, levels: list, churn"),
    ("workflow/fewstep/base/files.py", "there is no such file.", "this file is not there."),
    ("workflow/fewstep/contract/hook_results.py", "BOUND = 1.5", "BOUND = 1.6"),
    ("workflow/fewstep/plan/limits.py", "SCORED = 10", "SCORED = 12"),
    ("workflow/fewstep/contract/models.py", "the method does not define", "this method lacks"),
    (
        "workflow/fewstep/nets/sides.py",
        "if shape.height % factor or",
        "if shape.height < 4 or shape.height % factor or",
    ),
    ("workflow/fewstep/base/provenance.py", '"clean-fid", ', ""),
    ("workflow/fewstep/sampling/sampler.py", "mininterval=2", "mininterval=20"),
    ("workflow/fewstep/sampling/sampler.py", "labels: np.ndarray | None", "labels: object"),
    ("workflow/fewstep/training/snapshots.py", "COUNT = 10", "COUNT = 9"),
    ("workflow/fewstep/training/loop.py", "Lower the learning rate", "Use a lower learning rate"),
    ("workflow/fewstep/training/loop.py", 'unit="step", mininterval=5', 'unit="update", mininterval=1'),
    ("workflow/scripts/prepare_data.py", ' images")', ' pictures")'),
]


@pytest.fixture(scope="module")
def scored(fresh, tmp_path_factory) -> Project:
    """A project whose code reaches other code in ways that are harder to follow, after EDM was scored."""
    project = fresh.copy(tmp_path_factory.mktemp("scored") / "project")
    (project.folder / "workflow/fewstep/effect.py").write_text("import torch\n\ntorch.set_printoptions(precision=4)\n")
    for name, old, new in RESTYLED:
        file = project.folder / name
        assert old in file.read_text(encoding="utf-8"), f"{name} no longer holds {old!r}"
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    project.run(TARGET)
    return project


@contextmanager
def version(project: Project, distribution: str):
    """Another version of a package, as far as its metadata go."""
    folder = project.folder / "workflow" / f"{distribution.replace('-', '_')}-99.0.dist-info"
    folder.mkdir()
    try:
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 99.0\n")
        yield
    finally:
        (folder / "METADATA").unlink()
        folder.rmdir()


SAMPLED = {"sample": 1, "score": 1}


@pytest.mark.parametrize(
    ("name", "old", "new", "planned"),
    [
        ("workflow/fewstep/scoring/metrics/frechet.py", "_TOLERATED = 1 / 3", "_TOLERATED = 1 / 4", {"score": 1}),
        ("workflow/fewstep/effect.py", "precision=4", "precision=5", SAMPLED),
        ("methods/edm/multistep.py", "set_begin_index(0)", "set_begin_index(1)", SAMPLED),
    ],
    ids=["an attribute of a package", "a module imported for its effect", "an import under try"],
)
def test_code_that_is_reached_in_other_ways_than_by_a_plain_name_runs_again(scored, name, old, new, planned):
    with scored.edited(name, old, new):
        assert scored.planned(TARGET) == planned


@pytest.mark.parametrize(
    ("distribution", "planned"),
    [
        ("diffusers", SAMPLED),
        ("torch-fidelity", {"reference": 1, "score": 1}),
        ("pandas", {"score": 1}),
        ("matplotlib", {}),  # no job of the target imports it
    ],
)
def test_another_version_of_a_package_runs_what_imports_it_again(scored, distribution, planned):
    with version(scored, distribution):
        assert scored.planned(TARGET) == planned


def test_words_progress_annotations_and_limits_run_nothing_again(scored):
    with ExitStack() as edits:
        for name, old, new in WORDS_AND_LIMITS:
            edits.enter_context(scored.edited(name, old, new))
        assert scored.planned(TARGET) == {}
