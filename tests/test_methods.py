"""Every folder of methods/ keeps the contract: the template as copied, and each method by its presence alone."""

import ast
import re
import shutil
from dataclasses import replace

import pytest
import torch
import yaml
from shrunken import lively, low_resolution, network, networks, training_run

from fewstep.base.checkpoints import load_weights, save_weights
from fewstep.base.folders import METHODS, ROOT
from fewstep.contract import nfe
from fewstep.contract.conditions import DrawnLabels, SmallImages
from fewstep.contract.method import missing_functions
from fewstep.plan import cards
from fewstep.plan.cells import GENERATE, Cell
from fewstep.plan.method_card import initial_settings, offered
from fewstep.sampling.sampler import Sampler

COPIED = "copied"  # name under which the template is tested
HEADINGS = ["## Paper", "## Faithful here", "## Not faithful here", "## Settings"]
NAMES = sorted(path.parent.name for path in METHODS.glob("[!_]*/method.yaml"))


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """methods/ with the template copied as a method among the others."""
    path = tmp_path_factory.mktemp("project") / "methods"
    shutil.copytree(METHODS, path, ignore=shutil.ignore_patterns("__pycache__"))
    (path / "_template").rename(path / COPIED)
    return path


@pytest.fixture(scope="session")
def trained(folder, tmp_path_factory):
    """A function of (method, recipe) that gives the network and its model after two steps of training."""
    made = {}

    def get(name, recipe):
        if (name, recipe) not in made:
            net = network(folder, name, recipe)
            run = training_run(net, tmp_path_factory.mktemp(f"{name}-{recipe}"))
            made[name, recipe] = net, net.module.train(run).eval().requires_grad_(False)
        return made[name, recipe]

    return get


def variants():
    """(method, variant) of every card, the template's included."""
    template = yaml.safe_load((METHODS / "_template" / "method.yaml").read_text(encoding="utf-8"))
    found = [(name, variant) for name, card in cards.discover().items() for variant in card["variants"]]
    return [*found, *((COPIED, variant) for variant in template["variants"])]


def recipe_of(name, variant):
    path = METHODS / ("_template" if name == COPIED else name) / "method.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["variants"][variant].get("recipe", "default")


def settings_of(net, variant):
    """The NFE that a variant lists for the data set, or the two smallest ones of its range."""
    nfe = offered(net.card, variant, net.dataset)
    return [nfe["min"], nfe["min"] + nfe["step"]] if isinstance(nfe, dict) else nfe


def condition(net, seed):
    """What six images start from: labels that are drawn, or other small images for each seed."""
    low, classes = low_resolution(net, seed, range(6)), net.shape.classes
    if low is None:
        return DrawnLabels([1] * classes)
    return SmallImages(low, torch.arange(6) % classes if classes else None, "made up")


def sampler(net, model, variant, count, seed=0):
    cell = Cell("toys", GENERATE, net.name, variant, count, 0, seed)
    settings = initial_settings(net.card["variants"][variant])
    return Sampler(cell, net.module.sample, model, net.shape, condition(net, seed), settings)


def draw(sampler, indices, **changes):
    """Float images; `changes` replace fields of the request."""
    with torch.inference_mode():
        return sampler.make(sampler.model, replace(sampler.request(list(indices)), **changes))


def fresh(net, shape=None):
    """An untrained model with random weights everywhere, so that nothing is hidden behind a layer of zeros."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return lively(net.module.build(net.recipe, shape or net.shape))


def close(a, b):
    """Equal up to the rounding of float32 sums in another order."""
    return (a - b).abs().max() < 1e-4 * (1 + a.abs().max())


@pytest.mark.parametrize("name", [*NAMES, COPIED])
def test_a_method_has_its_four_parts(folder, name):
    card = cards.discover(folder)[name]
    net = network(folder, name, next(recipe for method, recipe in networks(folder) if method == name))
    assert not missing_functions(net.module)
    assert card["needs"]["teacher"] in {None, *NAMES}
    lines = (folder / name / "method.py").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 150
    readme = (folder / name / "README.md").read_text(encoding="utf-8").splitlines()
    assert readme[0].startswith("# ")
    assert [line for line in readme if line.startswith("## ")] == HEADINGS
    for heading, following in zip(HEADINGS, [*HEADINGS[1:], None], strict=True):
        end = readme.index(following) if following else len(readme)
        assert "".join(readme[readme.index(heading) + 1 : end]).strip(), f"{heading} is empty"


@pytest.mark.parametrize(("name", "recipe"), [*networks(METHODS), (COPIED, "default")])
def test_training_moves_the_weights_from_where_they_start(trained, name, recipe, tmp_path):
    net, model = trained(name, recipe)
    run = training_run(net, tmp_path)  # seeds what is built next as it was for `model`
    starts = [net.module.build(net.recipe, net.shape), *filter(None, [run.teacher])]
    assert model.state_dict().keys() == starts[0].state_dict().keys()
    if net.recipe["training"]["steps"] == 0:
        assert not list(model.parameters())
        pytest.skip("there is nothing to train")
    assert all(torch.isfinite(p).all() for p in model.parameters())
    for start in starts:
        assert any(not torch.equal(a, b) for a, b in zip(model.parameters(), start.parameters(), strict=True))


@pytest.mark.parametrize(("name", "recipe"), [*networks(METHODS), (COPIED, "default")])
def test_without_learning_the_weights_stay_where_they_start(trained, name, recipe, tmp_path):
    # What `train` returns is what it trained: with a rate of 0 that is the untrained model, or the teacher, and around
    # them what the recipe started from.
    net, _ = trained(name, recipe)
    rates = {key: 0.0 for key in net.recipe["training"] if key.startswith("learning_rate")}
    run = training_run(net, tmp_path, **rates)
    starts = [net.module.build(net.recipe, net.shape), *filter(None, [run.teacher])]
    if net.recipe["training"]["steps"] == 0:
        pytest.skip("there is nothing to train")
    kept = dict(run.start.named_parameters()) if run.start else {}
    still = net.module.train(training_run(net, tmp_path, **rates))
    same = [
        all(torch.equal(p, kept.get(name, s.get_parameter(name))) for name, p in still.named_parameters())
        for s in starts
    ]
    assert rates and any(same)


@pytest.mark.parametrize(("name", "variant"), variants())
def test_samples_have_their_shape_and_cost_what_they_say(trained, name, variant):
    net, model = trained(name, recipe_of(name, variant))
    for count in settings_of(net, variant):
        # Refuses what is not finite, and a count that differs from the declared one.
        made = sampler(net, model, variant, count).images([0, 5, 2], batch=2)
        assert made.images.shape == (3, net.shape.height, net.shape.width, net.shape.channels)
        assert sum(made.nfe.values()) == count and set(made.nfe) == set(nfe.stages(model))


@pytest.mark.parametrize(("name", "variant"), variants())
def test_a_sample_depends_on_its_seed_and_index_and_not_on_its_batch(trained, name, variant):
    net, _ = trained(name, recipe_of(name, variant))
    model = fresh(net)
    for count in settings_of(net, variant):
        own = sampler(net, model, variant, count)
        whole = draw(own, range(5))
        assert torch.equal(whole, draw(own, range(5)))
        assert close(whole, torch.cat([draw(own, [i]) for i in range(5)]))
        assert close(whole[[4, 1]], draw(own, [4, 1]))
        assert not close(whole, draw(sampler(net, model, variant, count, seed=1), range(5)))
        assert torch.pdist(whole.flatten(1)).min() > 1e-3


@pytest.mark.parametrize(("name", "variant"), variants())
def test_labels_change_every_sample_unless_the_card_says_they_are_unused(trained, name, variant):
    net, _ = trained(name, recipe_of(name, variant))
    model = fresh(net)
    for count in settings_of(net, variant):
        own = sampler(net, model, variant, count)
        zeros, ones = (draw(own, range(4), labels=torch.full((4,), label)) for label in (0, 1))
        differs = (zeros - ones).abs().flatten(1).max(dim=1).values > 1e-4
        assert not differs.any() if net.card["needs"]["labels"] == "unused" else differs.all()


@pytest.mark.parametrize(("name", "variant"), variants())
def test_data_without_labels_will_do_unless_the_card_requires_them(trained, name, variant):
    net, _ = trained(name, recipe_of(name, variant))
    if net.card["needs"]["labels"] == "required":
        pytest.skip("the card requires labels")
    bare = net._replace(shape=replace(net.shape, classes=0))
    model = fresh(bare)
    for count in settings_of(net, variant):
        images = draw(sampler(bare, model, variant, count), range(2))
        assert images.shape == (2, *net.shape.chw) and torch.isfinite(images).all()


@pytest.mark.parametrize(("name", "variant"), variants())
def test_weights_on_disk_give_the_same_samples(trained, name, variant, tmp_path):
    net, _ = trained(name, recipe_of(name, variant))
    model = fresh(net)
    sha256 = save_weights(model, tmp_path / "weights.safetensors")
    loaded = load_weights(net.module.build(net.recipe, net.shape), tmp_path / "weights.safetensors", sha256)
    for count in settings_of(net, variant):
        own, again = (sampler(net, each, variant, count) for each in (model, loaded))
        assert torch.equal(draw(own, range(3)), draw(again, range(3)))


def words_of_code(path):
    """Text of a file without comments, docstrings, and names that a method may share: families, modes of a function."""
    text = re.sub(r"(?<=mode=\")\w+", "", path.read_text(encoding="utf-8"))
    if path.suffix != ".py":
        return re.sub(r"#.*|enum: \[diffusion,.*\]", "", text)
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            node.value.value = None
    return ast.unparse(tree)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_outside_its_folder_names_a_method(name):
    patterns = ("*.py", "*.smk", "*.yaml", "*.yml", "*.html", "*.css", "*.js")
    files = [path for pattern in patterns for path in (ROOT / "workflow").rglob(pattern)]
    files += [ROOT / "Snakefile", ROOT / "pyproject.toml", *(ROOT / "profiles").rglob("*.yaml")]
    files += [path for path in METHODS.rglob("method.py") if path.parent.name != name]
    pattern = rf"(?<![\w-]){name}(?![\w-])"  # words with a hyphen are words of their own
    named = [str(path.relative_to(ROOT)) for path in files if re.search(pattern, words_of_code(path))]
    assert not named
    for other, card in cards.discover().items():
        if other != name:
            card["needs"].pop("teacher")
            card.pop("family")
            assert not re.search(rf"(?<!\w){name}(?!\w)", str(card))
