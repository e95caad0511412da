"""Images that ship inside Python packages."""

import sys
from pathlib import Path


def file_in(name: str) -> Path:
    """Where a file `<package>/<path>` lies; the name itself if there is no such package. Nothing is imported."""
    package, _, inside = name.partition("/")
    folders = (Path(entry) / package for entry in sys.path)
    return next((folder / inside for folder in folders if (folder / "__init__.py").is_file()), Path(name))
