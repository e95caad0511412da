"""The tasks: what a method is given, and what is kept of it. No torch is imported; the Snakefile reads this."""

from dataclasses import dataclass

BOX = 0.5  # side of the square hole, as a share of the image's (16 of 32 pixels in Song et al.'s CIFAR-10 notebook)
KNOWN_PIXELS = 0.25  # share of the pixels that are known
FACTOR = 4  # of super-resolution (the default of Song et al.'s code)
NOISE = 0.5  # known level of the noise; the data has about the same deviation
INTERPOLATION = "interpolation"
PATH = 8  # images of an interpolation, its two ends included


@dataclass(frozen=True)
class Task:
    """Describes a task: `given` says what the method gets, `known` what an edited image must keep (or nothing)."""

    title: str
    given: str
    known: str = ""
    truth: bool = True  # whether there is one right answer to compare with


TASKS = {
    "inpainting_box": Task(
        "Inpainting, a hole", f"A square of {BOX:.0%} of the side is missing in the middle.", "pixels around it"
    ),
    "inpainting_pixels": Task(
        "Inpainting, scattered pixels",
        f"{KNOWN_PIXELS:.0%} of the pixels are known, drawn for each image.",
        "known pixels",
    ),
    "colourisation": Task("Colourisation", "The luma of the image, 0.299 R + 0.587 G + 0.114 B.", "luma"),
    "super_resolution": Task(
        "Super-resolution", f"Means of squares of {FACTOR} x {FACTOR} pixels.", "means of the squares"
    ),
    "strokes": Task("Stroke-guided generation", "A painting with a few flat tones, by a brush too wide for details."),
    "denoising": Task("Denoising", f"The image with normal noise of deviation {NOISE} (pixels in [-1, 1])."),
    INTERPOLATION: Task(
        "Interpolation",
        f"Two noises; {PATH} images on the great circle between them, ends included, of one label.",
        truth=False,
    ),
}
COLOUR_ONLY = ("colourisation",)
# In scores.csv, beside the methods: held-out images, as they are given to methods and as they are.
REAL, INPUT, TRUE = "data", "input", "truth"
