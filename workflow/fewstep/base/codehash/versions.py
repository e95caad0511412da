"""Versions of the packages of others that code imports."""

import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version

from fewstep.base.codehash.modules import PACKAGE

# What they do is shown while a job runs, and is not in its results.
WITHOUT_EFFECT = {"tqdm"}


def versions(modules: Iterable[str]) -> list[str]:
    """`name version` of the distributions that these modules (numpy.linalg, PIL) come from, sorted.

    A module of no distribution is named without a version; those of Python itself are left out.
    """
    tops = {module.partition(".")[0] for module in modules} - {PACKAGE.name, *WITHOUT_EFFECT, *sys.stdlib_module_names}
    return sorted({text for top in tops for text in _of(top)})


@cache
def _of(module: str) -> tuple[str, ...]:
    names = _distributions().get(module, [module])
    return tuple(f"{name.lower().replace('_', '-')} {_version(name)}" for name in names)


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


@cache
def _distributions() -> dict[str, list[str]]:
    """Names of distributions by the modules that they bring; reading them takes a good part of a second."""
    return {module: list(names) for module, names in packages_distributions().items()}
