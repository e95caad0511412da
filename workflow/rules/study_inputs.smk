# What the rules of studies ask for.
from fewstep.files import sha256_file, sha256_json
from fewstep.study.answers import SUFFIXES

STUDIES = {dataset: section["study"] for dataset, section in DATASETS.items() if "study" in section}
STUDY = RESULTS / "study" / "{dataset}"


def answers_folder(dataset):
    """Where the answers of a study are looked for."""
    return Path(STUDIES[dataset]["answers"] or str(STUDY / "answers").format(dataset=dataset))


def answer_files(wildcards):
    """The answers that are there: one more scores the study again."""
    files = answers_folder(wildcards.dataset).glob("*")
    return sorted(str(path) for path in files if path.suffix in SUFFIXES)


def studies_scored():
    """Digests of the scores that there are. The page shows them and must not ask for them: nobody may have answered."""
    files = map(Path, expand(STUDY / "{table}.csv", dataset=STUDIES, table=("rates", "raters")))
    return {str(path): sha256_file(path) for path in files if path.is_file()}


def of_studies(pattern):
    """A function that gives `pattern` for every study, and stops where the profile has none."""

    def files(wildcards):
        if not STUDIES:
            sys.exit("fewstep: datasets: no data set of this profile has a study section (see config/README.md).")
        return expand(pattern, dataset=STUDIES)

    return files
