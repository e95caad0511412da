"""From the bytes of an image file to uint8 pixels, or to one clear sentence."""

from collections.abc import Iterable
from io import BytesIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from fewstep.base.errors import FewstepError

# A closed list: Pillow's other plug-ins (EPS starts Ghostscript) are no business of a benchmark.
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "TIFF", "PPM")
EXTENSIONS = (".png", ".jpg", ".jpeg", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".ppm", ".pgm")
ORIENTATION, SAMPLES_PER_PIXEL = 0x0112, 0x0115  # tags of EXIF and TIFF
WITH_ALPHA = ("LA", "RGBA")
MAX_PIXELS = 64 * 2**20  # of one image; more is a decompression bomb


def decode(data: bytes, where: str) -> np.ndarray:
    """Decode one grey (mode L) or colour (mode RGB) image.

    Args:
        data: the bytes of the file.
        where: what the error calls it (a path, or a path and a row).

    Returns:
        uint8 [H, W, C], C = 1 or 3.

    An alpha channel that is opaque everywhere is dropped, since nothing is lost with it.

    Raises:
        FewstepError: truncated, not an image, too large, or it holds what would be lost (another mode, more than 8
            bits, transparency, several images, an orientation): nothing is converted behind one's back.
    """
    try:
        with Image.open(BytesIO(data), formats=FORMATS) as image:
            if lost := _would_be_lost(image):
                raise FewstepError(f"{where}: {lost}.")
            pixels = np.array(image)
            if image.mode in WITH_ALPHA:
                pixels = _without_alpha(pixels, where)
    except FewstepError:
        raise
    except UnidentifiedImageError:
        raise FewstepError(f"{where}: this is not an image in one of the formats {', '.join(FORMATS)}.") from None
    except Exception as error:  # what Pillow's readers raise on damage has no common class
        raise FewstepError(f"{where}: the image cannot be read ({error}).") from None
    return pixels if pixels.ndim == 3 else pixels[..., None]


def _without_alpha(pixels: np.ndarray, where: str) -> np.ndarray:
    """The colours of pixels [H, W, 2 or 4], whose last channel must be 255 everywhere."""
    if pixels[..., -1].min() < 255:
        raise FewstepError(f"{where}: some pixels are transparent; make the image opaque.")
    return np.ascontiguousarray(pixels[..., :-1])


def _would_be_lost(image: Image.Image) -> str | None:
    """What of an image, opened but not decoded, its pixels in mode L or RGB would not hold."""
    if image.width * image.height > MAX_PIXELS:
        return f"{image.width} x {image.height} pixels are too many for one image"
    if image.mode not in ("L", "RGB", *WITH_ALPHA):
        return f"the image has mode {image.mode}; convert it to L (grey) or RGB"
    if _has_more_than_8_bits(image):
        return "the image has more than 8 bits for each channel; convert it to 8"
    if "transparency" in image.info:
        return "the image has a transparent colour; make it opaque"
    if _channels(image) > len(image.getbands()):
        return f"the image has {_channels(image)} channels; convert it to L (grey) or RGB"
    if (count := getattr(image, "n_frames", 1)) != 1:
        return f"the file holds {count} images; write each into one of its own"
    if (turned := image.getexif().get(ORIENTATION, 1)) != 1:
        return f"EXIF says that the image is to be turned (orientation {turned}); turn its pixels and drop the tag"
    return None


def _has_more_than_8_bits(image: Image.Image) -> bool:
    """Pillow reads colour of 16 bits into mode RGB and drops the lower ones; what it will do stands in the tiles."""
    plans = [tile[3] if isinstance(tile[3], tuple) else (tile[3],) for tile in image.tile]
    is_wide = any(";16" in str(plan[0]) for plan in plans)
    return is_wide or (image.format == "PPM" and any(part > 255 for plan in plans for part in plan[1:]))


def _channels(image: Image.Image) -> int:
    """Channels of the file, where it says so (TIFF); Pillow drops those without a meaning."""
    tags = getattr(image, "tag_v2", None)
    return tags.get(SAMPLES_PER_PIXEL, 1) if tags else 1


def decode_all(
    items: Iterable[tuple[str, bytes]], count: int, first: tuple[str, tuple[int, ...]] | None = None
) -> np.ndarray:
    """Decode `count` images of one shape into uint8 [count, H, W, C].

    Args:
        items: pairs (what the error calls it, bytes); read one by one.
        first: what the error calls the image whose shape [H, W, C] all must have, and that shape; None: the first item.

    Raises:
        FewstepError: as `decode`, or an image differs in size or channels from the first; the sentence names
            both.
    """
    images = None
    for i, (where, data) in enumerate(items):
        pixels = decode(data, where)
        known, shape = first = first or (where, pixels.shape)
        if pixels.shape != shape:
            sizes = [" x ".join(map(str, each)) for each in (pixels.shape, shape)]
            raise FewstepError(f"{where}: height x width x channels is {sizes[0]}, but {sizes[1]} in {known}.")
        images = np.empty((count, *shape), np.uint8) if images is None else images
        images[i] = pixels
    return np.empty((0, 0, 0, 1), np.uint8) if images is None else images
