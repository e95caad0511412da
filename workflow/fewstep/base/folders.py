"""Where the project's own folders are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
METHODS = ROOT / "methods"
EXTRACTOR_WEIGHTS = Path("workflow/fewstep/scoring/extractors/weights")  # below ROOT: those that ship
