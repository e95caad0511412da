"""From names and files to a model in memory: what training, sampling and timing jobs do first."""

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from fewstep.base.checkpoints import load_weights
from fewstep.base.errors import FewstepError
from fewstep.base.folders import METHODS
from fewstep.contract.method import ImageShape, missing_functions


def load_method(name: str, folder: Path = METHODS) -> ModuleType:
    """Import methods/<name>/method.py and check that it keeps the contract (fewstep.contract.method).

    The folder is imported as a package, whose other files method.py imports relatively (`from .losses import ...`).
    """
    path = folder / name / "method.py"
    if not path.exists():
        raise FewstepError(f"{path}: there is no such file; a method needs method.yaml, method.py and README.md.")
    spec = importlib.util.spec_from_file_location(
        f"fewstep_method_{name}", path, submodule_search_locations=[str(path.parent)]
    )
    for name_of_part in [known for known in sys.modules if known.startswith(f"{spec.name}.")]:
        del sys.modules[name_of_part]  # of a method of the same name in another folder
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    if missing := missing_functions(module):
        raise FewstepError(f"{path}: the method does not define {' and '.join(missing)}.")
    return module


def image_shape(card: Mapping[str, Any]) -> ImageShape:
    """Shape and number of classes of a prepared data set, from its card.json."""
    return ImageShape(card["channels"], card["resolution"], card["resolution"], card["classes"] or 0)


def label_tensor(labels: np.ndarray | None) -> Tensor | None:
    """Labels of a split as int64 [N], or None without labels."""
    return None if labels is None else torch.from_numpy(labels.astype(np.int64))


def load(
    method: str, recipe: Mapping[str, Any], shape: ImageShape, weights: str | Path, device: torch.device | str = "cpu"
) -> nn.Module:
    """The trained model of a method, in evaluation mode and frozen; FewstepError if the weights do not fit."""
    model = load_method(method).build(recipe, shape)
    return load_weights(model, weights).to(device)


def parameters(model: nn.Module) -> int:
    """Number of parameters."""
    return sum(p.numel() for p in model.parameters())
