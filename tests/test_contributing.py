"""CONTRIBUTING.md names files, targets and tests that exist, and the command that made the lock file."""

import re

from fewstep.base.folders import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
INVENTED = r"my_method|try|<name>|results/"  # what the reader will make


def test_every_path_exists():
    spans = re.findall(r"`([^`\n]+)`", TEXT) + re.findall(r"(?:pytest|cp -r) (.*)", TEXT)
    words = {word for span in spans for word in span.split() if re.fullmatch(r"[\w.<>/-]+", word)}
    top = {path.name for path in ROOT.iterdir()}
    paths = {word for word in words if word.split("/")[0] in top and "/" in word or word in top}
    assert len(paths) > 20, "the pattern finds no paths any more"
    assert not [path for path in paths if not re.search(INVENTED, path) and not (ROOT / path).exists()]


def test_every_path_inside_the_library_exists():
    library = ROOT / "workflow" / "fewstep"
    packages = {path.name for path in library.iterdir() if path.is_dir()}
    paths = {word for word in re.findall(r"`([\w./-]+)`", TEXT) if "/" in word and word.split("/")[0] in packages}
    assert paths and not [path for path in paths if not (library / path).exists()]


def test_every_target_of_make_exists():
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    named = {
        word for line in re.findall(r"^ *make ([a-z ]+?)(?: +#|$)", TEXT, flags=re.MULTILINE) for word in line.split()
    }
    assert {"test", "lint", "bench", "readme"} <= named <= set(targets)


def test_it_names_no_place_of_one_machine():
    assert not re.search(r"(?<![\w.])/(?:work|home|root|tmp|usr)\b", TEXT)
