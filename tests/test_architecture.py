"""The shape of the project: who may import whom, what may not load torch, and how long a file may be."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fewstep.base.folders import METHODS, ROOT

WORKFLOW = ROOT / "workflow"
PACKAGE = WORKFLOW / "fewstep"
# Jobs whose minutes would be spent on importing torch: they read tables and draw.
LIGHT_SCRIPTS = [
    "baseline",
    "check",
    "collect",
    "draw_figure",
    "fool_rate",
    "use_zoo",
    "write_manifest",
    "write_page",
    "write_tables",
    "ship",
]


def module_name(path: Path) -> str:
    parts = path.relative_to(WORKFLOW).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in PACKAGE.rglob("*.py")}


def imported(tree: ast.AST) -> list[str]:
    """Names in the import statements of a syntax tree; for `from a import b`, a.b where that is a module.

    A relative import has a name that starts with a dot.
    """
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                names.append("." * node.level + (node.module or ""))
                continue
            inside = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inside if name in MODULES]
            names += modules + ([node.module] if len(modules) < len(inside) else [])
    return names


def for_typing_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def imports_of(path: Path) -> list[str]:
    """What a file imports when it runs, also inside functions."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if not for_typing_alone(node)]
    return imported(tree)


def top(name: str) -> str:
    return name.partition(".")[0]


# The order of the pipeline: a package imports those before it.
PACKAGES = (
    "base", "images", "data", "plan", "contract", "nets", "diffusion", "training", "sampling", "scoring", "speed",
    "study", "results", "report", "cli",
)  # fmt: skip
# Here one file of a name belongs to each subject, by the job of its folder.
BY_SUBJECT = {"fewstep.plan.rules", "fewstep.report.figures", "fewstep.report.tables", "fewstep.report.sections"}


def package(name: str) -> str:
    """The package below fewstep that a module lies in."""
    return name.split(".")[1]


def test_packages_stand_in_the_order_of_the_pipeline():
    loose = {name for name, path in MODULES.items() if name.count(".") == 1 and path.name != "__init__.py"}
    assert loose == {"fewstep.__main__"}
    inside = {name: path for name, path in MODULES.items() if name not in {"fewstep", "fewstep.__main__"}}
    assert {package(name) for name in inside} == set(PACKAGES)
    later = [
        (name, other)
        for name, path in inside.items()
        for other in imports_of(path)
        if other in inside and PACKAGES.index(package(other)) > PACKAGES.index(package(name))
    ]
    assert not later


def test_a_file_has_a_name_of_its_own():
    places = {}
    for name, path in MODULES.items():
        folder, _, stem = name.rpartition(".")
        if path.name != "__init__.py" and folder not in BY_SUBJECT:
            places.setdefault(stem, []).append(name)
    assert not {stem: names for stem, names in places.items() if len(names) > 1}


def test_imports_form_no_cycle():
    graph = {name: {other for other in imports_of(path) if other in MODULES} for name, path in MODULES.items()}
    known = {"fewstep.contract.conditions", "fewstep.sampling.shards"}
    assert graph["fewstep.sampling.sampler"] >= known, "the graph misses edges"
    done = set()
    while True:
        free = {name for name, others in graph.items() if name not in done and others - {name} <= done}
        if not free:
            break
        done |= free
    assert not sorted(graph.keys() - done), "these modules import each other, or one that does"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_the_library_knows_neither_snakemake_nor_scripts_nor_methods(name):
    known = {top(other) for other in imports_of(MODULES[name])}
    assert not known & {"snakemake", "scripts", "methods", "tests", ""}, "imports are absolute"


@pytest.mark.parametrize("path", sorted(METHODS.rglob("*.py")), ids=lambda path: path.parent.name)
def test_a_method_imports_the_library_and_no_other_method(path):
    names = imports_of(path)
    assert not [name for name in names if name.startswith("..")], "a method imports from its own folder at most"
    assert {top(name) for name in names} <= {"", "fewstep", "torch", "diffusers", *sys.stdlib_module_names}
    assert "load_method" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", sorted((WORKFLOW / "scripts").glob("*.py")), ids=lambda path: path.stem)
def test_a_script_imports_neither_snakemake_nor_another_script(path):
    assert not {top(name) for name in imports_of(path)} & {"snakemake", "scripts", "methods", ""}


@pytest.mark.parametrize("folder", [WORKFLOW, METHODS, ROOT / "docs"], ids=lambda folder: folder.name)
def test_text_names_modules_that_exist(folder):
    """In docstrings, comments and messages: fewstep.a.b is a module, or a name in one."""
    wrong = []
    for path in [path for kind in ("py", "smk", "md", "yaml") for path in folder.rglob(f"*.{kind}")]:
        for name in set(re.findall(r"(?<![\w.])fewstep(?:\.[a-z_]\w*)+", path.read_text(encoding="utf-8"))):
            module, _, last = name.rpartition(".")
            known = (
                name in MODULES
                or module in MODULES
                and re.search(rf"\b{last}\b", MODULES[module].read_text(encoding="utf-8"))
            )
            wrong += [] if known or name.endswith((".py", ".json")) else [f"{path.name}: {name}"]
    assert not wrong


def rule_files() -> list[Path]:
    return [ROOT / "Snakefile", *sorted((WORKFLOW / "rules").glob("*.smk"))]


def parsed_by_snakemake() -> list[str]:
    """Modules of the library that the rule files import."""
    lines = [line.strip() for path in rule_files() for line in path.read_text(encoding="utf-8").splitlines()]
    tree = ast.parse("\n".join(line for line in lines if re.match(r"(from|import) fewstep\b", line)))
    return sorted(set(imported(tree)))


def torch_after(names: list[str]) -> list[str]:
    """Which of the modules, imported one after the other in a new process, is the first to load torch."""
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    importlib.import_module(name)\n"
        "    if 'torch' in sys.modules:\n"
        "        print(name)\n"
        "        break\n"
    )
    command = [sys.executable, "-c", code, *names]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env={"PYTHONPATH": str(WORKFLOW)}, check=True)
    return done.stdout.split()


def test_what_is_read_at_parse_time_does_not_load_torch():
    names = parsed_by_snakemake()
    assert {"fewstep.plan.cells", "fewstep.plan.plan"} <= set(names)
    assert not torch_after(names)
    assert torch_after([*names, "fewstep.sampling.sampler"]) == ["fewstep.sampling.sampler"]


def test_reports_and_checks_do_not_load_torch():
    paths = [WORKFLOW / "scripts" / f"{name}.py" for name in LIGHT_SCRIPTS]
    names = {name for path in paths for name in imports_of(path) if name in MODULES}
    names |= {name for name in MODULES if name.startswith("fewstep.report")}
    assert not torch_after(sorted(names))


def lines(path: Path) -> int:
    """Number of lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def test_every_file_is_short_enough_to_be_read():
    limits = {ROOT / "Snakefile": 54}
    limits |= dict.fromkeys((WORKFLOW / "rules").glob("*.smk"), 120)
    limits |= dict.fromkeys((WORKFLOW / "scripts").glob("*.py"), 60)
    kinds = {".py", ".smk", ".yaml", ".md", ".html", ".css", ".js"}
    for folder in (WORKFLOW, METHODS, ROOT / "tests"):
        for path in folder.rglob("*"):
            if path.suffix in kinds and "__pycache__" not in path.parts:
                limits.setdefault(path, 300)
    long = {str(path.relative_to(ROOT)): lines(path) for path, limit in limits.items() if lines(path) > limit}
    assert not long


def test_the_median_module_is_under_a_hundred_lines():
    counts = sorted(lines(path) for path in MODULES.values())
    assert counts[len(counts) // 2] < 100
