# What the rules of optional sections ask for: accuracy scores, machine fool rates, and studies with people.
from fewstep.method_card import initial_settings


def asking(score, dataset):
    """Methods with cells under an optional section of a data set, sorted."""
    return sorted({cell.method for cell in profiles.cells_under(PROFILE, score) if cell.dataset == dataset})


def asked(score, dataset, method):
    """The (variant, nfe) pairs of a method under that section."""
    named = profiles.cells_under(PROFILE, score)
    return [[cell.variant, cell.nfe] for cell in named if (cell.dataset, cell.method) == (dataset, method)]


def recipes_labelled(wildcards):
    """The recipes that labelled samples are made with."""
    variants = [v for v, _ in asked("accuracy_score", wildcards.dataset, wildcards.method)]
    return cards.recipes_of(CARDS[wildcards.method], variants)


def per_accuracy(dataset, pattern, *more):
    """`pattern` for every method whose accuracy score is asked for; `more` stand in place of a method."""
    return [
        str(RESULTS / pattern).format(dataset=dataset, method=m) for m in [*asking("accuracy_score", dataset), *more]
    ]


def classifiers_of(wildcards):
    """What a classifier's training depends on."""
    section = DATASETS[wildcards.dataset]["accuracy_score"]
    return {key: section[key] for key in ("classifier", "classifier_seeds", "epochs")}


def observers_of(wildcards):
    """What an observer's training depends on."""
    section = DATASETS[wildcards.dataset]["fool_rate"]
    return {key: section[key] for key in ("train_count", "epochs", "bits")}


def cheapest(wildcards):
    """The cell of fewest evaluations under `fool_rate`, whose network serves untrained as a control; one that is trained, if any."""

    def cost(cell):
        return settled[cell]["recipe"]["training"]["steps"] == 0, cell.nfe

    settled = {}
    for cell in profiles.cells_under(PROFILE, "fool_rate"):
        if cell.dataset == wildcards.dataset:
            variant = CARDS[cell.method]["variants"][cell.variant]
            recipe = cards.recipe(CARDS[cell.method], cell.dataset, variant["recipe"])
            settled[cell] = {**cell._asdict(), "recipe": recipe, "sampling": initial_settings(variant)}
    return settled[min(settled, key=cost)]
