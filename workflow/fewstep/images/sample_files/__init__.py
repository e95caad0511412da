"""Sample sets that someone else made, read a batch at a time: a folder or a .zip file of images, or an .npz file.

    a/000000.png  a/000001.png      no labels; images are in natural order (9.png before 10.png)
    a/cat/1.png   a/dog/x/2.png     labels: the sub-folders, where there are two or more of them
    a.zip                           as a folder; nothing is unpacked to disk, and names such as ../x.png lead nowhere
    a.npz                           images, arr_0 or samples: uint8 [N, H, W, C] or [N, H, W]; labels: labels or arr_1

Nothing in a file is run, no array is unpickled, and what would unpack to more than a limit is refused. Links in a
folder are followed, and what they lead to is read as an image.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from fewstep.base.errors import FewstepError
from fewstep.base.stamps import below, digest
from fewstep.images.decode import EXTENSIONS
from fewstep.images.sample_files.arrays import ArrayFile
from fewstep.images.sample_files.image_files import folder_of_pictures, zip_of_pictures
from fewstep.images.sample_files.sample_set import SampleFiles

__all__ = ["SampleFiles", "files", "fingerprint", "open_samples", "require_alike"]


def open_samples(path: str | Path, classes: Sequence[str] | None = None) -> SampleFiles:
    """Look at a sample set: its number, its labels and the shape of its first image.

    Args:
        path: a folder or a .zip file of images, or an .npz file.
        classes: names of the classes of the real images, by label, which the labels then number too; empty where they
            have no labels, so that the samples get none either. None numbers the classes that the samples have.

    Raises:
        FewstepError: no such file, of another kind, damaged, too large, without images, or with a class that is not
            among `classes`; the sentence names the file.
    """
    path = Path(path)
    if path.is_dir():
        return folder_of_pictures(path, classes)
    if not path.exists():
        raise FewstepError(f"{path}: there is no such file or folder.")
    readers = {".zip": zip_of_pictures, ".npz": ArrayFile}
    if path.suffix.lower() not in readers:
        raise FewstepError(f"{path}: images are read from a folder, a .zip file or an .npz file.")
    return readers[path.suffix.lower()](path, classes)


def files(path: str | Path) -> dict[str, str]:
    """What is read of a sample set, by the name that counts: the files of a folder by name below it."""
    return below(Path(path), EXTENSIONS) if os.path.isdir(path) else {"file": str(path)}


def fingerprint(path: str | Path) -> str:
    """Digest (64 hex digits) of the bytes and relative names of the files; all of them are read."""
    return digest(files(path))


def require_alike(samples: SampleFiles, shape: Sequence[int], real: str | Path) -> None:
    """Raise FewstepError unless the samples have the shape (H, W, C) of the real images, which `real` names."""
    if samples.shape != tuple(shape):
        sizes = [" x ".join(map(str, each)) for each in (samples.shape, shape)]
        raise FewstepError(f"{samples.path}: height x width x channels is {sizes[0]}, but {sizes[1]} in {real}.")
