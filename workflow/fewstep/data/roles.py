"""Which of several folders, files or rows are for training and which are held out, by their names."""

from collections.abc import Iterable, Mapping

from fewstep.base.errors import FewstepError

TRAIN, TEST, VALIDATION = "train", "test", "validation"
ROLES = {"train": TRAIN, "training": TRAIN, "test": TEST, "testing": TEST, "val": VALIDATION, "valid": VALIDATION,
         "validation": VALIDATION}  # fmt: skip


def train_and_test(names: Iterable[str], where: str) -> dict[str, str] | None:
    """The names that stand for train and test, by role; None unless there are both.

    The case of a name does not count. A validation set is the test set where there is no other.

    Raises:
        FewstepError: two names of one role; the sentence begins with `where`.
    """
    found: dict[str, str] = {}
    for name in sorted(names):
        role = ROLES.get(name.lower())
        if role in found:
            raise FewstepError(f"{where}: {found[role]} and {name} are both for {role}; leave one of them.")
        if role:
            found[role] = name
    held_out = found.get(TEST) or found.get(VALIDATION)
    return {TRAIN: found[TRAIN], TEST: held_out} if held_out and TRAIN in found else None


def tell_choice(names: Iterable[str], chosen: Mapping[str, str], where: str) -> None:
    """Say in the log what serves as the test set where none has that name, and which names are passed over."""
    if ROLES[chosen[TEST].lower()] != TEST:
        print(f"{where}: there is no test set; {chosen[TEST]} is what is held out.")
    if others := sorted(set(names) - set(chosen.values())):
        print(f"{where}: passed over: {', '.join(others)}.")
