"""Ship the weights that a run trained, with their manifests and the scores of the run, in methods/*/weights/."""

from pathlib import Path

from fewstep.base.jobs import run_job
from fewstep.plan import zoo
from fewstep.plan.cards import Network, discover, variants_of
from fewstep.results.baseline import distances
from fewstep.results.tables import read_scores
from fewstep.training import shipping


def ship(job):
    cards, scores = discover(), read_scores(job.input.scores)
    for network in (Network(*names) for names in job.params.networks):
        made, files = zoo.run_files(network, Path(job.params.folder)), zoo.files(network)
        manifest = zoo.read_manifest(made["manifest"])
        if not manifest["parameters"]:
            print(f"{made['weights']}: nothing was trained, nothing ships")
            continue
        if manifest["source"] == zoo.ZOO:
            print(f"{files['weights']}: in use, left as it is")
            continue
        card = cards[network.method]
        variants = variants_of(card, network.recipe)
        shipping.put(made, files, distances(scores, network.dataset, network.method, variants))
        print(f"{files['weights']}: {files['weights'].stat().st_size / 1e6:.1f} MB")
        if zoo.ZOO not in card["weights"]:
            print(f"methods/{network.method}/method.yaml: name {zoo.ZOO} among its weights.")


run_job(ship, snakemake)
