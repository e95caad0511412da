# What rules ask for: lists of cells and files, and functions of wildcards.


def source_files(wildcards):
    """The file or folder that a data set is read from, as an input: other images remake everything."""
    section = DATASETS[wildcards.dataset]
    return section["path"] if section["source"] in profiles.FILE_SOURCES else []


def source_stamp(wildcards):
    """Digest of the names, sizes and times of a folder's files, whose own time stamp says nothing of them."""
    section = DATASETS[wildcards.dataset]
    return folder_stamp(section["path"]) if section["source"] == "folder" else None


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


def recipes_of(dataset, method):
    """The recipes whose weights a method's cells need."""
    return cards.recipes_of(CARDS[method], [variant for variant, _ in cells_of(dataset, method)])


def weights_of(dataset, method):
    """Weights that a method's cells need, one file for each recipe."""
    return [RESULTS / "weights" / dataset / method / f"{recipe}.safetensors" for recipe in recipes_of(dataset, method)]


def teacher_weights(wildcards):
    """The teacher's weights, where the method's card names one."""
    teacher = cards.teacher(CARDS[wildcards.method])
    if not teacher:
        return []
    return RESULTS / "weights" / wildcards.dataset / teacher / f"{cards.TEACHER_RECIPE}.safetensors"


def start_weights(wildcards):
    """Weights of the recipe of the same method that a recipe starts from, where it names one."""
    start = cards.start(CARDS[wildcards.method], wildcards.dataset, wildcards.recipe)
    return RESULTS / "weights" / wildcards.dataset / wildcards.method / f"{start}.safetensors" if start else []


def start_recipe(wildcards):
    """That recipe."""
    start = cards.start(CARDS[wildcards.method], wildcards.dataset, wildcards.recipe)
    return cards.recipe(CARDS[wildcards.method], wildcards.dataset, start) if start else None


def training_functions(method):
    """What a training job calls of the method and of its teacher: the other half of a method's file, its sampler, is not run."""
    teacher = cards.teacher(CARDS[method])
    return ({teacher: ["build"]} if teacher else {}) | {method: ["build", "train"]}


def sampling_functions(method):
    """What sampling and timing call of a method."""
    return {method: ["build", "sample"]}


def trained():
    """(dataset, method, recipe) of every network that this profile trains, teachers included."""
    wanted = {
        (d, m, r) for d in DATASETS for m in compared(d) for r in cards.with_starts(CARDS[m], d, recipes_of(d, m))
    }
    teachers = {(d, cards.teacher(CARDS[m]), cards.TEACHER_RECIPE) for d, m, _ in wanted if cards.teacher(CARDS[m])}
    return sorted(wanted | teachers)


def per_method(pattern):
    """`pattern` for every compared (dataset, method)."""
    return [str(RESULTS / pattern).format(dataset=d, method=m) for d in DATASETS for m in compared(d)]


def extractor_of(dataset):
    """What fewstep.extractors.load takes, for the extractor of a data set."""
    scores = DATASETS[dataset]["scores"]
    return {
        "name": scores["extractor"],
        "dataset": dataset,
        "weights": scores["extractor_weights"],
        "resize": scores["resize"],
    }


def extractor_files(wildcards):
    """Weights that a feature pass reads, as inputs: other weights remake the features."""
    dataset = wildcards.dataset
    name, weights = DATASETS[dataset]["scores"]["extractor"], DATASETS[dataset]["scores"]["extractor_weights"]
    if weights is None and name == "lenet":
        weights = ROOT / "workflow" / "fewstep" / "extractors" / "weights" / f"lenet-{dataset}.safetensors"
    return weights or []
