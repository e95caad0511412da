# What the rules of editing ask for: what is edited by whom, with which networks.


def edits_of(dataset, method):
    """What a method is to edit: task, variant and NFE, with the variant's recipe and the settings of sampling and of the edit."""
    variants, found = CARDS[method]["variants"], []
    for name, variant, task, nfe in editing.cells(DATASETS[dataset]["edits"]["compare"]):
        if name == method:
            settings = {**variants[variant]["sampling"], **variants[variant]["edits"][task]["settings"]}
            cell = {"variant": variant, "task": task, "nfe": nfe, "settings": settings}
            found.append({**cell, "recipe": variants[variant]["recipe"]})
    return found


def edit_recipes(dataset, method):
    """The trained networks that edit, by the name of their recipe."""
    names = sorted({cell["recipe"] for cell in edits_of(dataset, method)})
    return {name: cards.recipe(CARDS[method], dataset, name) for name in names}


def edit_weights(wildcards):
    """Their weights."""
    return [path_of((*wildcards, name)) for name in edit_recipes(wildcards.dataset, wildcards.method)]


def editors():
    """(dataset, method) of all that edit."""
    compare = {dataset: section["edits"]["compare"] for dataset, section in DATASETS.items()}
    return [(d, m) for d in DATASETS for m in sorted({name.partition("/")[0] for name in compare[d]})]


def edit_tasks(dataset):
    """The tasks that are asked for, in the order of the report."""
    asked = {task for tasks in DATASETS[dataset]["edits"]["compare"].values() for task in tasks}
    return [task for task in editing.TASKS if task in asked]
