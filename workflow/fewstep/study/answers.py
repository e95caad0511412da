"""The files that raters send back, as JSON or CSV: read, checked, and each rater counted once."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fewstep.base.errors import FewstepError
from fewstep.base.files import read_json
from fewstep.base.schema import checked

_WHO = ("study", "rater")
_NUMBERS = ("view_ms", "answer_ms", "views")
_COLUMNS = (*_WHO, "trial", "left", "choice", *_NUMBERS)


@dataclass(frozen=True)
class Answers:
    """What one rater answered.

    Attributes:
        path: the file.
        study: which page was answered.
        rater: the rater's seed, which names them.
        answers: `trial` (its name), `left` (which image, a or b, stood there), `choice` (left or right), `view_ms`,
            `answer_ms` and `views` (more than 1 where a view was broken off), in the order of the session.
    """

    path: Path
    study: str
    rater: str
    answers: list[dict[str, Any]]


def read_answers(paths: Iterable[str | Path]) -> list[Answers]:
    """The answers of all raters, one entry each, although somebody may have sent both formats.

    Raises:
        FewstepError: a file that is not what the page writes, or two that contradict each other.
    """
    found: dict[str, Answers] = {}
    for path in map(Path, sorted(paths)):
        answers = _read(path)
        earlier = found.setdefault(answers.rater, answers)
        if (earlier.study, earlier.answers) != (answers.study, answers.answers):
            raise FewstepError(f"{path}: this rater has other answers in {earlier.path.name}; keep one of the two.")
    return list(found.values())


def _read(path: Path) -> Answers:
    content = checked(read_json(path) if path.suffix == ".json" else _read_csv(path), "answers", f"{path}: ")
    names = [answer["trial"] for answer in content["answers"]]
    if twice := {name for name in names if names.count(name) > 1}:
        raise FewstepError(f"{path}: trial {min(twice)} is answered twice.")
    return Answers(path, content["study"], content["rater"], content["answers"])


def _read_csv(path: Path) -> dict[str, Any]:
    """A CSV of the page in the shape of its JSON."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    except UnicodeDecodeError:
        raise FewstepError(f"{path}: this is not text.") from None
    if not rows or set(rows[0]) != set(_COLUMNS):
        raise FewstepError(f"{path}: these are no answers of a study, whose columns are {', '.join(_COLUMNS)}.")
    if len({(row["study"], row["rater"]) for row in rows}) > 1:
        raise FewstepError(f"{path}: one file holds the answers of one rater.")
    answers = [{name: row[name] for name in _COLUMNS if name not in _WHO} for row in rows]
    for answer in answers:
        answer |= {name: int(answer[name]) for name in _NUMBERS if (answer[name] or "").isdecimal()}
    return {name: rows[0][name] for name in _WHO} | {"answers": answers}
