"""A mark for code on which no result depends."""

from collections.abc import Callable
from typing import TypeVar

Function = TypeVar("Function", bound=Callable)


def no_effect_on_results(function: Function) -> Function:
    """Mark a function that only refuses input, or only describes a run: jobs that call it do not depend on its code.

    Editing such a function, or code that is reached through it alone, makes no job run again (fewstep.base.codehash).
    It must leave alone what its caller makes: it raises or returns nothing, returns an argument as it was, or makes
    what is written beside the results to describe them. A rule that makes such a description names the file in `also`.
    """
    return function
