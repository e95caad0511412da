"""The files of the made-up run: what the report is tested on and looked at with."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import synthetic
from on_disk import write_manifest, write_part
from synthetic import CELLS, EDITS, HARDWARE, METHODS

from fewstep.plan.cells import EDIT, GENERATE, Cell
from fewstep.plan.presented import EDITS as EDIT_GRIDS
from fewstep.plan.presented import FIGURES
from fewstep.report.inputs import Files, Run


def record() -> dict:
    """A provenance record."""
    return {
        "git": {"commit": "2f5c88a0d1b34c5e9f0a7b6c5d4e3f2a1b0c9d8e", "dirty": False},
        "config_sha256": "9d" * 32, "lock_sha256": "4e" * 32, "hardware": HARDWARE,
        "versions": {"python": "3.11.7", "torch": "2.15.0", "numpy": "2.4.6"},
    }  # fmt: skip


def manifest() -> dict:
    """manifest.json."""
    return {
        "schema_version": 1, "profile": "mnist", **record(),
        "provenance": "a1b2c3", "records": {"a1b2c3": record()},
        "weights": {f"mnist/{m}/default/seed0.safetensors": f"{i:02x}" * 32 for i, m in enumerate(METHODS)},
        "networks": {
            f"mnist/{m}/default/seed0": {
                "source": "zoo" if m == "edm" else "training", "steps": 2500, "batch": 128, "seed": 0, "seconds": 834.0,
                "device": "cpu", "recipe_sha256": "5a" * 32, "commit": "77" * 20, "hardware": HARDWARE,
            } for m in METHODS
        },
        "data": {"mnist": {"train": "ab" * 32, "test": "cd" * 32}},
        "job_seconds": {f"train/mnist.{m}.default.seed0": 120.5 + i for i, m in enumerate(METHODS)},
        "total_job_seconds": 612.5,
    }  # fmt: skip


def run(folder: Path) -> Run:
    """The run that `write` left in a folder."""
    edited = {name.partition("/")[0] for name in EDITS}
    logs, taken = (
        {(m, "default", 0): folder / f"weights/mnist/{m}/default/seed0.{kind}" for m in METHODS}
        for kind in ("log.csv", "snapshots.npz")
    )
    tasks = dict.fromkeys(task for tasks in EDITS.values() for task in tasks)
    files = Files(
        real=folder / "data/mnist/test.npz",
        samples={m: [folder / f"samples/mnist/{GENERATE}/{m}/000000.json"] for m in METHODS},
        edits={m: [folder / f"samples/mnist/{EDIT}/{m}/000000.json"] for m in edited},
        edit_inputs=folder / "reference/mnist/edit_inputs.npz",
        losses=logs,
        snapshots=taken,
        figures=[*FIGURES, *(EDIT_GRIDS + task for task in tasks)],
    )
    tables = (folder / name for name in ("scores.csv", "speed.csv", "manifest.json"))
    return Run(synthetic.config(), synthetic.cards(), synthetic.settings(), *tables, {"mnist": files})


def write(folder: Path) -> Path:
    """Write the whole run below `folder` (as results/<profile>) and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    synthetic.scores().to_csv(folder / "scores.csv", index=False)
    pd.concat([synthetic.speed(), synthetic.edit_speed()]).to_csv(folder / "speed.csv", index=False)
    (folder / "manifest.json").write_text(json.dumps(manifest()))
    real = _digits()
    (folder / "data/mnist").mkdir(parents=True)
    np.savez(folder / "data/mnist/test.npz", images=real[:200])
    for method in METHODS:
        cells = [(GENERATE, v, nfe, truth) for (m, v), (truth, nfes) in CELLS.items() for nfe in nfes if m == method]
        _write_samples(folder / f"samples/mnist/{GENERATE}/{method}", cells, real)
    _write_edits(folder, real)
    for method in METHODS:
        _write_log(folder / f"weights/mnist/{method}/default/seed0.log.csv", method)
        taken = np.stack([real[:10] // (4 - k) for k in range(4)])
        np.savez(
            folder / f"weights/mnist/{method}/default/seed0.snapshots.npz", steps=[312, 625, 1250, 2500], images=taken
        )
    return folder


def _digits() -> np.ndarray:
    """scikit-learn's 8x8 digits, upscaled to 28x28: uint8 [N, 28, 28, 1]."""
    from PIL import Image
    from sklearn.datasets import load_digits

    small = (load_digits().images[:400] * 15.9).astype(np.uint8)
    return np.stack([np.asarray(Image.fromarray(s).resize((28, 28), Image.Resampling.BICUBIC)) for s in small])[
        ..., None
    ]


def _write_samples(folder: Path, cells: list[tuple], real: np.ndarray) -> None:
    """Two shards of eight: noisier where the distance is larger; sample i is digit i in every cell."""
    parts = []
    for task, variant, nfe, truth in cells:
        level = min(90, 2 * (truth[0] + truth[1] / nfe**1.5))
        noisy = real[:16] + np.random.default_rng(nfe).normal(0, level, (16, *real.shape[1:]))
        cell = Cell("mnist", task, folder.name, variant, nfe, 0, 0)
        images = noisy.clip(0, 255).astype(np.uint8)
        parts.append(write_part(folder, cell, images, size=8, stage_nfe={"model": float(nfe)}))
    write_manifest(folder, *parts)


def _write_edits(folder: Path, real: np.ndarray) -> None:
    """What was given and the truth, and shards of every cell, also of the one whose scores are missing."""
    (folder / "reference/mnist").mkdir(parents=True)
    given = real[:200].copy()
    given[:, 7:21, 7:21] = 128
    np.savez(folder / "reference/mnist/edit_inputs.npz", truth=real[:200], inpainting_box=given)
    for name, tasks in EDITS.items():
        method, variant = name.split("/")
        cells = [(f"{EDIT}/{task}", variant, nfe, (1, 0)) for task, settings in tasks.items() for nfe in settings]
        _write_samples(folder / f"samples/mnist/{EDIT}/{method}", cells, real)


def _write_log(path: Path, method: str) -> None:
    path.parent.mkdir(parents=True)
    rng = np.random.default_rng(len(method))
    seen = np.arange(1, 201) * 1000
    loss = (0.08 + 0.8 * np.exp(-seen / 25_000)) * rng.lognormal(0, 0.12, 200) * (10 if method == "ddpm" else 1)
    pd.DataFrame({"step": seen // 128, "images_seen": seen, "seconds": seen / 900, "loss": loss}).to_csv(
        path, index=False
    )
