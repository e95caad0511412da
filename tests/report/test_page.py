"""The page: self-contained, escaped, complete, small, and the same bytes twice."""

import base64
import io
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from synthetic import HOSTILE

from fewstep.report import page as page_module
from fewstep.report.blocks import Facts, Prose, Section
from fewstep.report.embed import png
from fewstep.report.highlights import answers, headline
from fewstep.report.sections import people, quality, speed
from fewstep.report.sections.methods import paper_url
from fewstep.scoring.protocols import MEANINGS
from fewstep.study.outcome import Scores, write_scores


@dataclass
class Parsed(HTMLParser):
    """Every element of a page: (tag, attributes), and all text outside of style and script."""

    tags: list = field(default_factory=list)
    text: str = ""
    raw: bool = False

    def __post_init__(self):
        super().__init__()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.raw = tag in ("style", "script")

    def handle_endtag(self, tag):
        self.raw = False

    def handle_data(self, data):
        self.text += "" if self.raw else data


@pytest.fixture(scope="module")
def html(page):
    return page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def parsed(html):
    parsed = Parsed()
    parsed.feed(html)
    return parsed


def test_nothing_is_asked_for_from_elsewhere(parsed, html):
    for tag, attributes in parsed.tags:
        for name in {"src", "href", "xlink:href", "action", "srcset", "poster", "data"} & set(attributes):
            target = attributes[name]
            inside = target.startswith(("#", "data:"))
            link = tag == "a" and re.match(r"https://(arxiv|doi)\.org/|\.\./\.\./methods/\w+/README\.md$", target)
            assert inside or link, f"<{tag} {name}={target}>"
    assert not re.search(r"@import|url\((?!#)", html)
    assert not {tag for tag, _ in parsed.tags} & {"iframe", "object", "embed", "base"}


def test_the_policy_forbids_what_the_page_does_not_need(parsed):
    (policy,) = [a["content"] for tag, a in parsed.tags if a.get("http-equiv") == "Content-Security-Policy"]
    assert "default-src 'none'" in policy and "img-src data:" in policy


def test_hostile_text_is_text(parsed):
    assert parsed.text.count(HOSTILE) > 10  # title, family, weights, paper and every row of the method
    images = [a for tag, a in parsed.tags if tag == "img"]
    assert images and all(a["src"].startswith("data:image/png") for a in images)
    assert not [a for _, a in parsed.tags if any(name.startswith("on") for name in a)]
    assert sum(tag == "script" for tag, _ in parsed.tags) == 1


def test_every_image_has_an_alternative_text(parsed):
    assert all(a.get("alt") for tag, a in parsed.tags if tag == "img")
    assert all(a.get("aria-label") for tag, a in parsed.tags if tag == "svg" and a.get("role") == "img")


def test_ids_are_unique_and_links_have_a_target(parsed):
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids))
    targets = {a["href"][1:] for _, a in parsed.tags if a.get("href", "").startswith("#")}
    assert targets <= set(ids)


def test_two_data_sets_share_a_page(run, tmp_path):
    paths = {"scores_csv": tmp_path / "scores.csv", "speed_csv": tmp_path / "speed.csv"}
    for name, path in paths.items():
        table = pd.read_csv(getattr(run, name))
        pd.concat([table, table.assign(dataset="digits")]).to_csv(path, index=False)
    other = replace(run, **paths, files=run.files | {"digits": run.files["mnist"]})
    other.__dict__["manifest"] = {}
    found = [
        s for d in other.summaries for s in quality.sections(other, d, tmp_path) + speed.sections(other, d, tmp_path)
    ]
    parsed = Parsed()
    parsed.feed(page_module.render(other, found))
    ids = [a["id"] for _, a in parsed.tags if "id" in a]
    assert len(ids) == len(set(ids)) and {"table-mnist", "table-digits"} <= set(ids)


def test_every_cell_and_the_floor_have_a_line(parsed, run):
    summary = run.summaries["mnist"]
    lines = {a["id"] for tag, a in parsed.tags if tag == "tr" and "id" in a}
    assert lines == {f"table-mnist-{r.method}-{r.variant}-{r.nfe}" for r in summary.ranked.itertuples()}
    assert "Real images (test)" in parsed.text and "n/a" in parsed.text


def test_downloads_are_the_files(parsed, page):
    links = {a["download"]: a["href"] for _, a in parsed.tags if "download" in a}
    assert {"quality_mnist.csv", "speed_mnist.csv", "classifiers_mnist.csv"} <= set(links)
    for name, uri in links.items():
        assert base64.b64decode(uri.partition("base64,")[2]) == (page.parent / "tables" / name).read_bytes()


def test_provenance_is_told(parsed, run):
    manifest = run.manifest
    facts = [manifest["git"]["commit"], manifest["config_sha256"], manifest["lock_sha256"]]
    facts += [*manifest["weights"].values(), *manifest["data"]["mnist"].values(), *manifest["job_seconds"]]
    assert [fact for fact in facts if fact not in parsed.text] == []


def test_signs_of_collapse_are_told_first_and_in_full(parsed, run):
    ranked = run.summaries["mnist"].ranked
    assert f"2 of {len(ranked)} samplers show signs of collapse" in parsed.text
    assert re.search(r"class 8 at 1\d% of its share; [34]\.\d% of the samples are all but copies", parsed.text)
    assert "class share" not in parsed.text, "shares of single classes are in scores.csv alone"


def test_snapshots_of_every_network_are_shown_with_their_steps(parsed):
    taken = [a["alt"] for tag, a in parsed.tags if tag == "img" and " after " in a["alt"]]
    assert len(taken) == 5 * 4 and "10 samples of edm after 2,500 steps" in taken


def test_scores_by_classifiers_stand_with_their_controls(parsed):
    assert "Classifiers and observers" in parsed.text and "machine fool rate [%] ↑" in parsed.text
    for control in ("labels shuffled", "Real images against real images", "An untrained network"):
        assert control in parsed.text


def test_people_are_shown_once_their_answers_are_scored(run, tmp_path):
    rate = {"fool_rate": 0.4, "ci_low": 0.3, "ci_high": 0.52, "raters": 5, "items": 20, "trials": 250,
            "fool_rate_all_raters": 0.45}  # fmt: skip
    rater = {"rater": "a", "trials": 50, "catch_trials": 8, "catch_right": 8, "counts": True, "left_share": 0.5,
             "median_answer_s": 1.0}  # fmt: skip
    cell = {"task": 2, "method": "edm", "variant": "heun", "nfe": 5}
    asking = replace(run, files={"mnist": replace(run.files["mnist"], study=tmp_path / "study")})
    assert people.sections(asking, "mnist", tmp_path) == []
    renamed = cell | {"method": "gone"}
    scores = Scores(
        pd.DataFrame([cell | rate, renamed | rate]), pd.DataFrame([rater, rater | {"rater": "b", "counts": False}])
    )
    write_scores(scores, tmp_path / "study")
    html = page_module.render(run, people.sections(asking, "mnist", tmp_path))
    assert "40.0" in html and "30.0 to 52.0" in html and "not shown" in html
    assert "Left out: 1 of 2 raters" in html and "gone" in html
    assert people.sections(run, "mnist", tmp_path) == []


def test_extra_scores_are_a_table_with_directions(parsed):
    assert "1.23 ± 0.02" in parsed.text and "bits/dim ↓" in parsed.text
    assert "FD (lenet) of reconstructions ↓" in parsed.text and "Held-out images" in parsed.text


def test_where_weights_come_from_is_told(parsed):
    assert "from the zoo: 2,500 steps of 128 images in 13.9 min on AMD EPYC 7B13" in parsed.text
    assert parsed.text.count("trained in this run") == 2 * 4  # each method's card, and the provenance
    assert "commit 7777777777, recipe 5a5a5a5a5a5a, seed 0" in parsed.text


def test_what_is_not_recorded_is_said(run, page):
    bare = replace(run)
    bare.__dict__["manifest"] = {}
    html = page_module.render(bare, page_module.sections(bare, page.parent / "figures", page.parent / "tables"))
    assert html.count("not recorded") >= 7


def test_the_page_says_what_the_protocols_mean_and_of_which_kind_intervals_are(parsed):
    for name in ("lenet", "pixels", "accuracy", "fool-rate"):
        assert MEANINGS[name] in parsed.text
    assert MEANINGS["fid"] not in parsed.text, "no number here was made by it"
    assert "Every network was trained once: intervals are those of other samples" in parsed.text


def test_the_page_is_small(page):
    assert page.stat().st_size < 2_000_000


@pytest.mark.parametrize("channels", [1, 3])
def test_embedded_images_lose_nothing(channels):
    image = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    rgba = np.concatenate([np.broadcast_to(image, (5, 7, 3)), np.full((5, 7, 1), 255, np.uint8)], axis=-1)
    stored = Image.open(io.BytesIO(base64.b64decode(png(rgba).partition("base64,")[2])))
    assert stored.mode == {1: "LA", 3: "RGBA"}[channels]
    np.testing.assert_array_equal(np.asarray(stored.convert("RGBA")), rgba)


def test_the_page_is_byte_stable(page, hostile_run):
    folder = page.parent
    again = page_module.write_page(replace(hostile_run), folder / "figures", folder / "tables", folder / "again.html")
    assert again.read_bytes() == page.read_bytes()


def test_a_new_section_needs_no_template(run):
    later = [Section("claims", "Claims", [Prose(["One < two"]), Facts("Verdicts", [("a", "reproduced")])])]
    html = page_module.render(run, later)
    assert 'href="#claims"' in html and "One &lt; two" in html and "reproduced" in html


def test_answers_name_the_best_and_the_fastest(summary, style):
    found = {answer.question: answer for answer in answers(summary, style)}
    distance, speed = summary.distance.key, summary.find("images_per_second").key
    rows = summary.ranked
    for question, here in (("Best at 1 NFE", rows[rows.nfe == 1]), ("Best at any NFE", rows)):
        best = here.loc[here[distance].idxmin()]
        assert found[question].row == f"table-mnist-{best.method}-{best.variant}-{best.nfe}"
    (fastest,) = [a for q, a in found.items() if q.startswith("Fastest")]
    near = rows[rows[distance] <= 2 * rows[distance].min()]
    best = near.loc[near[speed].idxmax()]
    assert fastest.row == f"table-mnist-{best.method}-{best.variant}-{best.nfe}"
    assert headline(summary, style).startswith("EDM (Heun) at 35 NFE")


def test_answers_tell_a_tie(summary, style):
    frame = summary.frame.copy()
    key = summary.distance
    one = frame[(frame.nfe == 1) & (frame.method == "ect")].index[0]
    other = frame[(frame.nfe == 1) & (frame.method == "consistency_distillation")].index[0]
    frame.loc[other, [key.key, key.low, key.high]] = frame.loc[one, [key.key, key.low, key.high]] + 0.1
    tied = type(summary)(summary.dataset, frame, summary.quality, summary.speed)
    assert answers(tied, style)[0].detail == "Tie with Consistency distillation"
    assert "(tie with Consistency distillation)" in headline(tied, style)


@pytest.mark.parametrize(
    ("paper", "url"),
    [
        ("arXiv:2206.00364", "https://arxiv.org/abs/2206.00364"),
        ("arXiv:2206.00364v2", "https://arxiv.org/abs/2206.00364"),
        ("doi:10.1000/xyz-1", "https://doi.org/10.1000/xyz-1"),
        ("javascript:alert(1)", None),
        ("arXiv:2206.00364/../x", None),
        ("", None),
    ],
)
def test_only_known_kinds_of_papers_are_linked(paper, url):
    assert paper_url(paper) == url


def test_the_report_does_not_import_torch():
    code = "import sys, fewstep.report.page, fewstep.report.tables; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "workflow"})
