"""Train observers against samples, and ask them about images that they have not seen.

Each cell and seed of a method has an observer of its own. In place of a method, "all": one observer of all cells
together, for each seed (the generalist); "data": the controls, whose answers are known.
"""

from fewstep.base import devices
from fewstep.base.files import read_json
from fewstep.base.jobs import run_job
from fewstep.plan.cells import ALL, DATA
from fewstep.scoring.judges import observers, observing
from fewstep.scoring.judges.items import items_of
from fewstep.scoring.judges.stored_answers import write_answers

HOW = {DATA: observing.controls, ALL: observing.together}


def observe(job):
    device, params = devices.use(job.params.device, job.threads), job.params
    card = read_json(job.input.card)
    items = items_of(card, job.input.images, params.count)
    how = HOW.get(job.wildcards.method, observing.one_by_one)
    run = observing.Run(items, observers.Rules(**params.rules), params.seeds, device)
    write_answers(job.output.answers, how(run, vars(params), job.input.samples, card))


run_job(observe, snakemake)
