"""Images that ship inside Python packages."""

from importlib.util import find_spec
from pathlib import Path


def file_in(name: str) -> Path:
    """Where a file `<package>/<path>` lies; the name itself if there is no such package. Nothing is imported."""
    package, _, inside = name.partition("/")
    spec = find_spec(package)
    return Path(spec.submodule_search_locations[0]) / inside if spec else Path(name)
