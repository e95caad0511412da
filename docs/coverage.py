"""Draw docs/coverage.png and the table of docs/protocol.md: how often intervals of the Frechet distance hold the truth.

Samples are drawn from the population that the reference describes, so that the true distance is 0. Takes some minutes:

    python docs/coverage.py
"""

import re
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests"), str(ROOT / "tests" / "scoring" / "metrics")]

from matplotlib.figure import Figure  # noqa: E402
from simulations import FIXED, INDEPENDENT, digits, labels, repeat, resampled  # noqa: E402

from fewstep.scoring.metrics.frechet import Gaussian, estimate  # noqa: E402
from fewstep.scoring.metrics.moments import Moments  # noqa: E402

DRAWS = 200
RATIOS = (1.1, 1.6, 2, 3, 4, 4.7, 7, 12.5)
COLOURS = {64: "#0072B2", 256: "#D55E00"}
HEADS = ("population", "N", "mean distance", "mean corrected", "spread", "mean error", "covers 0", "withheld")


def normals(dimension: int, decay: float, ratio: float, draws: int) -> tuple[np.ndarray, int]:
    """(value, corrected, error) [draws, 3] of normal features with variances i^-decay, and N."""
    variances = torch.arange(1, dimension + 1).double() ** -decay
    reference = Gaussian.fit(Moments(10**7, torch.zeros(dimension).double(), torch.diag(variances)))
    count = round(ratio * dimension)

    def once(generator):
        noise = torch.randn(count, dimension, generator=generator, dtype=torch.float64)
        return row(estimate(noise * variances.sqrt(), reference))

    return repeat(draws, once), count


def digit_draws(design: str, count: int) -> np.ndarray:
    """(value, corrected, error) [DRAWS, 3] of MNIST's training images in the shipped classifier's features."""
    train, _ = digits()
    features, of_class = torch.from_numpy(train.features), torch.from_numpy(train.labels)
    reference = Gaussian.fit(Moments.of(features))

    def once(generator):
        drawn, how = labels(design, count, generator)
        return row(estimate(resampled(features, of_class, drawn, generator), reference, how))

    return repeat(DRAWS, once)


def row(found) -> tuple:
    return found.value, found.corrected, found.corrected_standard_error


def summary(name: str, count: int, found: np.ndarray) -> tuple[str, ...]:
    """A line of the table under HEADS; "-" where less than half of the draws have a corrected value."""
    value, corrected, error = found.T
    there = ~np.isnan(corrected)
    told = [name, f"{count:,}", f"{value.mean():.3g}"]
    if there.mean() < 0.5:
        return (*told, "-", "-", "-", "-", f"{1 - there.mean():.1%}")
    covers = (abs(corrected) <= 1.96 * error)[there].mean()
    numbers = (f"{x:.2g}" for x in (corrected[there].mean(), corrected[there].std(), error[there].mean()))
    return (*told, *numbers, f"{covers:.1%}", f"{1 - there.mean():.1%}")


def main() -> None:
    torch.set_num_threads(1)
    lines, curves = [], {}
    for design in (INDEPENDENT, FIXED):
        for count in (250, 1000, 4000):
            lines.append(summary(f"MNIST (lenet), {design}", count, digit_draws(design, count)))
            print(*lines[-1], sep="  ", flush=True)
    for dimension, draws in ((64, DRAWS), (256, 40)):
        for decay in (0, 1):
            for ratio in RATIOS:
                found, count = normals(dimension, decay, ratio, draws)
                lines.append(summary(f"normal, d = {dimension}, variances i^-{decay}", count, found))
                print(*lines[-1], sep="  ", flush=True)
                curves.setdefault((dimension, decay), []).append(lines[-1][-2:])
    draw(curves)
    table = [HEADS, (":--", *["--:"] * (len(HEADS) - 1)), *lines]
    text = "\n".join(f"| {' | '.join(line)} |" for line in table)
    page = ROOT / "docs" / "protocol.md"
    between = r"(<!-- coverage table -->\n).*(<!-- end of coverage table -->)"
    page.write_text(re.sub(between, rf"\g<1>{text}\n\2", page.read_text("utf-8"), flags=re.S), "utf-8")


def draw(curves: dict) -> None:
    """Coverage over N / d; crosses at the bottom where the value is withheld."""
    figure = Figure(figsize=(6.5, 3), layout="constrained")
    axes = figure.add_subplot()
    axes.axhspan(94, 99, color="#009E73", alpha=0.15, linewidth=0)
    for (dimension, decay), points in curves.items():
        covers = [np.nan if share == "-" else float(share.rstrip("%")) for share, _ in points]
        withheld = [ratio for ratio, (share, _) in zip(RATIOS, points, strict=True) if share == "-"]
        look = {"color": COLOURS[dimension], "marker": "os"[decay], "fillstyle": ("full", "none")[decay]}
        axes.plot(RATIOS, covers, linestyle=("-", "--")[decay], **look,
                  label=f"d = {dimension}, variances {('equal', '1 / i')[decay]}")  # fmt: skip
        level = 71 + 1.5 * list(curves).index((dimension, decay))
        axes.plot(withheld, [level] * len(withheld), linestyle="none", marker="x", color=look["color"])
    axes.set(xscale="log", xlabel="N / d", ylabel="intervals that hold the truth [%]", ylim=(70, 101))
    axes.set_xticks(RATIOS, [f"{ratio:g}" for ratio in RATIOS])
    axes.minorticks_off()
    axes.legend(fontsize=7, title="× withheld", title_fontsize=7, loc="lower right")
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(ROOT / "docs" / "coverage.png", dpi=200)


if __name__ == "__main__":
    main()
