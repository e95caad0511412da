"""Files of answers: both formats, each rater once, and one sentence for what is none."""

import copy
import csv
import io
import json
import re

import pytest
from raters import as_file, attentive, coin, respond

from fewstep.base.errors import FewstepError
from fewstep.study.answers import read_answers


@pytest.fixture
def answers(plain):
    return respond(plain, 1, attentive(coin))


def write_csv(content, path):
    out = io.StringIO()
    rows = [{"study": content["study"], "rater": content["rater"], **answer} for answer in content["answers"]]
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_text(out.getvalue())
    return path


def refuses(path, sentence):
    with pytest.raises(FewstepError, match=f"^{re.escape(f'{path}: ')}{sentence}"):
        read_answers([path])


def test_both_formats_say_the_same_and_count_once(answers, tmp_path):
    as_json, as_csv = tmp_path / "a.json", write_csv(as_file(answers), tmp_path / "a.csv")
    as_json.write_text(json.dumps(as_file(answers)))
    for paths in ([as_json], [as_csv], [as_json, as_csv]):
        (found,) = read_answers(paths)
        assert (found.study, found.rater, found.answers) == (answers.study, answers.rater, answers.answers)


def test_a_rater_who_contradicts_themselves_is_refused(answers, tmp_path):
    content = as_file(answers)
    write_csv(content, tmp_path / "a.csv")
    content["answers"] = content["answers"][1:]
    path = tmp_path / "b.json"
    path.write_text(json.dumps(content))
    with pytest.raises(FewstepError, match="b.json: this rater has other answers in a.csv; keep one of the two."):
        read_answers([path, tmp_path / "a.csv"])


MISTAKES = {
    "no choice": (lambda c: c["answers"][3].pop("choice"), r"answers\.3\.choice: this key is missing\."),
    "wrong choice": (
        lambda c: c["answers"][0].update(choice="up"),
        r"answers\.0\.choice: up is not one of left, right",
    ),
    "wrong letter": (lambda c: c["answers"][0].update(left="c"), r"answers\.0\.left: c is not one of a, b"),
    "no time": (
        lambda c: c["answers"][0].update(answer_ms="soon"),
        r"answers\.0\.answer_ms: this must be a whole number",
    ),
    "twice": (lambda c: c["answers"].append(c["answers"][0]), r"trial \w+ is answered twice\."),
    "no study": (lambda c: c.pop("study"), r"study: this key is missing\."),
    "no answers": (lambda c: c.update(answers=[]), r"answers: this must not be empty\."),
    "other format": (lambda c: c.update(format=2), r"format: 2 is not one of 1"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_broken_json_is_told_in_one_sentence(answers, tmp_path, mistake):
    break_it, sentence = MISTAKES[mistake]
    content = copy.deepcopy(as_file(answers))
    break_it(content)
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(content))
    refuses(path, sentence)


def test_a_broken_csv_is_told_in_one_sentence(answers, tmp_path):
    path = tmp_path / "broken.csv"
    path.write_text("a,b\n1,2\n")
    refuses(path, "these are no answers of a study, whose columns are study, rater, trial, left")
    path.write_bytes(b"\xff\xfe\x00")
    refuses(path, "this is not text")
    text = write_csv(as_file(answers), path).read_text(encoding="utf-8")
    path.write_text(text.replace(answers.rater, "abcdef0123", 1))
    refuses(path, "one file holds the answers of one rater")
    path.write_text(text.replace(",700,", ",,", 1))
    refuses(path, r"answers\.0\.answer_ms: this must be a whole number")
