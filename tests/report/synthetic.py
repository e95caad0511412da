"""A made-up run in the format that the pipeline writes: its profile, its cards and its two tables."""

import numpy as np
import pandas as pd

METHODS = {
    "edm": ("Elucidating the Design Space of Diffusion-Based Generative Models", "arXiv:2206.00364",
            2022, "diffusion",
            {"heun": "EDM (Heun)", "euler": "EDM (Euler)", "stochastic": "EDM (stochastic Heun)"}),
    "ddpm": ("Denoising Diffusion Probabilistic Models", "arXiv:2006.11239", 2020, "diffusion",
             {"ddim": "DDPM (DDIM)", "ancestral": "DDPM (ancestral)"}),
    "consistency_distillation": ("Consistency Models", "arXiv:2303.01469", 2023, "consistency",
                                 {"multistep": "Consistency distillation"}),
    "consistency_training": ("Improved Techniques for Training Consistency Models", "arXiv:2310.14189", 2023,
                             "consistency", {"improved": "Consistency training (improved)",
                                             "original": "Consistency training"}),
    "ect": ("Consistency Models Made Easy", "arXiv:2406.14548", 2024, "consistency", {"multistep": "ECT"}),
}  # fmt: skip
CELLS = {  # (floor of the distance, its slope in NFE, precision, recall) and the NFE settings
    ("edm", "heun"): ((2.6, 90, 0.93, 0.90), (5, 9, 17, 35)),
    ("edm", "euler"): ((3.6, 160, 0.91, 0.88), (5, 9, 17, 35)),
    ("ddpm", "ddim"): ((5.5, 240, 0.88, 0.84), (5, 9, 17, 35)),
    ("ddpm", "ancestral"): ((8.0, 700, 0.84, 0.86), (9, 17, 35)),
    ("consistency_distillation", "multistep"): ((5.2, 9, 0.90, 0.80), (1, 2, 4)),
    ("consistency_training", "improved"): ((6.4, 12, 0.87, 0.79), (1, 2, 4)),
    ("consistency_training", "original"): ((13.0, 30, 0.80, 0.70), (1, 2)),
    ("ect", "multistep"): ((4.6, 6, 0.91, 0.82), (1, 2, 4)),
}
EDITS = {
    "ect/multistep": {"inpainting_box": [2, 4], "interpolation": [1]},
    "edm/stochastic": {"inpainting_box": [35, 71]},
}
SEEDS, COUNT = (0, 1, 2), 1000
COLLAPSED = ("consistency_training", 1)  # the cell that repeats itself and all but drops class 8
CPU = {"cpu": "AMD EPYC 7B13", "architecture": "x86_64", "cores": 2}
HARDWARE = {**CPU, "memory_gib": 8, "gpu": None, "id": "c0ffee123456"}

# Text for a card that breaks tables of every format.
NASTY = r"=cmd|'/c' & 50% $x_1$ #{~^}\ | **b** <b>"
# Text for a card that breaks out of markup which does not escape it.
HOSTILE = """</script><img src=x onerror="document.title='broken'">' & <b>"""


def cards() -> dict[str, dict]:
    """Method cards like those of methods/*/method.yaml."""
    return {
        name: {
            "title": title, "paper": paper, "year": year, "family": family, "weights": ["train"],
            "needs": {"teacher": "edm" if name in ("consistency_distillation", "ect") else None,
                      "labels": "optional"},
            "variants": {v: {"label": text, "recipe": "default", "sampling": {"solver": v}, "nfe": [1]}
                         for v, text in variants.items()},
            "datasets": {"mnist": {"recipes": {"default": {"network": {}, "training": {"images": 200_000}}}}},
        }
        for name, (title, paper, year, family, variants) in METHODS.items()
    }  # fmt: skip


def config() -> dict:
    """The loaded profile, of which one cell has no results."""
    compare = {f"{method}/{variant}": list(settings) for (method, variant), (_, settings) in CELLS.items()}
    section = {
        "compare": compare,
        "imports": {},
        "low_resolution": None,
        "samples": {"count": COUNT, "seeds": list(SEEDS)},
        "scores": {"reference_split": "train"},
        "edits": {"count": 200, "seeds": [0], "compare": EDITS},
        "report": {"grid_columns": 10},
        "accuracy_score": {},
        "fool_rate": {},
    }
    return {"profile": "mnist", "datasets": {"mnist": section}}


def settings() -> list[tuple]:
    """(data set, task, method, variant, NFE) of all that the profile asks for."""
    samples = [("mnist", "generate", *name, nfe) for name, (_, settings) in CELLS.items() for nfe in settings]
    edited = [
        ("mnist", f"edit/{task}", *name.split("/"), nfe)
        for name, tasks in EDITS.items() for task, settings in tasks.items() for nfe in settings
    ]  # fmt: skip
    return samples + edited


def row(task, method, variant, nfe, metric, value, error, **changes) -> dict:
    """One row of scores.csv."""
    return {
        "schema_version": 3, "dataset": "mnist", "task": task, "method": method, "variant": variant, "nfe": nfe,
        "training_seed": 0, "seed": 0, "metric": metric, "value": value, "standard_error": error,
        "ci_low": value - 1.96 * error, "ci_high": value + 1.96 * error, "reason": None, "n_samples": COUNT, "fits": 0,
        "labels": "reference", "reference": "train-4000", "extractor": "lenet", "protocol": "lenet",
        "provenance": "a1b2c3", **changes,
    }  # fmt: skip


def scores() -> pd.DataFrame:
    """scores.csv."""
    return pd.concat([results(), evaluation(), edits(), classifiers()], ignore_index=True)


def results(count: int = COUNT) -> pd.DataFrame:
    """Scores of samples: three seeds per cell; consistency_training/original at 2 NFE failed and is missing."""
    rng = np.random.default_rng(0)
    rows = [_score("data", "test", 0, 0, (1.9, 0, 0.96, 0.95), rng, count)]
    for (method, variant), (truth, settings) in CELLS.items():
        for nfe in settings:
            if (method, variant, nfe) != ("consistency_training", "original", 2):
                rows += [_score(method, variant, nfe, seed, truth, rng, count) for seed in SEEDS]
    return pd.DataFrame([row for block in rows for row in block])


def _score(method, variant, nfe, seed, truth, rng, count) -> list[dict]:
    floor, slope, precision, recall = truth
    distance = floor + slope / max(nfe, 1) ** (1.6 if slope > 50 else 1.1)
    worse = np.exp(-distance / 60)
    exact = {
        "fd_lenet": (distance, 0.03 * distance),
        "fd_lenet_bias": (1.1, 0.0),
        "fd_lenet_corrected": (distance - 1.1, 0.03 * distance),
        "kid_lenet": (distance / 4000, distance / 90000),
        "is_lenet": (9.8 * worse**0.4, 0.05),
        "precision": (precision * worse, 0.012),
        "recall": (recall * worse**0.8, 0.013),
        "density": (1.08 * precision * worse, 0.03),
        "coverage": (0.98 * recall * worse**0.7, 0.012),
        "duplicate_rate": (0.04 if (method, nfe) == COLLAPSED else 0.0, 0.004),
        "class_coverage": (0.9 if (method, nfe) == COLLAPSED else 1.0, 0.0),
        **{f"class_share_{k}": (0.15 if (method, nfe, k) == (*COLLAPSED, 8) else 1.0, 0.01) for k in range(10)},
        "relative_brightness": (1.02, 0.01),
        "relative_contrast": (0.97, 0.01),
    }
    rows = []
    for metric, (value, error) in exact.items():
        value += rng.normal(0, error)
        value = abs(value) if metric == "duplicate_rate" else value
        rows.append(row("generate", method, variant, nfe, metric, value, error, seed=seed, n_samples=count))
    return rows


def speed() -> pd.DataFrame:
    """speed.csv of samples: four batch sizes per cell on one machine; one cell is noisy."""
    rng = np.random.default_rng(1)
    rows = []
    for (method, variant), (_, settings) in CELLS.items():
        for nfe in settings:
            for batch in (1, 4, 16, 64):
                rate = 2100 / nfe * batch / (batch + 3) * rng.normal(1, 0.015) * (0.9 if variant == "euler" else 1)
                rows.append({
                    "schema_version": 3, "dataset": "mnist", "task": "generate", "method": method,
                    "variant": variant, "nfe": nfe,
                    "device": "cpu", "dtype": "float32", "batch": batch, "images_per_second": rate,
                    "images_per_second_q25": rate * 0.985, "images_per_second_q75": rate * 1.012,
                    "relative_throughput": rate / 3000, "relative_low": rate / 3000 * 0.99,
                    "relative_high": rate / 3000 * 1.01, "latency_p50_ms": 1.9 * nfe,
                    "latency_p90_ms": 2.1 * nfe, "latency_p99_ms": 2.9 * nfe, "latency_calls": 100,
                    "measured_nfe": nfe, "network_calls": nfe,
                    "flops_per_image": 21.4e6 * nfe, "stage_flops": f"model={21_400_000 * nfe}",
                    "parameters": 1240000, "peak_memory_mib": 310.0,
                    "compile_seconds": 0.0, "load1": 0.3, "hardware": HARDWARE["id"],
                    "quality": "noisy" if (method, variant, nfe) == ("ddpm", "ddim", 17) else "ok",
                })  # fmt: skip
    return pd.DataFrame(rows)


def edit_speed() -> pd.DataFrame:
    """speed.csv of edits, at one batch size; that of edm/stochastic at 71 NFE failed and is missing."""
    like = speed().iloc[0].to_dict()
    names = ("images_per_second", "images_per_second_q25", "images_per_second_q75")
    return pd.DataFrame([
        like | {"task": f"edit/{task}", "method": method, "variant": variant, "nfe": nfe, "batch": 8}
        | dict(zip(names, (500 / nfe, 490 / nfe, 510 / nfe), strict=True))
        for method, variant, task, nfe in _edited()
    ])  # fmt: skip


def evaluation() -> pd.DataFrame:
    """Scores that three methods give themselves, one at two NFE."""
    scores = {
        ("edm", "heun", 0): {"bits_per_dim": (1.234, 0.01)},
        ("ect", "multistep", 0): {"drift": (0.051, 0.002), "reconstruction_fd_lenet": (2.5, 0.3)},
        ("ddpm", "ddim", 5): {"oracle_fd_lenet": (20.0, 0.5)},
        ("ddpm", "ddim", 9): {"oracle_fd_lenet": (12.0, 0.4)},
    }
    return pd.DataFrame([
        row("evaluate", *cell, metric, *score, labels="none")
        for cell, found in scores.items() for metric, score in found.items()
    ])  # fmt: skip


def _edited() -> list[tuple]:
    """(method, variant, task, nfe) of all edits but the one that failed."""
    asked = [(*m.split("/"), t, n) for m, tasks in EDITS.items() for t, nfes in tasks.items() for n in nfes]
    return [cell for cell in asked if cell[3] != 71]


def edits() -> pd.DataFrame:
    """Scores of edits: two tasks; edm/stochastic at 71 NFE failed and is missing."""
    exact = {"fd_lenet": 14.0, "psnr": 15.2, "ssim": 0.7, "constraint_error": 1.4e-13, "constraint_error_8bit": 0.5}
    rows = []
    for method, variant, task, nfe in _edited():
        plain = {k: v for k, v in exact.items() if k == "fd_lenet"} if task == "interpolation" else exact
        rows += [(task, method, variant, nfe, k, v * (1 + nfe / 100)) for k, v in plain.items()]
    rows += [("inpainting_box", "data", variant, 0, "fd_lenet", 13.0) for variant in ("input", "truth")]
    rows += [("interpolation", "data", "truth", 0, "fd_lenet", 13.0)]
    pixels = {"reference": "r", "extractor": "pixels", "protocol": "pixels"}
    return pd.DataFrame([
        row(f"edit/{task}", method, variant, nfe, metric, value, 0.1 * value, n_samples=200, labels="none",
            **({} if metric == "fd_lenet" else pixels))
        for task, method, variant, nfe, metric, value in rows
    ])  # fmt: skip


def classifiers() -> pd.DataFrame:
    """Scores by classifiers and observers: two samplers and the controls, of two classes."""
    rows = []

    def add(method, variant, nfe, **scores):
        for metric, value in scores.items():
            task, protocol = ("generate", "fool-rate") if metric.startswith("fool") else ("labelled", "accuracy")
            names = {"reference": "none", "extractor": "none", "protocol": protocol, "labels": "none", "fits": 3}
            bounds = {"ci_low": value - 0.02, "ci_high": value + 0.02}
            rows.append(row(task, method, variant, nfe, metric, value, 0.01, **names, **bounds))

    add("ect", "multistep", 1, cas=0.8, cas_ratio=0.8 / 0.97, cas_class_0=0.9, cas_class_1=0.7, cas_gap_0=-0.05,
        cas_gap_1=-0.29, nearer_to_training=0.41, training_copies=0.0, fool_rate=0.12,
        fool_rate_generalist=0.2)  # fmt: skip
    add("edm", "heun", 17, cas=0.96, cas_ratio=0.96 / 0.97, cas_class_0=0.95, cas_class_1=0.97, cas_gap_0=0.0,
        cas_gap_1=-0.02, nearer_to_training=0.52, training_copies=0.01, fool_rate=0.31,
        fool_rate_generalist=0.4)  # fmt: skip
    add("data", "train", 0, cas=0.97, cas_class_0=0.95, cas_class_1=0.99)
    add("data", "shuffled", 0, cas=0.5, cas_class_0=0.4, cas_class_1=0.6)
    add("data", "test", 0, training_copies=0.002)
    for variant, rate in (("held_out", 0.5), ("noisy", 0.3), ("untrained", 0.01)):
        add("data", variant, 0, fool_rate=rate)
    return pd.DataFrame(rows)
