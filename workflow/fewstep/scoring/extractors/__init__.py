"""Feature extractors by name: the classifier that ships, the 2015 Inception network, and one that a run trains."""

from pathlib import Path

from fewstep.base.errors import FewstepError
from fewstep.base.folders import EXTRACTOR_WEIGHTS, ROOT, shipped_lenets
from fewstep.scoring.extractors.extractor import Extractor

SHIPPED = ROOT / EXTRACTOR_WEIGHTS


def load(
    name: str,
    dataset: str,
    weights: str | Path | None = None,
    resize: str = "tf1-bilinear",
    device: str = "cpu",
) -> Extractor:
    """Load an extractor.

    Args:
        name: "lenet", "inception" or "rotnet".
        dataset: whose shipped lenet weights are taken; the others do not look at it.
        weights: a file of weights to use instead of those shipped (lenet) or downloaded (inception); rotnet needs one,
            which `fewstep.scoring.extractors.rotnet_training.train` writes.
        resize: inception alone: "tf1-bilinear" (FID) or "clean-bicubic".

    Raises:
        FewstepError: unknown extractor or resize, no lenet for this data set, or a file that is not the
            weights.
    """
    if name == "lenet":
        from fewstep.scoring.extractors.lenet import LeNetExtractor

        return LeNetExtractor(Path(weights) if weights else _shipped(dataset), device)
    if name == "inception":
        from fewstep.scoring.extractors.inception import InceptionExtractor

        return InceptionExtractor(weights, resize, device)
    if name == "rotnet":
        from fewstep.scoring.extractors.rotnet import RotNetExtractor

        if weights is None:
            raise FewstepError("extractor: rotnet has no weights that ship; give the file that a run trained.")
        return RotNetExtractor(weights, device)
    raise FewstepError(f"extractor: there is no extractor {name}; there are lenet, inception and rotnet.")


def _shipped(dataset: str) -> Path:
    path = SHIPPED / f"lenet-{dataset}.safetensors"
    if not path.exists():
        names = ", ".join(shipped_lenets())
        raise FewstepError(f"extractor: lenet ships with weights for {names}, not for {dataset}.")
    return path
