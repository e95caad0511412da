"""Images for the page: PNG in base64, without compression, so that not even a length tells one image from another."""

import base64
import io

import numpy as np
from PIL import Image


def uncompressed(image: np.ndarray) -> str:
    """A uint8 image [H, W, C] (C = 1 or 3) as PNG in base64: as many characters for every image of that shape."""
    out = io.BytesIO()
    Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(out, "PNG", compress_level=0)
    return base64.b64encode(out.getvalue()).decode()
