"""Copies networks into the zoo, rounded and thinned, and out of it, verified (see fewstep.plan.zoo)."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, sha256_file, write_json, write_text
from fewstep.plan.zoo import ZOO, read_manifest, verify

MOST_BYTES = 4_000_000  # of a file of weights: two million parameters in half precision
MOST_BYTES_TOGETHER = 40_000_000
LOSS_ROWS = 200  # of a thinned log
SNAPSHOTS = 3  # of the five or so of a run


def take(
    paths: Mapping[str, str | Path], out: Mapping[str, str | Path], recipe_sha256: str, fingerprint: str
) -> dict[str, Any]:
    """Copy a network of the zoo, once verified, to where a run keeps it; returns the manifest that is written there."""
    manifest = {**verify(paths, recipe_sha256, fingerprint), "source": ZOO}
    for kind in ("weights", "losses", "snapshots"):
        _copy(paths[kind], out[kind])
    write_json(out["manifest"], manifest)
    return manifest


def put(made: Mapping[str, Path], out: Mapping[str, Path], scores: list[dict[str, Any]]) -> None:
    """Copy a network that a run trained into the zoo, its manifest last, with its scores.

    Args:
        made: files of the run, as `run_files` gives them.
        out: as `files` gives them.
        scores: what the manifest holds of samples of this network (fewstep.results.baseline.distances).

    Raises:
        FewstepError: the weights are too large, or not those that the run's manifest speaks of.
    """
    manifest = read_manifest(made["manifest"])
    verify(made, manifest["recipe_sha256"], manifest["data"])
    weights = rounded(made["weights"].read_bytes(), str(made["weights"]))
    if len(weights) > MOST_BYTES:
        raise FewstepError(
            f"{made['weights']}: {len(weights) / 1e6:.1f} MB; weights that ship have {MOST_BYTES / 1e6:g} at most."
        )
    with atomic_write(out["weights"]) as file:
        file.write(weights)
    with atomic_write(out["snapshots"]) as file:
        np.savez_compressed(file, **fewer(np.load(made["snapshots"])))
    write_text(out["losses"], thinned(made["losses"].read_text(encoding="utf-8")))
    manifest.pop("source")
    origin = {"sha256": sha256_file(out["weights"]), "trained_sha256": manifest["sha256"]}
    write_json(out["manifest"], {**manifest, **origin, "scores": scores})


def rounded(weights: bytes, source: str = "weights") -> bytes:
    """A safetensors file with its float32 tensors rounded to float16, where that does them no harm.

    It halves what everybody downloads. The relative error, 2^-11 of each weight, is far below what another training
    seed changes; the regression check compares the scores of the rounded network with those of the trained one. A
    tensor that float16 cannot hold stays in float32, and is named on standard output.

    Args:
        weights: of the file.
        source: what messages call it.

    Raises:
        FewstepError: a tensor holds NaN or infinity.
    """
    tensors = safetensors.numpy.load(weights)
    if bad := [name for name, tensor in tensors.items() if not np.isfinite(tensor).all()]:
        raise FewstepError(f"{source}: {', '.join(bad)}: NaN or infinite values; such weights do not ship.")
    single = {name: tensor for name, tensor in tensors.items() if tensor.dtype == np.float32}
    kept = [name for name, tensor in single.items() if not fits_half(tensor)]
    if kept:
        print(f"{source}: {', '.join(kept)}: beyond the range of half precision; kept in float32.")
    return safetensors.numpy.save(
        tensors | {name: tensor.astype(np.float16) for name, tensor in single.items() if name not in kept}
    )


def fits_half(tensor: np.ndarray) -> bool:
    """Whether float16 holds a finite float32 tensor: no number overflows, and at most half of them are too small.

    Below 2^-14 float16 loses digits, and below 2^-25 all of them. Among larger weights such a number does not count;
    where the median is one, the tensor would be lost.
    """
    magnitudes = np.abs(tensor[tensor != 0])
    limits = np.finfo(np.float16)
    return not magnitudes.size or bool(magnitudes.max() <= limits.max and np.median(magnitudes) >= limits.tiny)


def thinned(log: str, most: int = LOSS_ROWS) -> str:
    """A loss log (CSV) of at most `most` rows, evenly chosen, the last among them."""
    head, *rows = log.splitlines(keepends=True)
    stride = -(-len(rows) // most)
    return head + "".join(rows[::-1][:: stride or 1][::-1])


def fewer(snapshots: Mapping[str, np.ndarray], most: int = SNAPSHOTS) -> dict[str, np.ndarray]:
    """Snapshots of at most `most` points of a run, evenly chosen, the first and the last among them."""
    count = len(snapshots["steps"])
    kept = np.unique(np.linspace(0, count - 1, min(most, count)).round().astype(int))
    return {name: array[kept] for name, array in snapshots.items()}


def _copy(source: str | Path, target: str | Path) -> None:
    with atomic_write(target) as file:
        file.write(Path(source).read_bytes())
