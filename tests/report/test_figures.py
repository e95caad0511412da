"""Figures: the same bytes twice, no touching text, and the same images in the same cells."""

from dataclasses import replace

import matplotlib
import numpy as np
import pandas as pd
import pytest
import synthetic
from matplotlib.backends.backend_agg import FigureCanvasAgg

from fewstep.base.errors import FewstepError
from fewstep.plan.presented import FIGURES, PAIRED_FIGURES, SEARCH_FIGURES
from fewstep.report import figures
from fewstep.report import strips as samples
from fewstep.report.figures import (
    distance_vs_nfe,
    distance_vs_psnr,
    distance_vs_throughput,
    searched_settings,
    training_curves,
)
from fewstep.report.figures.axes import log_axis
from fewstep.report.style import RC, Style
from fewstep.report.summary import summarise
from fewstep.report.tables.searched import Search


def draw(module, data, style):
    with matplotlib.rc_context(RC):
        figure = module.draw(data, style)
        FigureCanvasAgg(figure).draw()
    return figure


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_byte_stable(run, tmp_path, name):
    first = [p.read_bytes() for p in figures.write_figure(name, run, "mnist", tmp_path / "a")]
    second = [p.read_bytes() for p in figures.write_figure(name, run, "mnist", tmp_path / "b")]
    assert first == second
    pdf, svg, png = first
    assert pdf.startswith(b"%PDF") and b"/Type3" not in pdf and b"CreationDate" not in pdf
    assert b"<svg" in svg and b"<dc:date>" not in svg and png.startswith(b"\x89PNG")


def drawn_texts(figure):
    """All texts, less the tick labels outside of the axes' limits, which are not drawn."""
    ticks = {t for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for t in axis.get_major_ticks()}
    shown = {t for ax in figure.axes for axis in (ax.xaxis, ax.yaxis) for t in axis._update_ticks()}
    hidden = {label for tick in ticks - shown for label in (tick.label1, tick.label2)}
    texts = figure.findobj(matplotlib.text.Text)
    return [t for t in texts if t.get_visible() and t.get_text().strip() and t not in hidden]


def check_texts(figure):
    """No text is cut off at the sides, and none touches another."""
    renderer = figure.canvas.get_renderer()
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in drawn_texts(figure)]
    page = figure.bbox.padded(1)
    assert len(boxes) > 10
    for i, (text, box) in enumerate(boxes):
        assert page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1, f"{text} is cut"
        for other, second in boxes[i + 1 :]:
            assert not box.padded(-0.5).overlaps(second.padded(-0.5)), f"{text} touches {other}"


@pytest.mark.parametrize("name", [n for n in FIGURES if n != "sample_grid"])
def test_no_text_touches_another(run, style, name):
    module = figures.module(name)
    check_texts(draw(module, module.load(run, "mnist"), style))


@pytest.mark.parametrize("name", ["distance_vs_nfe", "distance_vs_throughput", "precision_recall"])
def test_thirty_variants_still_fit(name):
    results, speed = synthetic.results(), synthetic.speed()
    many = [table.query("method != 'data'") for table in (results, speed)]
    copies = [pd.concat([t.assign(method=t.method + f"_{i}") for i in range(4)]) for t in many]
    summary = summarise(*copies, {})["mnist"]
    assert len(summary.ranked.drop_duplicates(["method", "variant"])) == 32
    figure = draw(figures.module(name), summary, Style({}, summary.ranked.method))
    check_texts(figure)
    assert len(figure.legends[0].get_texts()) >= 32


def test_every_cell_is_in_the_figure(summary, style):
    figure = draw(distance_vs_nfe, summary, style)
    lines = [line for line in figure.axes[0].get_lines() if len(line.get_xdata()) and line.get_marker() != "None"]
    drawn = sorted((float(x), float(y)) for line in lines for x, y in line.get_xydata())
    rows = summary.ranked.dropna(subset=[summary.distance.key])
    assert drawn == sorted(zip(rows.nfe.astype(float), rows[summary.distance.key], strict=True))


@pytest.mark.parametrize("distance", [0.0, -1e-13, 1e-14])
def test_the_distance_of_the_reference_to_itself_is_no_floor(style, distance):
    results = synthetic.results()
    own = results.method == "data"
    results.loc[own, ["value", "ci_low", "ci_high"]] = distance
    alone, without = (summarise(r, synthetic.speed(), synthetic.cards())["mnist"] for r in (results, results[~own]))
    shown, expected = (draw(distance_vs_nfe, summary, style).axes[0] for summary in (alone, without))
    assert len(shown.get_lines()) == len(expected.get_lines()) and shown.get_ylim() == expected.get_ylim()
    usual = summarise(synthetic.results(), synthetic.speed(), synthetic.cards())["mnist"]
    assert len(draw(distance_vs_nfe, usual, style).axes[0].get_lines()) == len(expected.get_lines()) + 1


def test_few_lines_are_named_at_their_ends(style):
    results = synthetic.results().query("method in ('data', 'edm')")
    summary = summarise(results, synthetic.speed().query("method == 'edm'"), synthetic.cards())["mnist"]
    figure = draw(distance_vs_nfe, summary, style)
    assert {text.get_text() for text in figure.axes[0].texts} >= {"EDM (Heun)", "EDM (Euler)"}
    assert not figure.legends


def test_log_ticks_are_plain_numbers():
    figure = matplotlib.figure.Figure()
    ax = figure.add_subplot()
    for low, high in ((0.02, 0.9), (1, 35), (30, 250_000)):
        log_axis(ax.yaxis, low, high)
        FigureCanvasAgg(figure).draw()
        labels = [t.get_text() for t in ax.get_yticklabels() if t.get_text()]
        assert labels and not any(c in label for label in labels for c in "e$^")


@pytest.fixture
def enlarged():
    """The synthetic results with a PSNR for every cell, the better the nearer to the real images."""
    results = synthetic.results()
    ratio = results[results.metric == "fd_lenet"].assign(metric="psnr", extractor="pixels")
    values = 30 - 3 * np.log10(ratio.value)
    ratio = ratio.assign(value=values, ci_low=values - 0.3, ci_high=values + 0.3)
    return summarise(pd.concat([results, ratio]), synthetic.speed(), synthetic.cards())["mnist"]


def test_distance_is_drawn_over_psnr_without_the_truth(enlarged, style):
    figure = draw(distance_vs_psnr, enlarged, style)
    check_texts(figure)
    lines = [line for line in figure.axes[0].get_lines() if line.get_marker() != "None" and len(line.get_xdata())]
    drawn = {(round(float(x), 6), round(float(y), 6)) for line in lines for x, y in line.get_xydata()}
    rows = enlarged.ranked.dropna(subset=[enlarged.distance.key])
    ratios, distances = rows[enlarged.find("psnr").key].round(6), rows[enlarged.distance.key].round(6)
    assert drawn == set(zip(ratios, distances, strict=True))
    assert figure.axes[0].get_yscale() == "log"


def test_inputs_stand_above_the_grid_of_enlarged_images_as_squares(run):
    config = synthetic.config()
    config["datasets"]["mnist"]["low_resolution"] = 7
    first, *_, real = samples.strips(replace(run, config=config), "mnist")
    assert first.label == "Input, 7 x 7 pixels" and first.images.shape == real.images.shape == (10, 28, 28, 1)
    squares = first.images.reshape(10, 7, 4, 7, 4)
    assert (squares == squares[:, :, :1, :, :1]).all()
    # Means survive a reduction, but for what is clipped at black.
    assert np.abs(first.images.mean((1, 2)) - real.images.mean((1, 2))).max() < 8
    assert [strip.label for strip in samples.strips(run, "mnist")].count("Input, 7 x 7 pixels") == 0


@pytest.fixture
def searches():
    """Searches of a number and of a schedule, at two NFE each; the second candidate is the best."""

    def found(candidates):
        scores = [
            {"settings": c, "value": 5.0 + 3 * abs(i - 1), "standard_error": 0.5} for i, c in enumerate(candidates)
        ]
        return {"nfe": {n: {"distance": "fd_lenet", "scores": scores} for n in ("16", "4")}}

    families = [{"schedule": {"family": family, "first": 1e-4}} for family in ("linear", "log_linear", "cosine")]
    numbers = [{"s": 0.2}, {"s": 0.0}, {"s": 0.4}]
    return [Search("edm", "heun", "EDM (Heun)", found(numbers)), Search("ddpm", "ddim", "DDIM", found(families))]


def test_every_candidate_of_a_search_is_drawn_and_the_best_is_filled(searches, style):
    figure = draw(searched_settings, searches, style)
    check_texts(figure)
    number, name = figure.axes
    assert number.get_xlabel() == "s" and [t.get_text() for t in name.get_xticklabels()] == [
        "linear, 0.0001", "log-linear, 0.0001", "cosine, 0.0001"
    ]  # fmt: skip
    for ax, best, places in [(number, 0.0, [0.0, 0.2, 0.4]), (name, 1, [0, 1, 2])]:
        shown = [line for line in ax.get_lines() if line.get_marker() == "o"]
        lines, filled = [x for x in shown if len(x.get_xdata()) == 3], [x for x in shown if len(x.get_xdata()) == 1]
        assert len(lines) == len(filled) == 2  # one for each NFE
        assert all(list(line.get_xdata()) == places for line in lines)
        assert all((mark.get_xdata()[0], mark.get_ydata()[0]) == (best, 5.0) for mark in filled)


def test_the_staircase_is_the_pareto_front(summary, style):
    figure = draw(distance_vs_throughput, summary, style)
    stairs = next(line for line in figure.axes[0].get_lines() if line.get_zorder() == 1)
    x, y = stairs.get_xdata(), stairs.get_ydata()
    assert (np.diff(x) <= 0).all() and (np.diff(y) <= 0).all()
    assert ((np.diff(x) == 0) | (np.diff(y) == 0)).all()  # steps, no slopes
    rows = summary.ranked.dropna(subset=[summary.distance.key])
    speed, distance = rows[summary.find("images_per_second").key], rows[summary.distance.key]
    for a, b in zip(x[1:-1], y[1:-1], strict=True):  # nothing lies to the right of and below a step
        assert not ((speed > a) & (distance < b)).any()


def test_a_column_of_the_grid_is_one_index(run):
    strips = samples.strips(run, "mnist")
    assert [(s.method, s.variant, s.nfe) for s in strips[:-1]] == [
        (row.method, row.variant, row.nfe) for row in run.summaries["mnist"].ranked.itertuples()
    ]
    shards = [shard.images for shard in run.shards("mnist", "edm", "heun", 9)]
    strip = next(s for s in strips if (s.variant, s.nfe) == ("heun", 9))
    np.testing.assert_array_equal(strip.images, np.concatenate(shards)[:10])


def test_tiles_are_enlarged_by_whole_pixels():
    images = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3, 1)
    tiled = samples.tile(images, columns=2, gap=1, scale=4)
    assert tiled.shape == (12, 25, 4)
    np.testing.assert_array_equal(tiled[::4, :12:4, 0], images[0, :, :, 0])
    np.testing.assert_array_equal(tiled[3::4, 16::4, 2], images[1, :, :, 0])
    assert (tiled[:, 12] == 0).all()  # the gap is transparent


def test_the_grid_is_printed_pixel_by_pixel(run, style, tmp_path):
    from PIL import Image

    paths = figures.write_figure("sample_grid", run, "mnist", tmp_path)
    page = np.asarray(Image.open(paths[-1]).convert("L"))
    first = samples.strips(run, "mnist")[0].images[0, :, :, 0]
    large = first.repeat(2, 0).repeat(2, 1)
    found = np.lib.stride_tricks.sliding_window_view(page[: large.shape[0]], large.shape)[0]
    assert (np.abs(found.astype(int) - large).max(axis=(1, 2)) <= 1).sum() == 1


def test_a_loss_that_falls_below_zero_has_a_linear_axis(style):
    log = pd.DataFrame({"images_seen": [1, 2, 3], "loss": [1.0, 0.0, -1.0]})
    figure = draw(training_curves, [training_curves.Curve("edm", "default", log)], style)
    assert figure.axes[0].get_yscale() == "linear"


def test_long_names_stay_over_their_own_training_curves():
    log = pd.DataFrame({"images_seen": [1, 1000], "loss": [2.0, 1.0]})
    names = ["consistency_training", "consistency_distillation", "progressive_distillation"]
    curves = [
        training_curves.Curve(name, recipe, log) for recipe in ("improved", "paper", "n1", "n4") for name in names
    ]
    check_texts(draw(training_curves, curves, Style(dict.fromkeys(names, {}))))


@pytest.mark.parametrize("name", FIGURES + PAIRED_FIGURES + SEARCH_FIGURES)
def test_nothing_measured_is_said(style, name):
    empty = summarise(synthetic.results().iloc[:0], synthetic.speed().iloc[:0], {}, [("mnist", "edm", "heun", 5)])
    module = figures.module(name)
    data = [] if name in ("sample_grid", "training_curves", "searched_settings") else empty["mnist"]
    assert draw(module, data, style).texts


def test_an_unknown_figure_is_named():
    with pytest.raises(FewstepError, match="nonsense"):
        figures.module("nonsense")


@pytest.mark.parametrize("count", [3, 10, 50])
def test_real_images_are_taken_from_all_over_a_sorted_data_set(tmp_path, count):
    labels = np.arange(30, dtype=np.uint8) // 3
    np.savez(tmp_path / "test.npz", images=labels.reshape(-1, 1, 1, 1))
    shown = samples.spread_images(tmp_path / "test.npz", count).ravel().tolist()
    assert shown == sorted(shown) and len(shown) == min(count, 30)
    assert len(set(shown)) == min(count, 10)
