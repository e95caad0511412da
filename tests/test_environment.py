"""environment.yml, requirements.in and requirements.lock name the same packages at the same versions."""

import re

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fewstep.base.folders import ROOT

CONDA_PYTHON = "3.11"  # of environment.yml; the lock also serves newer ones


def names(lines: list[str], python: str) -> dict[str, str]:
    """Version specifiers by normalised package name, of the lines whose marker holds for a Python version."""
    requirements = [Requirement(line) for line in lines]
    here = {"python_version": python, "python_full_version": f"{python}.0"}
    wanted = [found for found in requirements if not found.marker or found.marker.evaluate(here)]
    return {canonicalize_name(found.name): str(found.specifier) for found in wanted}


@pytest.fixture(scope="module")
def lock() -> str:
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def locked(lock: str, python: str) -> dict[str, str]:
    return names(re.findall(r"^([A-Za-z0-9][^\\\n]*)", lock, flags=re.MULTILINE), python)


@pytest.fixture(scope="module")
def conda() -> dict[str, str]:
    dependencies = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    assert f"python={CONDA_PYTHON}" in dependencies
    return names(next(entry["pip"] for entry in dependencies if isinstance(entry, dict)), CONDA_PYTHON)


def test_conda_users_get_the_versions_of_the_lock(conda, lock):
    pins = locked(lock, CONDA_PYTHON)
    assert conda == {name: pins.get(name) for name in conda}


@pytest.mark.parametrize("python", ["3.11", "3.12"])
def test_everything_that_is_asked_for_is_pinned(conda, lock, python):
    lines = (ROOT / "requirements.in").read_text(encoding="utf-8").splitlines()
    asked = names([line for text in lines if (line := text.partition("#")[0].strip())], python)
    pins = locked(lock, python)
    assert set(asked) == set(conda) and set(asked) <= set(pins)
    assert all(pin.startswith("==") for pin in pins.values())


def test_every_locked_package_has_a_hash(lock):
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    without = [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry]
    assert len(entries) > 50 and not without


def test_set_up_files_name_no_index_and_no_address(lock):
    for name in ("requirements.in", "requirements.lock", "environment.yml", "Makefile"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert not re.search(r"://|index-url|find-links|trusted-host| @ ", text), name
