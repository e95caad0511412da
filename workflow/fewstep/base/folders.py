"""Where the project's own folders are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
METHODS = ROOT / "methods"
EXTRACTOR_WEIGHTS = Path("workflow/fewstep/scoring/extractors/weights")  # below ROOT: those that ship


def shipped_lenets() -> list[str]:
    """Names of the data sets whose lenet weights ship, sorted."""
    return sorted(path.stem.removeprefix("lenet-") for path in (ROOT / EXTRACTOR_WEIGHTS).glob("lenet-*.safetensors"))
