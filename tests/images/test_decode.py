from io import BytesIO

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from pngs import png

from fewstep.base.errors import FewstepError
from fewstep.images import decode as module
from fewstep.images.decode import decode, decode_all


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("file_format", ["PNG", "BMP", "TIFF", "PPM"])
def test_lossless_formats_come_back_exactly(make_images, encode, channels, file_format):
    pixels = make_images(1, channels=channels)[0]
    np.testing.assert_array_equal(decode(encode(pixels, file_format), "a.png"), pixels)


@pytest.mark.parametrize("mode", ["1", "P", "I;16", "CMYK"])
def test_other_modes_are_refused_not_converted(make_images, encode, mode):
    file_format = "TIFF" if mode == "CMYK" else "PNG"
    pixels = make_images(1, channels=1 if mode == "I;16" else 3)[0]
    with pytest.raises(FewstepError, match=r"^a.png: the image has mode \S+; convert it to L \(grey\) or RGB\.$"):
        decode(encode(pixels, file_format, mode), "a.png")


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_that_is_opaque_everywhere_is_dropped_and_any_other_is_refused(make_images, mode):
    pixels = make_images(1, channels=4 if mode == "RGBA" else 2)[0]
    pixels[..., -1] = 255
    np.testing.assert_array_equal(decode(with_alpha(pixels, mode), "a.png"), pixels[..., :-1])
    pixels[2, 3, -1] = 254
    with pytest.raises(FewstepError, match="^a.png: some pixels are transparent; make the image opaque.$"):
        decode(with_alpha(pixels, mode), "a.png")


def with_alpha(pixels: np.ndarray, mode: str) -> bytes:
    buffer = BytesIO()
    Image.frombytes(mode, pixels.shape[:2], pixels.tobytes()).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_truncated_image_names_the_file(make_images, encode):
    with pytest.raises(FewstepError, match="^a.png: the image cannot be read "):
        decode(encode(make_images(1, size=64)[0])[:2000], "a.png")


@pytest.mark.parametrize("data", [b"", b"hello", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n"])
def test_what_is_no_image_names_the_file(data):
    with pytest.raises(FewstepError, match="^a.png: this is not an image in one of the formats PNG, "):
        decode(data, "a.png")


def png_that_claims(width: int, height: int) -> bytes:
    """A one-bit PNG of zeros: 20,000 x 20,000 pixels of it take 50 kB."""
    return png(width, height, 1, 0, b"")


@pytest.mark.parametrize("side", [9000, 12000, 20000])  # below, within and above Pillow's own two thresholds
def test_a_decompression_bomb_is_refused_by_its_header(side):
    with pytest.raises(FewstepError, match="^a.png: "):
        decode(png_that_claims(side, side), "a.png")


def test_the_limit_is_on_pixels(monkeypatch, make_images, encode):
    monkeypatch.setattr(module, "MAX_PIXELS", 35)
    with pytest.raises(FewstepError, match="^a.png: 6 x 6 pixels are too many for one image.$"):
        decode(encode(make_images(1)[0]), "a.png")


@given(data=st.data())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_damage_gives_pixels_or_the_one_exception(make_images, encode, data):
    good = bytearray(encode(make_images(1)[0]))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        assert decode(bytes(good[: data.draw(st.integers(0, len(good)))]), "a.png").dtype == np.uint8
    except FewstepError as error:
        assert str(error).startswith("a.png: ")


def test_mixed_sizes_name_both_files(make_images, encode):
    items = [("a.png", encode(make_images(1)[0])), ("b.png", encode(make_images(1, size=7)[0]))]
    with pytest.raises(FewstepError, match="^b.png: height x width x channels is 7 x 7 x 3, but 6 x 6 x 3 in a.png.$"):
        decode_all(items, 2)


def test_mixed_channels_name_both_files(make_images, encode):
    items = [("a.png", encode(make_images(1)[0])), ("b.png", encode(make_images(1, channels=1)[0]))]
    with pytest.raises(FewstepError, match="^b.png: height x width x channels is 6 x 6 x 1, but 6 x 6 x 3 in a"):
        decode_all(items, 2)
