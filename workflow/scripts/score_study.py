"""Score the answers of a study with people."""

from pathlib import Path

from fewstep.base.errors import FewstepError
from fewstep.base.jobs import run_job
from fewstep.plan.cards import discover
from fewstep.report.tables.people import write_study
from fewstep.study.answers import read_answers
from fewstep.study.outcome import write_scores
from fewstep.study.rates import find_key, score


def score_study(job):
    if not job.params.answers:
        raise FewstepError(
            f"{job.params.folder}: there are no answers yet; put the raters' files there (.json or .csv)."
        )
    answers = read_answers(job.params.answers)
    scores = score(answers, find_key(answers, Path(job.params.keys).glob("*.json")), job.params.seed)
    table = Path(job.output.table)
    write_study(scores, discover(), table.with_name(table.name.removesuffix(".md")))
    write_scores(scores, Path(job.output.rates).parent)
    print(table.read_text(encoding="utf-8"))


run_job(score_study, snakemake)
