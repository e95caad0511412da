# The human fool rate: a page for raters, and the scores of what they answered. Made on request alone: `snakemake study` and,
# when answers have come, `snakemake study_results`. The one does not ask for the other: new samples must not take its key
# from a study that people have answered. Keys therefore lie outside of the declared output, one for each page ever written.
rule write_study:
    input:
        samples=lambda w: [RESULTS / "samples" / w.dataset / f"{m}.json" for m in asking("study", w.dataset)],
        real=RESULTS / "data" / "{dataset}" / "test.npz",
    output:
        page=REPORTS / "study" / "{dataset}" / "index.html",
    log:
        RESULTS / "logs" / "write_study" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "write_study" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        study=lambda w: {key: value for key, value in STUDIES[w.dataset].items() if key != "answers"},
        sampling_seed=lambda w: DATASETS[w.dataset]["samples"]["seeds"][0],
        low_resolution=low_resolution,
        key_folder=lambda w: str(STUDY / "keys").format(dataset=w.dataset),
        parts=lambda w: stamp_of("study page", sorted((ROOT / "workflow" / "fewstep" / "study" / "page").iterdir())),
        code=code("write_study"),
    message:
        "Write the study of {wildcards.dataset}"
    script:
        "../scripts/write_study.py"


rule score_study:
    output:
        table=REPORTS / "tables" / "study_{dataset}.md",
        others=multiext(str(REPORTS / "tables" / "study_{dataset}"), ".csv", ".tex"),
        rates=STUDY / "rates.csv",
        raters=STUDY / "raters.csv",
    log:
        RESULTS / "logs" / "score_study" / "{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "score_study" / "{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        folder=lambda w: str(answers_folder(w.dataset)),
        answers=answer_files,
        stamp=lambda w: stamp_of(f"answers {w.dataset}", answer_files(w)),
        key_folder=lambda w: str(STUDY / "keys").format(dataset=w.dataset),
        seed=lambda w: STUDIES[w.dataset]["seed"],
        presented=sha256_json(CARDS),
        code=code("score_study"),
    message:
        "Score the study of {wildcards.dataset}"
    script:
        "../scripts/score_study.py"
