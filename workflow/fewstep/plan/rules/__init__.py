"""For each rule of workflow/rules, what it reads and what its result depends on.

`<rule>_inputs` gives the files that a rule reads, by their names in its script; an input that a job does without is an
empty list. `<rule>_params` gives all else that its result depends on, as plain data: a job runs again when one of these
values changes. Numbers that are only checked are not among them. The first argument is the plan, the others are the
rule's wildcards.
"""

from collections.abc import Callable

from fewstep.plan.rules import data, judges, networks, report, samples, scores, speed, study

_FILES = (data, networks, samples, scores, judges, speed, report, study)


def inputs(rule: str) -> Callable[..., dict]:
    """The function that gives a rule's input files."""
    return _find(f"{rule}_inputs")


def params(rule: str) -> Callable[..., dict]:
    """The function that gives a rule's parameters."""
    return _find(f"{rule}_params")


def _find(name: str) -> Callable[..., dict]:
    (found,) = [vars(file)[name] for file in _FILES if name in vars(file)]
    return found
