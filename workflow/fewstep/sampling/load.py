"""From what a job is given to samplers: cells with their networks in memory, their conditions and their settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import torch

from fewstep.base.files import read_json, sha256_file
from fewstep.contract import conditions, models
from fewstep.contract.conditions import Condition
from fewstep.contract.method import ImageShape
from fewstep.data import read_split
from fewstep.plan.cells import Cell
from fewstep.sampling.sampler import Sampler, maker


class Ready(NamedTuple):
    """A sampler, and the sha256 of the weights of its network."""

    sampler: Sampler
    weights: str


def samplers(
    params: Mapping[str, Any],
    files: Mapping[str, Any],
    device: torch.device,
) -> Iterator[Ready]:
    """The samplers of a job's cells, in their order; a network is loaded when its first cell comes.

    Args:
        params: of the rules `sample` and `time_samplers` (fewstep.plan.rules): `cells`, `networks`, and `labels`, how
            labels are drawn.
        files: `card` of the data set, `images` to start from (or an empty list), `weights` of the networks in their
            order, and `searches`, artefacts of searches.
    """
    card = read_json(files["card"])
    shape = models.image_shape(card)
    networks = Networks(params["networks"], files["weights"], shape, device)

    @cache
    def condition(task: str) -> Condition:
        images = read_split(files["images"]) if files["images"] else None
        return conditions.make(task, card, images, params["labels"])

    method = None
    for each in params["cells"]:
        cell, place = Cell(*each["cell"]), each["network"]
        if cell.method != method:  # cells come method by method: its networks are not needed any more
            networks.forget()
        method = cell.method
        settings = each["settings"] if cell.edit else settled(each["settings"], files["searches"], cell)
        make = maker(models.load_method(cell.method), cell)
        yield Ready(
            Sampler(cell, make, networks.model(place), shape, condition(cell.task), settings), networks.sha256(place)
        )


class Networks:
    """The networks of a job by their place among its inputs, loaded when they are first used."""

    def __init__(
        self,
        networks: Sequence[Mapping[str, Any]],
        files: Sequence[str | Path],
        shape: ImageShape,
        device: torch.device | str,
    ):
        """
        Args:
            networks: `network` (dataset, method, recipe, training seed) and `recipe` of each.
            files: their weights, in the same order.
        """
        self._networks, self._files, self._shape, self._device = networks, list(files), shape, device
        self.model: Callable[[int], torch.nn.Module] = cache(self._load)
        self.sha256: Callable[[int], str] = cache(lambda place: sha256_file(self._files[place]))

    def forget(self) -> None:
        """Let go of the models."""
        self.model.cache_clear()

    def _load(self, place: int) -> torch.nn.Module:
        each = self._networks[place]
        return models.load(each["network"][1], each["recipe"], self._shape, self._files[place], self._device)


def settled(settings: Mapping[str, Any], files: Sequence[str | Path], cell: Cell) -> dict[str, Any]:
    """Sampling settings of a cell with what was found for its variant at its NFE.

    Args:
        settings: the card's.
        files: artefacts of searches, <method>.<variant>.json; a variant without one searches nothing.
    """
    name = f"{cell.method}.{cell.variant}.json"
    found = next((path for path in map(Path, files) if path.name == name), None)
    return {**settings, **read_json(found)["nfe"][str(cell.nfe)]["choice"]} if found else dict(settings)
