"""Where the project's own folders are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
METHODS = ROOT / "methods"
