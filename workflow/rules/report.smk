# Tables, figures and the page. None of these jobs imports torch, and each depends on its own code alone.
from fewstep.files import sha256_json

# Labels and settings reach the report through cards and profile, which the jobs read again: a change redraws.
PRESENTED = sha256_json([CARDS, PROFILE])
EXTENSIONS = (".pdf", ".svg", ".png")
TABLES = [
    REPORTS / "tables" / f"{table}_{dataset}{extension}"
    for dataset, section in DATASETS.items()
    for table in tables_of(section, CARDS)
    for extension in (".csv", ".md", ".tex")
]


rule write_manifest:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
        networks=[path_of(network, "manifest") for network in networks()],
    output:
        manifest=RESULTS / "manifest.json",
    log:
        RESULTS / "logs" / "write_manifest.log",
    conda:
        "../../environment.yml"
    params:
        code=code("write_manifest", also=["fewstep/provenance.py"]),  # what it makes is that description
        presented=PRESENTED,
    message:
        "Write what the run was made from"
    script:
        "../scripts/write_manifest.py"


rule write_tables:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
        extras=RESULTS / "extras.csv",
        edits=RESULTS / "edits.csv",
        classifiers=RESULTS / "classifiers.csv",
        manifest=RESULTS / "manifest.json",
        samples=per_method("samples/{dataset}/{method}.json"),
        searches=[path for dataset in DATASETS for path in every_search(dataset)],
    output:
        TABLES + EDIT_TABLES,
    log:
        RESULTS / "logs" / "write_tables.log",
    benchmark:
        RESULTS / "benchmarks" / "write_tables.tsv"
    conda:
        "../../environment.yml"
    params:
        code=code("write_tables"),
        published=published_stamp,
        presented=PRESENTED,
    message:
        "Write the tables"
    script:
        "../scripts/write_tables.py"


rule draw_figure:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
        samples=lambda w: [RESULTS / "samples" / w.dataset / f"{m}.json" for m in compared(w.dataset)],
        losses=lambda w: [path_of(network, "losses") for network in networks() if network.dataset == w.dataset],
        searches=lambda w: every_search(w.dataset),
    output:
        multiext(str(REPORTS / "figures" / "{figure}_{dataset}"), *EXTENSIONS),
    log:
        RESULTS / "logs" / "draw_figure" / "{figure}_{dataset}.log",
    benchmark:
        RESULTS / "benchmarks" / "draw_figure" / "{figure}_{dataset}.tsv"
    conda:
        "../../environment.yml"
    params:
        # The script finds the figure's module by name, which the digest of its imports cannot see.
        code=lambda w: code("draw_figure", also=[f"fewstep/report/figures/{w.figure}.py"]),
        presented=PRESENTED,
    message:
        "Draw {wildcards.figure} of {wildcards.dataset}"
    script:
        "../scripts/draw_figure.py"


rule write_page:
    input:
        results=RESULTS / "results.csv",
        speed=RESULTS / "speed.csv",
        extras=RESULTS / "extras.csv",
        edits=RESULTS / "edits.csv",
        classifiers=RESULTS / "classifiers.csv",
        manifest=RESULTS / "manifest.json",
        tables=TABLES + EDIT_TABLES,
        figures=[
            REPORTS / "figures" / f"{figure}_{dataset}{extension}"
            for dataset, section in DATASETS.items()
            for figure in figures_of(section, CARDS)
            for extension in EXTENSIONS
        ]
        + EDIT_FIGURES,
        edited=[RESULTS / "edits" / dataset / f"{method}.json" for dataset, method in editors()],
        snapshots=[path_of(network, "snapshots") for network in networks()],
    output:
        page=REPORTS / "index.html",
    log:
        RESULTS / "logs" / "write_page.log",
    conda:
        "../../environment.yml"
    params:
        code=code("write_page"),
        published=published_stamp,
        templates=templates_stamp,
        presented=[PRESENTED, studies_scored()],
    message:
        "Write the page"
    script:
        "../scripts/write_page.py"
