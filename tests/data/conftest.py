from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def make_images():
    """uint8 images [count, size, size, channels] of independent pixels; equal arguments give equal images."""

    def make(count: int, size: int = 6, channels: int = 3, seed: int = 0) -> np.ndarray:
        return np.random.default_rng(seed).integers(0, 256, (count, size, size, channels), dtype=np.uint8)

    return make


@pytest.fixture
def encode():
    """Bytes of an image file from pixels [H, W, C]."""

    def encode(pixels: np.ndarray, file_format: str = "PNG", mode: str | None = None) -> bytes:
        image = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        buffer = BytesIO()
        (image.convert(mode) if mode else image).save(buffer, file_format)
        return buffer.getvalue()

    return encode


@pytest.fixture
def write_folder(encode):
    """Write images as 000.png, 001.png, ... into a folder."""

    def write(folder: Path, images: np.ndarray) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for i, pixels in enumerate(images):
            (folder / f"{i:03d}.png").write_bytes(encode(pixels))

    return write
