"""The section `imports` of a data set: samples that someone else made, and what the profile must say of them."""

import os
from collections.abc import Mapping
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.plan.method_card import TAKEN

ENDINGS = (".zip", ".npz")  # of files that hold samples (fewstep.images.sample_files)


def seeds_of(imported: Mapping[str, Any]) -> list[str]:
    """The paths of an entry of `imports`, one for each sampling seed 0, 1, ..."""
    path = imported["path"]
    return [path] if isinstance(path, str) else list(path)


def check_imports(section: Mapping[str, Any], cards: Mapping[str, Mapping[str, Any]], key: str) -> None:
    """Check the samples that a data set imports, and that there is something to score.

    Args:
        section: of the data set, with defaults.
        cards: cards by method name; no label may be one of them.
        key: of the section, begins the sentence.

    Raises:
        FewstepError: one sentence that names the dotted key.
    """
    if not section["compare"] and not section["imports"]:
        raise FewstepError(f"{key}.compare: there is nothing to compare; name methods here, or samples under imports.")
    if section["compare"] and section["scores"]["reference_split"] == "all":
        raise FewstepError(
            f"{key}.scores.reference_split: with all, no image is left for methods to train on or to be held out; take"
            " train or test where methods are compared."
        )
    if section["imports"] and section["low_resolution"] is not None:
        raise FewstepError(f"{key}.imports: samples of others start from no image; low_resolution must be null.")
    for label, imported in section["imports"].items():
        if label in cards or label in TAKEN:
            raise FewstepError(f"{key}.imports.{label}: this is the name of a method, or taken; choose another label.")
        for path in seeds_of(imported):
            check_readable(path, f"{key}.imports.{label}.path")
            if not os.path.isdir(path) and not path.lower().endswith(ENDINGS):
                raise FewstepError(f"{key}.imports.{label}.path: {path} is neither a folder nor a .zip or .npz file.")


def check_readable(path: str, key: str) -> None:
    """Raise FewstepError unless there is such a file or folder and it may be read."""
    if not os.path.exists(path):
        raise FewstepError(f"{key}: {path} does not exist.")
    if not os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0)):
        raise FewstepError(f"{key}: {path} may not be read.")
