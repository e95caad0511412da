"""The training loop that every method shares: batches, progress, log, snapshots, checkpoints, stop on non-finite loss.

A step is a function of (weights, seed, step number): batches and noise are drawn from a generator keyed by the step,
never from a running one, so that a resumed run gives the same weights as an uninterrupted one.
"""

import math
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, write_text
from fewstep.contract.method import ImageShape
from fewstep.images.noise import torch_generator
from fewstep.training.ema import EMA, decay_of
from fewstep.training.snapshots import Sampler, points

LOG_EVERY = 20  # steps between rows of the loss log
SAVE_EVERY_SECONDS = 60.0
PROGRESS = ("step", "images_seen", "seconds")  # the first columns of the loss log


@dataclass(frozen=True)
class Batch:
    """Training images [B, C, H, W] in [-1, 1], labels [B] or None, and the step's own random numbers (CPU)."""

    images: Tensor
    labels: Tensor | None
    generator: torch.Generator

    def normal(self) -> Tensor:
        """Standard normal noise of the images' shape."""
        return torch.randn(self.images.shape, generator=self.generator).to(self.images.device)

    def normals(self) -> Tensor:
        """One standard normal number per image."""
        return torch.randn(len(self.images), generator=self.generator).to(self.images.device)

    def integers(self, high: int) -> Tensor:
        """One integer of 0..high-1 per image."""
        return torch.randint(high, (len(self.images),), generator=self.generator).to(self.images.device)

    def choose(self, probabilities: Tensor) -> Tensor:
        """One index per image, drawn with the given probabilities [N]."""
        draws = torch.multinomial(probabilities.cpu(), len(self.images), replacement=True, generator=self.generator)
        return draws.to(self.images.device)


class TrainingRun:
    """Everything that `train(run)` of a method needs.

    Args:
        recipe: {"network": ..., "training": ...} of the card; `training` has at least `steps` and `batch`.
        shape: of the images.
        images: float32 [N, C, H, W] in [-1, 1]; labels: int64 [N] or None.
        folder: where the checkpoint is kept while the run lasts.
        log: CSV of the losses.
        seed: of everything random in the run.
        key: identity of recipe, data and code; a checkpoint with another key is ignored.
        teacher: the trained model of the method named by the card's `needs.teacher`, frozen, or None.
        start: the trained model of the recipe named by this one's `start`, frozen, or None.
        sampler: draws the snapshots (see fewstep.training.snapshots); None takes none.
        low_resolution: side in pixels of the images to enlarge, on a super-resolution data set; else None.

    Attributes:
        snapshots: samples at a few points of the run, uint8 [N, H, W, C], by the number of steps done.
    """

    def __init__(
        self,
        recipe: Mapping[str, Any],
        shape: ImageShape,
        images: Tensor,
        labels: Tensor | None,
        folder: Path,
        log: Path,
        seed: int = 0,
        key: str = "",
        teacher: nn.Module | None = None,
        start: nn.Module | None = None,
        device: torch.device | str = "cpu",
        sampler: Sampler | None = None,
        low_resolution: int | None = None,
    ):
        self.recipe, self.settings = recipe, recipe["training"]
        self.shape, self.seed, self.key = shape, seed, key
        self.teacher, self.start = teacher, start
        self.device = torch.device(device)
        self.images = images.to(self.device)
        self.labels = None if labels is None else labels.to(self.device)
        self.checkpoint, self.log = Path(folder) / "checkpoint.pt", Path(log)
        self.steps, self.batch_size = int(self.settings["steps"]), int(self.settings["batch"])
        self.seconds = 0.0  # of `fit`, over all attempts
        self.sampler, self.low_resolution = sampler, low_resolution
        self.snapshots: dict[int, Tensor] = {}
        self._rows: list[str] = []
        torch.manual_seed(torch_generator(seed, "init").initial_seed())  # weights of networks that are built next

    @property
    def class_counts(self) -> list[int] | None:
        """Training images by class; None without labels."""
        return None if self.labels is None else self.labels.bincount(minlength=self.shape.classes).tolist()

    def batch(self, step: int) -> Batch:
        """The batch of a step, drawn with replacement."""
        generator = torch_generator(self.seed, "step", step)
        rows = torch.randint(len(self.images), (self.batch_size,), generator=generator).to(self.device)
        labels = None if self.labels is None else self.labels[rows]
        return Batch(self.images[rows], labels, generator)

    def fit(
        self,
        step: Callable[[Batch, int], Mapping[str, Tensor]],
        state: Mapping[str, Any],
        sampled: nn.Module | None = None,
    ) -> None:
        """Call `step(batch, k)` for every step k that is not yet done.

        Args:
            step: makes one update of the weights and returns the losses to log, first the one that is trained.
            state: everything that changes, by name: modules and optimisers (they have state_dict, load_state_dict).
            sampled: the model that the snapshots sample; unless given, that of the average named `ema` in `state`.

        Raises:
            FewstepError: a loss or a weight is not finite; the last good checkpoint stays on disk.
        """
        start, elapsed = self._resume(state)
        due = points(self.steps) if self.sampler else ()
        sampled = state["ema"].model if due and sampled is None else sampled
        began, saved = time.monotonic() - elapsed, time.monotonic()
        name = f"{self.log.parent.name}/{self.log.name.split('.')[0]}"
        with tqdm(total=self.steps, initial=start, desc=name, unit="step", mininterval=5) as bar:
            for k in range(start, self.steps):
                torch.manual_seed(torch_generator(self.seed, "dropout", k).initial_seed())
                losses = step(self.batch(k), k)
                if k + 1 in due:
                    self.snapshots[k + 1] = self.sampler(sampled)
                if k % LOG_EVERY == 0 or k + 1 == self.steps:
                    self._record(k, time.monotonic() - began, losses)
                    bar.set_postfix_str(f"loss {next(iter(losses.values())).item():.4f}")
                    if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                        self._save(state, k + 1, time.monotonic() - began)
                        saved = time.monotonic()
                bar.update()
        for part in state.values():
            self._refuse_non_finite(part, self.steps)
        self.seconds = time.monotonic() - began
        write_text(self.log, "".join(self._rows) or f"{','.join([*PROGRESS, 'loss'])}\n")  # 0 steps: no rows

    def keep(self, name: str, make: Callable[[], Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """What `make` computes once for the run (a teacher's images, statistics), kept on disk until the run is over.

        `make` must draw nothing but from generators of its own (noise.torch_generator(run.seed, name)).
        """
        path = self.checkpoint.parent / f"{name}.pt"
        saved = torch.load(path, map_location="cpu", weights_only=True) if path.exists() else {"key": None}
        if saved["key"] != self.key:
            saved = {"key": self.key, "tensors": {key: value.cpu() for key, value in make().items()}}
            with atomic_write(path) as file:
                torch.save(saved, file)
        return {key: value.to(self.device) for key, value in saved["tensors"].items()}

    def finish(self) -> None:
        """Remove the checkpoint and what was kept; called once the weights are on disk."""
        shutil.rmtree(self.checkpoint.parent, ignore_errors=True)

    def _record(self, k: int, seconds: float, losses: Mapping[str, Tensor]) -> None:
        values = {name: float(value.detach()) for name, value in losses.items()}
        bad = [name for name, value in values.items() if not math.isfinite(value)]
        if bad:
            raise FewstepError(
                f"{self.log.name}: the loss '{bad[0]}' is {values[bad[0]]} at step {k}; training stops, and the last "
                f"good checkpoint is kept. Lower the learning rate of this recipe."
            )
        if not self._rows:
            self._rows.append(",".join([*PROGRESS, *values]) + "\n")
        numbers = [
            str(k + 1),
            str((k + 1) * self.batch_size),
            f"{seconds:.2f}",
            *(f"{v:.6g}" for v in values.values()),
        ]
        self._rows.append(",".join(numbers) + "\n")

    def _save(self, state: Mapping[str, Any], step: int, seconds: float) -> None:
        for part in state.values():
            self._refuse_non_finite(part, step)
        bundle = {name: part.state_dict() for name, part in state.items()}
        with atomic_write(self.checkpoint) as file:
            progress = {"step": step, "seconds": seconds, "rows": self._rows, "snapshots": self.snapshots}
            torch.save({"key": self.key, **progress, "state": bundle}, file)

    def _refuse_non_finite(self, part: Any, step: int) -> None:
        """A gradient can break the weights while the loss is still finite: never write such a checkpoint."""
        if isinstance(part, nn.Module) and not all(torch.isfinite(p).all() for p in part.parameters()):
            raise FewstepError(
                f"{self.log.name}: weights are not finite at step {step}; the last good checkpoint is kept."
            )

    def _resume(self, state: Mapping[str, Any]) -> tuple[int, float]:
        """Load the checkpoint of an interrupted run of the same key; returns the first step to do and seconds spent."""
        if not self.checkpoint.exists():
            return 0, 0.0
        # On the CPU: the optimisers put their state where it belongs, and their step counts stay off the GPU.
        saved = torch.load(self.checkpoint, map_location="cpu", weights_only=True)
        if saved["key"] != self.key:
            return 0, 0.0
        for name, part in state.items():
            part.load_state_dict(saved["state"][name])
        self._rows, self.snapshots = saved["rows"], saved["snapshots"]
        return saved["step"], saved["seconds"]


def optimise(loss: Tensor, optimizer: torch.optim.Optimizer, clip: float | None = None) -> None:
    """One update of the optimiser's parameters by the gradient of `loss`, clipped to norm `clip` if given."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    parameters = [p for group in optimizer.param_groups for p in group["params"] if p.grad is not None]
    if clip is not None:
        nn.utils.clip_grad_norm_(parameters, clip)
    optimizer.step()


def minimise(
    run: TrainingRun,
    model: nn.Module,
    loss: Callable[[nn.Module, Batch, int], Tensor],
    optimizer: Callable[..., torch.optim.Optimizer] = torch.optim.Adam,
    clip: float | None = None,
) -> nn.Module:
    """Train one network by one loss(model, batch, step) with the recipe's rates; returns the average of its weights."""
    ema, updates = EMA(model), optimizer(model.parameters(), lr=run.settings["learning_rate"], foreach=True)

    def step(batch: Batch, k: int) -> dict[str, Tensor]:
        set_learning_rate(updates, run.settings["learning_rate"], k, run.settings)
        value = loss(model, batch, k)
        optimise(value, updates, clip)
        ema.update(model, decay_of(run.settings, k))
        return {"loss": value}

    run.fit(step, {"model": model, "ema": ema, "optimizer": updates})
    return ema.model


def set_learning_rate(optimizer: torch.optim.Optimizer, base: float, step: int, settings: Mapping[str, Any]) -> None:
    """Linear warm-up over `warmup` steps, then constant, or a cosine towards 0 with `decay: cosine`."""
    rate = base * min(1.0, (step + 1) / max(1, settings.get("warmup", 0)))
    if settings.get("decay") == "cosine":
        rate *= 0.5 * (1 + math.cos(math.pi * step / settings["steps"]))
    for group in optimizer.param_groups:
        group["lr"] = rate
