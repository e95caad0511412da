"""Puts files into a page: data: URIs, images, and figures that follow the page's colours."""

import base64
import io
import re
from pathlib import Path

import numpy as np
from markupsafe import Markup, escape
from matplotlib.markers import MarkerStyle
from PIL import Image

from fewstep.report.blocks import Download, Mark
from fewstep.report.style import GRID, INK, LIGHT, MUTED, Look

_TYPES = {
    ".csv": "text/csv",
    ".md": "text/markdown",
    ".tex": "application/x-tex",
    ".json": "application/json",
}


def data_uri(content: bytes, media_type: str) -> str:
    """A data: URI in base64."""
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def download(path: Path) -> Download:
    """A text file as a download link."""
    return Download(path.name, data_uri(path.read_bytes(), f"{_TYPES[path.suffix]};charset=utf-8"))


def png(image: np.ndarray) -> str:
    """A data: URI of a uint8 image [H, W, 4] (RGBA), without loss; one that is grey is stored as grey and alpha."""
    grey = (image[..., :1] == image[..., :3]).all()
    out = io.BytesIO()
    Image.fromarray(image).convert("LA" if grey else "RGBA").save(out, "PNG", optimize=True)
    return data_uri(out.getvalue(), "image/png")


def mark(look: Look) -> Mark:
    """The marker of a figure as an SVG path."""
    style = MarkerStyle(look.marker)
    path = style.get_path().transformed(style.get_transform())
    reach = np.abs(path.vertices).max()
    parts = []
    for points, code in path.iter_segments():
        pairs = (points / reach).reshape(-1, 2) * (1, -1)  # SVG's y axis points down
        letter = {1: "M", 2: "L", 3: "Q", 4: "C", 79: "Z"}[int(code)]
        parts.append(letter if letter == "Z" else letter + " ".join(f"{x:.3g},{y:.3g}" for x, y in pairs))
    return Mark(look.slot, "".join(parts), {"full": 1, "none": 0}.get(look.fill, 0.45))


def inline_svg(path: Path, alt: str) -> Markup:
    """matplotlib's SVG as an element of the page: its colours become the page's, its ids its own.

    Only files that Fewstep drew may come here: the markup is taken as it is.
    """
    svg = path.read_text(encoding="utf-8")
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = svg.replace("xlink:href", "href")
    svg = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{path.stem}-", svg)
    for variable, colour in _variables().items():
        svg = svg.replace(colour, f"var(--{variable})")
    view = re.search(r'viewBox="[^"]+"', svg)[0]
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {view} role="img" aria-label="{escape(alt)}">'
    return Markup(head + svg[svg.index(">") + 1 :])


def _variables() -> dict[str, str]:
    """CSS variables that stand for the colours of the figures."""
    return {"ink": INK, "grid": GRID, "muted": MUTED} | {f"c{i}": colour for i, colour in enumerate(LIGHT)}
