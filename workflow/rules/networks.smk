# Trained networks: where a run keeps them, what they are trained from, and which of them ship.


def path_of(network, kind="weights"):
    """Where this run keeps a network's weights, manifest, losses or snapshots."""
    return zoo.run_files(cards.Network(*network), RESULTS)[kind]


def weights_of(dataset, method):
    """Weights that a method's cells need, one file for each recipe."""
    return [path_of((dataset, method, recipe)) for recipe in recipes_of(dataset, method)]


def built_on(wildcards, role):
    """The network that one is trained from, as its `teacher` or its `start`; None without."""
    return cards.built_on(CARDS, cards.Network(**wildcards)).get(role)


def weights_built_on(role):
    """Function of wildcards: the weights of that network."""
    return lambda wildcards: path_of(network) if (network := built_on(wildcards, role)) else []


def recipe_built_on(role):
    """Function of wildcards: name and recipe of that network's method."""

    def recipe(wildcards):
        network = built_on(wildcards, role)
        return network and {
            "method": network.method,
            "recipe": cards.recipe(CARDS[network.method], network.dataset, network.recipe),
        }

    return recipe


def training_functions(method):
    """What a training job calls of the method and of its teacher: the other half of a method's file, its sampler, is not run."""
    teacher = cards.teacher(CARDS[method])
    return ({teacher: ["build"]} if teacher else {}) | {method: ["build", "train"]}


def sampled():
    """Every network that this run samples."""
    return [cards.Network(d, m, r) for d in DATASETS for m in compared(d) for r in recipes_of(d, m)]


def networks():
    """Those, and the networks that they are trained from."""
    return cards.needed(CARDS, sampled(), SHIPPED)


FILES_OF_A_NETWORK = {kind: str(path_of(("{dataset}", "{method}", "{recipe}"), kind)) for kind in zoo.SUFFIXES}
# A path that two rules could make goes to one of them by a look ahead from where the data set's name begins.
SHIPPED_PATH = zoo.path_pattern(SHIPPED)
DATASET_NAME = "(?:" + "|".join(map(re.escape, DATASETS)) + ")"


def drawn_by(wildcards):
    """How labels of samples are drawn: the rule and, where it is that of the reference, the split of these real images."""
    section = DATASETS[wildcards.dataset]
    drawn = section["samples"]["labels"]
    return {"rule": drawn, "split": section["scores"]["reference_split"] if drawn == "reference" else None}
