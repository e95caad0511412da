"""What 8 bits of grey or RGB would not hold is refused by name, never dropped."""

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pngs import chunk, png

from fewstep.base.errors import FewstepError
from fewstep.images.decode import decode

RNG = np.random.default_rng(0)
GREY = Image.fromarray(RNG.integers(0, 256, (8, 8), dtype=np.uint8))
COLOUR = Image.fromarray(RNG.integers(0, 256, (8, 8, 3), dtype=np.uint8))
VEILED = Image.fromarray(RNG.integers(0, 256, (8, 8, 4), dtype=np.uint8))
OTHER = Image.fromarray(RNG.integers(0, 256, (8, 8), dtype=np.uint8))


def saved(image: Image.Image, file_format: str, **options) -> bytes:
    buffer = BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def turned(file_format: str) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(COLOUR, file_format, exif=exif)


def tiff(samples: tuple[int, ...], photometric: int = 2, extra: int | None = None) -> bytes:
    """An uncompressed little-endian TIFF of 2 x 2 pixels of zeros with so many bits for each sample."""
    count = len(samples)
    data = bytes(4 * sum(samples) // 8)
    entries = {
        256: (3, [2]), 257: (3, [2]), 258: (3, samples), 259: (3, [1]), 262: (3, [photometric]), 273: (4, [8]),
        277: (3, [count]), 278: (3, [2]), 279: (4, [len(data)]),
    }  # fmt: skip
    if extra is not None:
        entries[338] = (3, [extra])
    start = 8 + len(data)
    behind, table = start + 2 + 12 * len(entries) + 4, b""
    rest = b""
    for tag, (kind, values) in sorted(entries.items()):
        packed = struct.pack(f"<{len(values)}{'H' if kind == 3 else 'I'}", *values)
        if len(packed) > 4:
            packed, rest = struct.pack("<I", behind + len(rest)), rest + packed
        table += struct.pack("<HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<I", start) + data + struct.pack("<H", len(entries)) + table + bytes(4) + rest


CLEAR = "the image has a transparent colour; make it opaque."
WIDE = "the image has more than 8 bits for each channel; convert it to 8."
LOSSES = {
    "PNG of 48 bits": (png(8, 8, 16, 2, bytes(8 * 49)), WIDE),
    "PPM of 16 bits": (b"P6 4 4 65535\n" + bytes(96), WIDE),
    "PPM of 10 bits": (b"P6 4 4 1023\n" + bytes(96), WIDE),
    "PPM of 16 bits in words": (b"P3 1 1 65535\n1 2 300\n", WIDE),
    "TIFF of 48 bits": (tiff((16, 16, 16)), WIDE),
    "grey PNG of 16 bits": (png(8, 8, 16, 0, bytes(8 * 17)), "the image has mode I;16; "),
    "PGM of 16 bits": (b"P5 4 4 65535\n" + bytes(32), "the image has mode I; "),
    "TIFF of CMYK": (tiff((8, 8, 8, 8), photometric=5), "the image has mode CMYK; "),
    "TIFF with a channel without a meaning": (tiff((8, 8, 8, 8), extra=0), "the image has 4 channels; "),
    "JPEG of CMYK": (saved(COLOUR.convert("CMYK"), "JPEG"), "the image has mode CMYK; "),
    "a transparent colour": (
        png(8, 8, 8, 2, bytes(8 * 25), chunk(b"tRNS", bytes(6))), CLEAR),
    "a transparent grey level": (
        png(8, 8, 8, 0, bytes(8 * 9), chunk(b"tRNS", bytes(2))), CLEAR),
    "WebP with transparency": (saved(VEILED, "WEBP"), "some pixels are transparent; "),
    "animated PNG": (saved(GREY, "PNG", save_all=True, append_images=[OTHER]), "the file holds 2 images; "),
    "animated WebP": (saved(COLOUR, "WEBP", save_all=True, append_images=[OTHER.convert("RGB")]),
                      "the file holds 2 images; "),
    "TIFF of two pages": (saved(GREY, "TIFF", save_all=True, append_images=[OTHER]), "the file holds 2 images; "),
    "GIF": (saved(GREY, "GIF"), "this is not an image in one of the formats "),
    **{f"turned {kind}": (turned(kind), "EXIF says that the image is to be turned (orientation 6); ")
       for kind in ("JPEG", "PNG", "WEBP", "TIFF")},
}  # fmt: skip


@pytest.mark.parametrize("kind", LOSSES)
def test_what_would_be_lost_is_refused(kind):
    data, sentence = LOSSES[kind]
    with pytest.raises(FewstepError) as caught:
        decode(data, "a")
    assert str(caught.value).startswith(f"a: {sentence}")


@pytest.mark.parametrize("data", [
    png(8, 8, 8, 2, bytes(8 * 25)),
    b"P6 4 4 255\n" + bytes(48),
    tiff((8, 8, 8)),
    saved(COLOUR, "TIFF", compression="tiff_lzw"),
    saved(COLOUR, "JPEG", exif=Image.Exif()),
    saved(GREY, "PNG", save_all=True),
    saved(COLOUR, "BMP"),
])  # fmt: skip
def test_what_loses_nothing_is_read(data):
    assert decode(data, "a").dtype == np.uint8
