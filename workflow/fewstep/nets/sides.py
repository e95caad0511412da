"""Sides of images that a network can halve or fold without a remainder."""

from fewstep.base.errors import FewstepError
from fewstep.contract.method import ImageShape


def check_sides(who: str, shape: ImageShape, factor: int) -> None:
    """Refuse images whose height or width `factor` does not divide.

    Args:
        who: the method or the key of its card that asks for the divisor; the sentence begins with it.
        shape: of the images.
        factor: the divisor.

    Raises:
        FewstepError: a side has a remainder; the sentence names the sides and the divisor.
    """
    if shape.height % factor or shape.width % factor:
        raise FewstepError(
            f"{who}: images of {shape.height} x {shape.width} pixels; sides must be divisible by {factor}."
        )
