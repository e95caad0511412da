"""Counting network evaluations: NFE is measured, never declared."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from fewstep.base.errors import FewstepError


class Evaluations:
    """Images that went through each counted network, and how often the networks were called."""

    def __init__(self, stages: list[str]):
        self.images = dict.fromkeys(stages, 0)
        self.calls = dict.fromkeys(stages, 0)

    def per_image(self, count: int) -> dict[str, float]:
        """Evaluations per generated image and stage; guidance that doubles a batch counts twice."""
        return {stage: total / count for stage, total in self.images.items()}


def stages(model: nn.Module) -> dict[str, nn.Module]:
    """The networks whose evaluations count: the model's `stages` (a ModuleDict) if it has them, else the model."""
    return dict(model.stages.items()) if hasattr(model, "stages") else {"model": model}


@contextmanager
def counting(model: nn.Module) -> Iterator[Evaluations]:
    """Count the calls of every stage of `model` by a forward hook on it while the block runs."""
    networks = stages(model)
    evaluations = Evaluations(list(networks))

    def hook(stage: str):
        def record(module: nn.Module, inputs: tuple, output: Any) -> None:
            evaluations.images[stage] += _images(output)
            evaluations.calls[stage] += 1

        return record

    handles = [network.register_forward_hook(hook(stage)) for stage, network in networks.items()]
    try:
        yield evaluations
    finally:
        for handle in handles:
            handle.remove()


def _images(output: Any) -> int:
    """Images in what a network returned: rows of its tensor or, of several, of the first."""
    while not isinstance(output, Tensor):
        output = next(iter(output.values() if isinstance(output, Mapping) else output))
    return len(output)


def check_declared(measured: float, declared: int, what: str) -> None:
    """Raise FewstepError unless the evaluations counted are those that the method claims."""
    if abs(measured - declared) > 1e-9:
        raise FewstepError(
            f"{what} is declared with NFE {declared}, but {measured:g} evaluations per image were counted."
        )
