"""Feature extractors by name: the classifier that ships with Fewstep, and the 2015 Inception network."""

from pathlib import Path

from fewstep.errors import FewstepError
from fewstep.extractors.base import Extractor

SHIPPED = Path(__file__).parent / "weights"


def load(
    name: str,
    dataset: str,
    weights: str | Path | None = None,
    resize: str = "tf1-bilinear",
    device: str = "cpu",
) -> Extractor:
    """Load an extractor.

    Args:
        name: "lenet" or "inception".
        dataset: whose shipped lenet weights are taken; inception does not look at it.
        weights: a file of weights to use instead of those shipped (lenet) or downloaded (inception).
        resize: inception alone: "tf1-bilinear" (FID) or "clean-bicubic".

    Raises:
        FewstepError: unknown extractor or resize, no lenet for this data set, or a file that is not the
            weights.
    """
    if name == "lenet":
        from fewstep.extractors.lenet import LeNetExtractor

        return LeNetExtractor(Path(weights) if weights else _shipped(dataset), device)
    if name == "inception":
        from fewstep.extractors.inception import InceptionExtractor

        return InceptionExtractor(weights, resize, device)
    raise FewstepError(f"extractor: there is no extractor {name}; there are lenet and inception.")


def _shipped(dataset: str) -> Path:
    path = SHIPPED / f"lenet-{dataset}.safetensors"
    if not path.exists():
        names = sorted(file.stem.removeprefix("lenet-") for file in SHIPPED.glob("*.safetensors"))
        raise FewstepError(f"extractor: lenet ships with weights for {', '.join(names)}, not for {dataset}.")
    return path
