"""From the bytes of an image file to uint8 pixels, or to one clear sentence."""

from collections.abc import Iterable
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from fewstep.errors import FewstepError

# A closed list: Pillow's other plug-ins (EPS starts Ghostscript) are no business of a benchmark.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM")
EXTENSIONS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm")
MAX_PIXELS = 64 * 2**20  # of one image; more is a decompression bomb

_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def decode(data: bytes, where: str) -> np.ndarray:
    """Decode one grey (mode L) or colour (mode RGB) image.

    Args:
        data: the bytes of the file.
        where: what the error calls it (a path, or a path and a row).

    Returns:
        uint8 [H, W, C], C = 1 or 3.

    Raises:
        FewstepError: truncated, not an image, too large, or of another mode; nothing is converted behind
            one's back.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise FewstepError(f"{where}: {image.width} x {image.height} pixels are too many for one image.")
            if image.mode not in ("L", "RGB"):
                raise FewstepError(f"{where}: the image has mode {image.mode}; convert it to L (grey) or RGB.")
            pixels = np.array(image)
    except UnidentifiedImageError:
        raise FewstepError(f"{where}: this is not an image in one of the formats {', '.join(FORMATS)}.") from None
    except _BROKEN as error:
        raise FewstepError(f"{where}: the image cannot be read ({error}).") from None
    return pixels if pixels.ndim == 3 else pixels[..., None]


def decode_all(items: Iterable[tuple[str, bytes]], count: int) -> np.ndarray:
    """Decode `count` images of one shape into uint8 [count, H, W, C].

    Args:
        items: pairs (what the error calls it, bytes); read one by one.

    Raises:
        FewstepError: as `decode`, or an image differs in size or channels from the first; the sentence names
            both.
    """
    images, first = np.empty((0, 0, 0, 1), np.uint8), ""
    for i, (where, data) in enumerate(items):
        pixels = decode(data, where)
        if i == 0:
            images, first = np.empty((count, *pixels.shape), np.uint8), where
        if pixels.shape != images.shape[1:]:
            sizes = [" x ".join(map(str, shape)) for shape in (pixels.shape, images.shape[1:])]
            raise FewstepError(f"{where}: height x width x channels is {sizes[0]}, but {sizes[1]} in {first}.")
        images[i] = pixels
    return images
