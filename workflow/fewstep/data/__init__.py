"""Real images: one file per source (`load`), one place for splits and storage.

    load_source(spec)        read a source into {"train": Split, "test": Split}
    prepare(spec, out_dir)   read it, and write train.npz, test.npz and card.json
    prepare_all(spec, out_dir)   all images, without a split, as all.npz and card.json
    read_split(path), read_card(path)

Every image is uint8, square, with 1 (grey) or 3 (RGB) channels, exactly as decoded: nothing is resized or
converted.
"""

from fewstep.data.fingerprints import fingerprint, split_fingerprint
from fewstep.data.sources import SOURCES, load_source
from fewstep.data.split import Split, dealt, hold_out
from fewstep.data.store import prepare, read_card, read_split
from fewstep.data.whole import prepare_all

__all__ = [
    "SOURCES",
    "Split",
    "dealt",
    "fingerprint",
    "hold_out",
    "load_source",
    "prepare",
    "prepare_all",
    "read_card",
    "read_split",
    "split_fingerprint",
]
