"""Train one recipe of a method and write its weights, its manifest, its losses and its snapshots."""

from pathlib import Path

from fewstep.base import devices, provenance
from fewstep.base.checkpoints import save_weights
from fewstep.base.files import sha256_file, sha256_json
from fewstep.base.folders import ROOT
from fewstep.base.jobs import run_job
from fewstep.contract import models
from fewstep.contract.conditions import training_images, truth_of
from fewstep.data import read_card, read_split
from fewstep.images.pixels import from_uint8
from fewstep.plan import limits, zoo
from fewstep.plan.cards import Network
from fewstep.training import snapshots
from fewstep.training.loop import TrainingRun


def train(job):
    device = devices.use(job.params.device, job.threads)
    network, files, recipe = Network.of(job.wildcards), job.output, job.params.recipe
    card = limits.checked(job.profile, read_card(job.input.card))
    data, inputs = training_images(read_split(job.input.images), card["low_resolution"])
    shape, method = models.image_shape(card), models.load_method(network.method)
    built_on = {
        role: of and models.load(**of, shape=shape, weights=job.input[role], device=device)
        for role, of in (("teacher", job.params.teacher), ("start", job.params.start))
    }
    identity = {
        "recipe_sha256": job.params.recipe_sha256,
        "seed": network.training_seed,
        "code": job.params.code,
        "data": card["fingerprint"]["train"],
        **{role: sha256_file(job.input[role]) if model else None for role, model in built_on.items()},
    }
    run = TrainingRun(
        recipe,
        shape,
        from_uint8(data.images),
        models.label_tensor(data.labels),
        folder=Path(files.weights).with_suffix(".checkpoint"),
        log=Path(files.losses),
        seed=network.training_seed,
        key=sha256_json([identity, truth_of(data.images)]),  # steps draw images by their places
        **built_on,
        device=device,
        sampler=snapshots.sampler(method.sample, network, shape, device, inputs),
        low_resolution=card["low_resolution"],
    )
    model = method.train(run)
    sha256, made_by = save_weights(model, files.weights), provenance.record(ROOT, job.profile, device.type == "cuda")
    snapshots.write(files.snapshots, run.snapshots)
    facts = {"settings": recipe, "parameters": models.parameters(model), "steps": run.steps, "batch": run.batch_size}
    facts |= {"sha256": sha256, "seconds": round(run.seconds, 1), "device": str(device), "threads": job.threads}
    zoo.write_manifest(files.manifest, network, identity | facts, made_by)
    run.finish()


run_job(train, snakemake)
