# What rules ask for: lists of cells and files, and functions of wildcards.
from fewstep.data.sources import source_files
from fewstep.stamps import stamp

# What the user and the project bring is no `input` of a rule, since Snakemake would go by the time stamp: it is a parameter, a
# digest of the bytes. Digests are kept beside Snakemake's own records, so that files are read again only when they change.
STAMPS = Path(".snakemake") / "fewstep_stamps.json"


def stamp_of(name, files):
    """Digest of files, by their paths; `name` keeps it apart from other digests."""
    return stamp({str(path): path for path in files}, STAMPS, f"{PROFILE['profile']} {name}")


def source_stamp(wildcards):
    """Digest of the real images' files: other images remake everything."""
    section = DATASETS[wildcards.dataset]
    return stamp(source_files(section), STAMPS, f"{PROFILE['profile']} source {wildcards.dataset}")


def compared(dataset):
    """Methods that are compared on a data set, sorted."""
    return sorted({cell.method for cell in CELLS if cell.dataset == dataset})


def cells_of(dataset, method):
    """The (variant, nfe) pairs of a method on a data set."""
    return [[cell.variant, cell.nfe] for cell in CELLS if (cell.dataset, cell.method) == (dataset, method)]


def variants_of(dataset, method):
    """Recipe and sampling settings of the variants that are compared."""
    cards_of = CARDS[method]["variants"]
    return {v: {key: cards_of[v][key] for key in ("recipe", "sampling")} for v, _ in cells_of(dataset, method)}


def every_search(dataset, methods=CARDS):
    """What the searches of methods found on a data set."""
    found = searched(DATASETS[dataset], CARDS)
    return [RESULTS / "search" / dataset / f"{m}.{v}.json" for m, v in found if m in methods]


def searches_of(wildcards):
    """The same of one method, as inputs: other settings sample again."""
    return every_search(wildcards.dataset, [wildcards.method])


def low_resolution(wildcards):
    """Side of the images that a super-resolution data set starts from; None of any other."""
    return DATASETS[wildcards.dataset]["low_resolution"]


def images_to_enlarge(wildcards):
    """The held-out images that samples of a super-resolution data set belong to."""
    return RESULTS / "data" / wildcards.dataset / "test.npz" if low_resolution(wildcards) else []


def recipes_of(dataset, method):
    """The recipes whose weights a method's cells need."""
    return cards.recipes_of(CARDS[method], [variant for variant, _ in cells_of(dataset, method)])


def sampling_functions(method):
    """What sampling and timing call of a method."""
    return {method: ["build", "sample"]}


def evaluated(dataset, method):
    """What the hook `evaluate` of a method is asked."""
    return requests(CARDS[method], cells_of(dataset, method))


def hooked():
    """(dataset, method) of those compared methods that score themselves."""
    return [(d, m) for d in DATASETS for m in compared(d) if evaluates(m, ROOT / "methods")]


def per_method(pattern):
    """`pattern` for every compared (dataset, method)."""
    return [str(RESULTS / pattern).format(dataset=d, method=m) for d in DATASETS for m in compared(d)]


def extractor_of(dataset):
    """What fewstep.extractors.load takes, for the extractor of a data set."""
    scores = DATASETS[dataset]["scores"]
    return {
        "name": scores["extractor"],
        "dataset": profiles.classifier(dataset, DATASETS[dataset]),
        "weights": scores["extractor_weights"],
        "resize": scores["resize"],
    }


def extractor_stamp(wildcards):
    """Digest of the weights of a feature pass and of the manifest beside them: others remake the features."""
    dataset, scores = wildcards.dataset, DATASETS[wildcards.dataset]["scores"]
    weights = scores["extractor_weights"]
    if weights is None and scores["extractor"] == "lenet":
        folder = ROOT / "workflow" / "fewstep" / "extractors" / "weights"
        weights = folder / f"lenet-{profiles.classifier(dataset, DATASETS[dataset])}.safetensors"
    # Inception's weights without a path are downloaded, and known by a checksum.
    return weights and stamp_of(f"extractor {dataset}", [weights, Path(weights).with_suffix(".json")])


def lpips_stamp(wildcards):
    """Digest of the weights of LPIPS: others score again."""
    files = DATASETS[wildcards.dataset]["scores"]["lpips_weights"]
    return files and stamp_of(f"lpips {wildcards.dataset}", files.values())


def published_stamp(wildcards):
    """Digest of what papers report."""
    return stamp_of("published", [ROOT / "reports" / "published.csv"])


def templates_stamp(wildcards):
    """Digest of what the page is written into."""
    return stamp_of("templates", sorted((ROOT / "reports" / "templates").iterdir()))
