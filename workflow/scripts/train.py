"""Train one recipe of a method and write its weights, its manifest and its losses."""

from pathlib import Path

from fewstep import devices, models
from fewstep.checkpoints import save_weights
from fewstep.data import read_card, read_split
from fewstep.files import sha256_file, sha256_json, write_json
from fewstep.images import from_uint8
from fewstep.jobs import run_job
from fewstep.training import TrainingRun


def train(job):
    device = devices.use(job.params.device, job.threads)
    card, data = read_card(job.input.card), read_split(job.input.images)
    shape = models.image_shape(card)
    teacher = job.params.teacher and models.load(**job.params.teacher, shape=shape, weights=job.input.teacher)
    start = job.params.start and models.load(job.wildcards.method, job.params.start, shape, job.input.start, device)
    identity = {
        "recipe": sha256_json(job.params.recipe),
        "seed": job.params.seed,
        "code": job.params.code,
        "data": card["fingerprint"]["train"],
        "teacher": sha256_file(job.input.teacher) if teacher else None,
        "start": sha256_file(job.input.start) if start else None,
    }
    run = TrainingRun(
        job.params.recipe,
        shape,
        from_uint8(data.images),
        models.label_tensor(data.labels),
        folder=Path(job.output.weights).with_suffix(".checkpoint"),
        log=Path(job.output.losses),
        seed=job.params.seed,
        key=sha256_json(identity),
        teacher=teacher and teacher.to(device),
        start=start,
        device=device,
    )
    model = models.load_method(job.wildcards.method).train(run)
    manifest = {
        **identity,
        "method": job.wildcards.method,
        "dataset": job.wildcards.dataset,
        "name": job.wildcards.recipe,
        "weights": save_weights(model, job.output.weights),
        "parameters": models.parameters(model),
        "steps": run.steps,
        "batch": run.batch_size,
        "seconds": round(run.seconds, 1),
        "device": str(device),
        "threads": job.threads,
    }
    write_json(job.output.manifest, manifest)
    run.finish()


run_job(train, snakemake)
