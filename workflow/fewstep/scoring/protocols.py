"""The protocol of a number: the named convention that it was made by. No torch is imported: the report prints these.

Numbers of two protocols are not comparable, even where their metrics have one name.
"""

from collections.abc import Mapping

from fewstep.base.errors import FewstepError

NONE = "none"  # in place of a reference, an extractor or a protocol, where there is none
PIXELS, ACCURACY, FOOL_RATE, HOOK = "pixels", "accuracy", "fool-rate", "hook"

_ROUNDED = "images are rounded to the nearest of 256 grey levels, 127.5 x + 127.5, before they are seen"
MEANINGS = {
    "fid": (
        "The 2015 Inception network with its own bilinear resize to 299 x 299 (TensorFlow 1's, without antialiasing); "
        f"{_ROUNDED}. Only distances of this protocol are called FID."
    ),
    "clean-fid": (
        "The 2015 Inception network after an antialiased cubic resize to 299 x 299, as in clean-fid "
        f"(arXiv:2104.11222); {_ROUNDED}."
    ),
    "lenet": f"A small classifier that was trained on the data set's own classes, without a resize; {_ROUNDED}.",
    "rotnet": (
        "A small network that was trained to tell by how many quarters the data set's images are turned, without a "
        f"resize, for data without labels; {_ROUNDED}."
    ),
    PIXELS: "8-bit images are compared with the images that they belong to, pixel by pixel.",
    ACCURACY: (
        "Classifiers are trained from scratch on samples with the labels of the training set (CAS, arXiv:1905.10887) "
        "and tested on real images."
    ),
    FOOL_RATE: (
        "A network is trained to tell samples from held-out images; the rate is how often it finds another sample more "
        "real than another real image."
    ),
    HOOK: "The method scores itself on held-out images, by its own function `evaluate`.",
}
_OF_EXTRACTORS = {"inception": "fid", "inception_clean": "clean-fid", "lenet": "lenet", "rotnet": "rotnet"}


def protocol(extractor: Mapping[str, str]) -> str:
    """The protocol of scores on the features of an extractor.

    Args:
        extractor: its identity (fewstep.scoring.extractors.extractor.Extractor.identity).

    Raises:
        FewstepError: no protocol is known for features of this label.
    """
    label = extractor["label"]
    if label not in _OF_EXTRACTORS:
        raise FewstepError(f"extractor: {label} belongs to no protocol (known: {', '.join(_OF_EXTRACTORS)}).")
    return _OF_EXTRACTORS[label]
