"""What is measured: label, unit and direction of every metric of scores.csv and column of speed.csv, in one place."""

import re
from dataclasses import dataclass, replace

from fewstep.scoring.metrics.collapse import CLASS_SHARE
from fewstep.scoring.metrics.collapse import METRICS as VARIETY

HIGHER, LOWER, UNRANKED = 1, -1, 0
_DISTANCE = r"(fid|fd_(.+?))"


@dataclass(frozen=True)
class Quantity:
    """One measured quantity.

    `direction` is HIGHER (better), LOWER (better) or UNRANKED (a description, not a merit).
    `scale` multiplies a value before it is shown (CSV files keep the raw one); `unit` names the scaled unit.
    `clocked`: it came from a clock, and a busy machine spoils it. fewstep.results.bounds knows the limits of a value.
    """

    name: str
    label: str
    direction: int
    meaning: str
    unit: str = ""
    scale: float = 1.0
    clocked: bool = False

    @property
    def heading(self) -> str:
        return f"{self.label} [{self.unit}]" if self.unit else self.label

    @property
    def arrow(self) -> str:
        return {HIGHER: "↑", LOWER: "↓", UNRANKED: ""}[self.direction]


_PARTS = {
    "": ("", LOWER, "raw, at this number of samples"),
    "_bias": (" bias", UNRANKED, "the part that the finite number of samples adds"),
    "_corrected": (" − bias", LOWER, "less the part that the finite number of samples adds"),
}

# Scores of degraded images y and of their projections f(y), by the middle of the name.
_PROJECTED = {
    None: (
        "error",
        "mean absolute difference of degraded held-out images, before and after projection, to the clean ones",
    ),
    "_drift": (
        "drift",
        "|f(y) − y| of degraded held-out images y, before and after projection: how far off the manifold",
    ),
}

_FIXED = {
    quantity.name: quantity
    for quantity in (
        Quantity("precision", "precision", HIGHER, "share of samples within the real images' manifold"),
        Quantity("recall", "recall", HIGHER, "share of real images within the samples' manifold"),
        Quantity("density", "density", HIGHER, "how many real neighbourhoods hold a sample, on average"),
        Quantity("coverage", "coverage", HIGHER, "share of real neighbourhoods that hold a sample"),
        Quantity("class_coverage", "class coverage", HIGHER,
                 "part of the classes that come with at least a quarter of their share among real images"),
        Quantity("duplicate_rate", "duplicates", LOWER, "share of samples that are all but copies of another sample",
                 "%", 100),
        Quantity("relative_brightness", "brightness", UNRANKED, "mean brightness over that of real images"),
        Quantity("relative_contrast", "contrast", UNRANKED, "mean contrast within an image over that of real images"),
        Quantity("psnr", "PSNR", HIGHER, "peak signal-to-noise ratio to the true images, mean; 58.9 dB at most", "dB"),
        Quantity("psnr_of_mean", "PSNR of the mean", HIGHER,
                 "PSNR of the mean over the seeds of one input's images, which nears the posterior mean", "dB"),
        Quantity("ssim", "SSIM", HIGHER, "structural similarity to the true images, Gaussian window of 11 x 11"),
        Quantity("ssim_7", "SSIM (7 x 7)", HIGHER, "structural similarity to the true images, flat window of 7 x 7"),
        Quantity("lpips", "LPIPS", LOWER, "learned perceptual distance to the true images, on VGG-16"),
        Quantity("consistency", "consistency", LOWER,
                 "mean squared error between the input and the image reduced again, pixels in [0, 1]", "10⁻⁵", 1e5),
        Quantity("seed_diversity", "diversity", UNRANKED,
                 "standard deviation of the pixels in [0, 1] between the seeds' images of one input"),
        Quantity("constraint_error", "constraint error", UNRANKED,
                 "largest difference of edited images in what is known of them, before rounding", "levels"),
        Quantity("constraint_error_8bit", "after rounding", UNRANKED,
                 "largest difference of edited images in what is known of them, in 8 bits", "levels"),
        Quantity("bits_per_dim", "bits/dim", LOWER,
                 "negative log-likelihood of held-out images, per pixel and channel"),
        Quantity("bits_per_dim_bound", "bits/dim, at most", LOWER,
                 "upper bound on the negative log-likelihood of held-out images, per pixel and channel"),
        Quantity("reconstruction_mse", "reconstruction error", LOWER,
                 "mean squared error of reconstructed held-out images, pixels in [-1, 1]"),
        Quantity("cas", "CAS", HIGHER,
                 "classification accuracy score: accuracy on real test images of a classifier trained on samples alone",
                 "%", 100),
        Quantity("cas_ratio", "CAS / real", HIGHER, "CAS over the accuracy after training on the real training set",
                 "%", 100),
        Quantity("nearer_to_training", "nearer to training", UNRANKED,
                 "how often a sample is nearer to the training images than a held-out image is: 50 % for new images",
                 "%", 100),
        Quantity("training_copies", "training copies", LOWER,
                 "share of samples that are all but copies of a training image",
                 "%", 100),
        Quantity("fool_rate", "machine fool rate", HIGHER,
                 "how often an observer finds a sample more real than a real image: chance is 50 %",
                 "%", 100),
        Quantity("fool_rate_generalist", "machine fool rate (generalist)", HIGHER,
                 "the same of one observer that was trained on all samplers together", "%", 100),
        Quantity("fool_rate_paired", "paired", HIGHER,
                 "how often an observer finds a sample more real than the very image that it belongs to",
                 "%", 100),
        Quantity("fool_rate_input_shown", "paired, input shown", HIGHER,
                 "the same of an observer who sees the low-resolution input beside every image", "%", 100),
        Quantity("drift", "drift", LOWER, "|f(f(z)) − f(z)|, mean over the pixels in [-1, 1]"),
        Quantity("relative_drift", "relative drift", LOWER, "|f(f(z)) − f(z)| as a share of |f(z) − z|", "%", 100),
        Quantity("fixed_point_error", "fixed-point error", LOWER, "|f(x) − x| of held-out images x"),
        Quantity("images_per_second", "images/s", HIGHER, "throughput at the best batch size measured", clocked=True),
        Quantity("batch", "batch", UNRANKED, "the batch size of the throughput"),
        Quantity("relative_throughput", "relative speed", HIGHER,
                 "images/s divided by that of a fixed calibration network timed in the same rounds", clocked=True),
        Quantity("latency_p50_ms", "latency p50", LOWER, "median time of one image at batch 1", "ms",
                 clocked=True),
        Quantity("latency_p90_ms", "latency p90", LOWER, "90th percentile of the time of one image", "ms",
                 clocked=True),
        Quantity("latency_p99_ms", "latency p99", LOWER, "99th percentile of the time of one image", "ms",
                 clocked=True),
        Quantity("flops_per_image", "GFLOP/image", LOWER, "arithmetic of one image", scale=1e-9),
        Quantity("parameters", "params", UNRANKED, "parameters of the sampled networks", "M", 1e-6),
        Quantity("peak_memory_mib", "peak memory", LOWER, "peak memory of one image made alone", "MiB"),
        Quantity("compile_seconds", "compile", UNRANKED, "time to compile, part of no other number", "s"),
    )
}  # fmt: skip


def describe(name: str) -> Quantity:
    """The quantity of a metric or speed column; one that is not known here is shown, but never ranked."""
    if name in _FIXED:
        return _FIXED[name]
    if match := re.fullmatch(rf"projection_(.+?)_{_DISTANCE}_(before|after)", name):
        direction, of = (LOWER if match[4] == "after" else UNRANKED), describe(match[2])
        meaning = "Frechet distance of degraded held-out images, before and after projection, to the real images"
        return Quantity(name, f"{match[1]}: {of.label} {match[4]}", direction, meaning)
    if match := re.fullmatch(rf"{_DISTANCE}(_bias|_corrected)?", name):
        suffix, direction, part = _PARTS[match[3] or ""]
        label = _on("FD", match[2]) if match[2] else "FID"
        return Quantity(name, label + suffix, direction, f"Frechet distance to the real images, {part}")
    if match := re.fullmatch(r"cas_(class|gap)_(\d+)", name):
        return _of_class(name, match[1], match[2])
    if match := re.fullmatch(r"is(?:_(.+))?", name):
        return Quantity(name, _on("IS", match[1]), HIGHER, "Inception score: confident and varied classes")
    if match := re.fullmatch(r"kid(?:_(.+))?", name):
        meaning = "squared maximum mean discrepancy with a cubic kernel, unbiased"
        thousandths = {} if match[1] else {"unit": "10⁻³", "scale": 1e3}  # as papers print it, for Inception
        return Quantity(name, _on("KID", match[1]), LOWER, meaning, **thousandths)
    if match := re.fullmatch(r"bias_(grey|red|green|blue)", name):
        meaning = f"mean of image minus truth, {match[1]} pixels in [0, 1]: a shift of colour"
        return Quantity(name, f"bias ({match[1]})", UNRANKED, meaning)
    if match := re.fullmatch(r"psnr_(single|mean_of_(\d+))", name):
        of = f"the mean of {match[2]} samples" if match[2] else "one sample"
        why = ", which moves toward a regression's" if match[2] else ""
        return Quantity(name, f"PSNR, {of}", HIGHER, f"PSNR to the true image of {of} of one input{why}", "dB")
    if match := re.fullmatch(r"projection_(.+?)(_drift)?_(before|after)", name):
        direction = LOWER if match[3] == "after" else UNRANKED
        return Quantity(name, f"{match[1]}: {_PROJECTED[match[2]][0]} {match[3]}", direction, _PROJECTED[match[2]][1])
    if match := re.fullmatch(r"reconstruction_(.+)", name):
        of = describe(match[1])
        meaning = f"{of.meaning.partition(',')[0]}, of reconstructed held-out images: the floor of the samples'"
        return replace(of, name=name, label=f"{of.label} of reconstructions", meaning=meaning)
    if match := re.fullmatch(rf"oracle_{_DISTANCE}", name):
        of = describe(match[1])
        meaning = "Frechet distance of held-out images reduced and enlarged again: what a perfect base would leave"
        return replace(of, name=name, label=f"{of.label}, oracle", meaning=meaning)
    return Quantity(name, name.replace("_", " "), UNRANKED, "")


def _of_class(name: str, kind: str, k: str) -> Quantity:
    if kind == "class":
        return Quantity(name, f"CAS, class {k}", HIGHER, f"CAS on the test images of class {k}", "%", 100)
    meaning = f"CAS less the accuracy after training on real images, on the test images of class {k}"
    return Quantity(name, f"gap, class {k}", HIGHER, meaning, "points", 100)


def _on(label: str, extractor: str | None) -> str:
    return f"{label} ({extractor})" if extractor else label


def is_detail(name: str) -> bool:
    """Whether a metric is one of many of a kind, which tables leave out: scores.csv has them."""
    return name.startswith(CLASS_SHARE)


def is_distance(name: str) -> bool:
    """Whether a metric is a raw Frechet distance, the headline of the report."""
    return re.fullmatch(_DISTANCE, name) is not None and not name.endswith(("_bias", "_corrected"))


def order(name: str) -> tuple[int, str]:
    """Sort key of a metric: distances, then the rest in the order of the field's tables."""
    if is_distance(name):
        return 0, name
    paired = ("psnr", "ssim", "ssim_7", "lpips", "consistency", "psnr_of_mean", "seed_diversity", "bias_.*")
    groups = (
        *paired,
        ".*_corrected",
        ".*_bias",
        "kid.*",
        "is.*",
        "precision",
        "recall",
        "density",
        "coverage",
        *VARIETY,
    )
    ranks = (rank for rank, pattern in enumerate(groups, start=1) if re.fullmatch(pattern, name))
    return next(ranks, len(groups) + 1), name
