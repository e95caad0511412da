"""The reference of a data set: all about the real side of a comparison, computed once and kept in one file.

The file's name means nothing. What it was made from (pixels, extractor, resize, weights) is inside, gives its
key, and is checked against the samples that are scored with it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from torch import Tensor

from fewstep.base.errors import FewstepError
from fewstep.base.files import atomic_write, sha256_array, sha256_json
from fewstep.scoring.features import Features
from fewstep.scoring.metrics import class_shares
from fewstep.scoring.metrics.duplicates import neighbour_distance
from fewstep.scoring.metrics.feature_matrix import as_features
from fewstep.scoring.metrics.frechet import Gaussian, own_bias
from fewstep.scoring.metrics.kid import mean_kernel
from fewstep.scoring.metrics.moments import Moments
from fewstep.scoring.metrics.precision_recall import squared_radii
from fewstep.scoring.metrics.sample_design import Design

_FORMAT = 3


@dataclass(frozen=True)
class Reference:
    """Real features and what the metrics derive from them.

    Attributes:
        features: float32 [M, d].
        gaussian: their moments and the root of their covariance, float64.
        radii: squared distances to the k-th neighbour, float32 [M], by k.
        kernel: mean of the KID kernel over all pairs of different real samples.
        bias: what the finite number of real images adds to the Frechet distance of another sample of their population,
            and the standard error of that; NaN where there are too few to tell.
        neighbour: median squared distance to the nearest other real sample.
        classes: number of real images of each class that the extractor tells apart, int64 [K].
        labels: number of real images with each label, int64 [K]; empty without labels.
        pixels: mean over the real images of the mean and of the deviation of their pixels, in grey levels.
        fingerprint: digest of the real images and their labels.
        extractor: identity of the extractor (`Extractor.identity`).
        precision_recall_k, density_coverage_k: the neighbours that `radii` holds.
    """

    features: Tensor
    gaussian: Gaussian
    radii: dict[int, Tensor]
    kernel: float
    bias: tuple[float, float]
    neighbour: float
    classes: Tensor
    labels: Tensor
    pixels: tuple[float, float]
    fingerprint: str
    extractor: dict[str, str]
    precision_recall_k: int
    density_coverage_k: int

    @property
    def key(self) -> str:
        """16 hex digits that differ when the pixels, the extractor, its weights, its resize or a k differ."""
        return sha256_json(self.identity)[:16]

    @property
    def identity(self) -> dict[str, object]:
        """What the key is the digest of."""
        return {
            "format": _FORMAT,
            "fingerprint": self.fingerprint,
            "extractor": self.extractor,
            "precision_recall_k": self.precision_recall_k,
            "density_coverage_k": self.density_coverage_k,
        }

    def centred(self, features: Tensor) -> Tensor:
        """Features [N, d] about the mean of the real ones: float32 distances lose digits far from 0."""
        return features - self.gaussian.moments.mean.float()

    def design_of(self, labels: np.ndarray | None) -> Design | None:
        """The stratified design of images with these labels [N] (or None), if their class shares are the reference's.

        Independent labels hardly ever give each of several classes its exact share. A split that deals the classes out
        does, up to rounding, and so do samples that belong to its images.
        """
        if labels is None or len(self.labels) < 2 or labels.max() >= len(self.labels):
            return None
        counts = np.bincount(labels, minlength=len(self.labels))
        shares = self.labels.numpy() / int(self.labels.sum())
        is_dealt = (np.abs(counts - len(labels) * shares) <= 1).all()
        return Design.stratified(torch.from_numpy(labels)) if is_dealt else None

    def require(self, extractor: Mapping[str, str]) -> None:
        """Raise FewstepError unless features of this extractor may be compared with this reference."""
        for field, expected in self.extractor.items():
            if extractor.get(field) != expected:
                raise FewstepError(
                    f"The reference was made with {field} {expected}, the samples' features with"
                    f" {extractor.get(field)}; such features are not comparable."
                )


def build(
    real: Features,
    fingerprint: str,
    extractor: Mapping[str, str],
    precision_recall_k: int = 3,
    density_coverage_k: int = 5,
) -> Reference:
    """Make the reference of real images.

    Raises:
        FewstepError: features that are not finite or not [M, d], or no more rows than neighbours.
    """
    features, logits = as_features(real.features), as_features(real.logits, "logits")
    neighbours, moments = (precision_recall_k, density_coverage_k), Moments.of(features)
    centred = features - moments.mean.float()
    labels = torch.empty(0, dtype=torch.int64) if real.labels is None else torch.from_numpy(real.labels)
    # The shares of the reference's classes are the population's.
    design = Design.stratified(labels) if len(labels) else Design.independent(len(features))
    gaussian = Gaussian.fit(moments)
    return Reference(
        features=features,
        gaussian=gaussian,
        radii=dict(zip(neighbours, squared_radii(centred, neighbours), strict=True)),
        kernel=mean_kernel(features, design),
        bias=own_bias(features, gaussian, design),
        neighbour=neighbour_distance(centred),
        classes=class_shares.counts(logits),
        labels=labels.bincount(),
        pixels=tuple(real.pixels.mean(axis=0, dtype=np.float64).tolist()),
        fingerprint=fingerprint,
        extractor=dict(extractor),
        precision_recall_k=precision_recall_k,
        density_coverage_k=density_coverage_k,
    )


def write(reference: Reference, path: str | Path) -> None:
    """Write the reference as .npz with its identity and the digest of every array."""
    arrays = {
        "features": reference.features,
        "mean": reference.gaussian.moments.mean,
        "covariance": reference.gaussian.moments.covariance,
        "root": reference.gaussian.root,
        "kernel": torch.tensor(reference.kernel, dtype=torch.float64),
        "bias": torch.tensor(reference.bias, dtype=torch.float64),
        "neighbour": torch.tensor(reference.neighbour, dtype=torch.float64),
        "classes": reference.classes,
        "labels": reference.labels,
        "pixels": torch.tensor(reference.pixels, dtype=torch.float64),
    } | {f"radii_{k}": radii for k, radii in reference.radii.items()}
    arrays = {name: np.ascontiguousarray(tensor.numpy()) for name, tensor in arrays.items()}
    digests = {name: sha256_array(array) for name, array in arrays.items()}
    header = json.dumps(reference.identity | {"arrays": digests}, sort_keys=True)
    with atomic_write(path) as file:
        np.savez(file, header=np.array(header), **arrays)


def read(path: str | Path) -> Reference:
    """Read a reference and verify every array.

    Raises:
        FewstepError: the file is missing, damaged, or of another version of Fewstep.
    """
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            header = json.loads(str(stored["header"]))
            arrays = {name: stored[name] for name in header["arrays"]}
    except FileNotFoundError:
        raise FewstepError(f"{path}: there is no such reference.") from None
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise FewstepError(f"{path}: this is not a whole reference file ({error}).") from error
    if header["format"] != _FORMAT:
        raise FewstepError(f"{path}: this reference has format {header['format']}, not {_FORMAT}; delete it.")
    damaged = [name for name, digest in header["arrays"].items() if sha256_array(arrays[name]) != digest]
    if damaged:
        raise FewstepError(f"{path}: {', '.join(damaged)} in this reference are damaged; delete the file.")
    return _assemble(header, {name: torch.from_numpy(array) for name, array in arrays.items()})


def _assemble(header: dict, arrays: dict[str, Tensor]) -> Reference:
    moments = Moments(len(arrays["features"]), arrays["mean"], arrays["covariance"])
    neighbours = (header["precision_recall_k"], header["density_coverage_k"])
    return Reference(
        features=arrays["features"],
        gaussian=Gaussian(moments, arrays["root"]),
        radii={k: arrays[f"radii_{k}"] for k in neighbours},
        kernel=float(arrays["kernel"]),
        bias=tuple(arrays["bias"].tolist()),
        neighbour=float(arrays["neighbour"]),
        classes=arrays["classes"],
        labels=arrays["labels"],
        pixels=tuple(arrays["pixels"].tolist()),
        fingerprint=header["fingerprint"],
        extractor=header["extractor"],
        precision_recall_k=neighbours[0],
        density_coverage_k=neighbours[1],
    )
