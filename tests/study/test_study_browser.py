"""The page in a real browser: people can take part with mouse or keys, and nothing but the images tells the truth."""

import json
import re
import time

import chromium
import numpy as np
import pandas as pd
import pytest
from participant import (
    ASKED,
    SHOWN,
    WELCOMED,
    Observer,
    begin,
    click,
    pair_to_answer,
    pixels,
    press,
    reload,
    run,
    saved,
    session,
    wait,
)
from raters import make_study

from fewstep.study.answers import read_answers
from fewstep.study.rater_page import render
from fewstep.study.rates import score

pytestmark = pytest.mark.browser
TINY = {"items": 4, "trials": 4, "practice": 2, "catch": 6, "view_seconds": 0.05}
TRIALS_PER_TASK = 2 * 4 + 6


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    for driver in chromium.start():
        driver.downloads = tmp_path_factory.mktemp("downloads")
        allow = {"behavior": "allow", "downloadPath": str(driver.downloads)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", allow)
        yield driver


@pytest.fixture
def open_study(browser, tmp_path):
    """A function that opens the page of a study, as somebody who never saw it."""

    def opened(study):
        path = tmp_path / "index.html"
        path.write_text(render(study.page))
        for kind in ("browser", "performance"):
            browser.get_log(kind)  # forget what came before
        browser.get(path.as_uri())
        wait(browser, WELCOMED)
        browser.execute_script("store.clear()")
        return reload(browser)

    return opened


@pytest.fixture(scope="module")
def tiny():
    return make_study(low=True, **TINY)


def test_a_whole_study_is_scored_as_it_was_clicked(open_study, tiny):
    driver, observer = open_study(tiny), Observer()
    seen = run(driver, observer.choose)
    assert len(seen) == 2 * TRIALS_PER_TASK
    assert {cell: sum(left) for cell, left in observer.real_left.items()} == dict.fromkeys(observer.real_left, 2)

    answers = read_answers([saved(driver, "json"), saved(driver, "csv")])
    assert len(answers) == 1 and len(answers[0].answers) == len(seen)
    assert all(answer["view_ms"] >= 50 and answer["views"] == 1 for answer in answers[0].answers)
    scores = score(answers, tiny.key)
    found = {(row.task, row.method): row.fool_rate for row in scores.rates.itertuples()}
    assert found == {cell: np.mean(fooled) for cell, fooled in observer.fooled.items()} and len(found) == 4
    assert scores.raters.catch_right.tolist() == [12]

    for low in (True, False):
        normal = {without_images(pair["dom"]) for pair in seen if bool(pair["low"]) == low}
        assert len(normal) == 1, "the page around a pair is the same, whatever the truth"
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert urls and not [url for url in urls if not url.startswith(("file:", "data:", "blob:"))]
    assert driver.get_log("browser") == []


def without_images(dom):
    """The HTML of a trial without its images and its counters."""
    dom = re.sub(r"data:image/png;base64,[^\"]*", "", dom)
    return re.sub(r'(value|style)="[^"]*"|<span id="count">[^<]*', "", dom)


def test_no_answer_is_taken_before_the_view_is_over_and_the_pair_is_then_gone(open_study):
    driver = open_study(make_study(low=False, **{**TINY, "practice": 0, "view_seconds": 0.6}))
    driver.execute_script(
        f"""window.onview = () => {{
          for (const key of ['ArrowLeft', 'f', 'ArrowRight', 'j'])
            document.dispatchEvent(new KeyboardEvent('keydown', {{key}}));
          document.getElementById('left').click();
          window.early = {{answered: session.answers.length, seen: {SHOWN}, asked: {ASKED}}};
        }}"""
    )
    began = time.monotonic()
    begin(driver)
    wait(driver, ASKED)
    assert time.monotonic() - began > 0.6
    assert driver.execute_script("return early") == {"answered": 0, "seen": True, "asked": False}
    assert session(driver)["answers"] == []
    assert driver.execute_script("return document.querySelectorAll('#stage img[src]').length") == 0
    visibility = "return getComputedStyle(document.querySelector('#left img')).visibility"
    assert driver.execute_script(visibility) == "hidden"
    press(driver, "ArrowRight")
    (answer,) = session(driver)["answers"]
    assert answer["choice"] == "right" and answer["view_ms"] >= 600


def test_a_pair_that_was_not_looked_at_is_shown_again(open_study):
    driver = open_study(make_study(low=False, **{**TINY, "practice": 0, "view_seconds": 0.2}))
    hide = """Object.defineProperty(document, 'hidden', {value: %s, configurable: true});
              document.dispatchEvent(new Event('visibilitychange'))"""
    driver.execute_script(f"window.onview = () => {{ window.onview = null; {hide % 'true'} }}")
    begin(driver)
    wait(driver, "views.length === 1")
    time.sleep(0.4)
    assert not driver.execute_script(f"return {SHOWN} || {ASKED}")
    driver.execute_script(hide % "false")
    pair_to_answer(driver)
    first, again = driver.execute_script("return views")
    assert (again["left"], again["right"]) == (first["left"], first["right"])
    press(driver, "ArrowLeft")
    assert session(driver)["answers"][0]["views"] == 2


def test_practice_tells_the_truth_and_is_not_recorded(open_study):
    driver, real = open_study(make_study(low=True, **TINY)), Observer().real
    begin(driver)
    for right in (True, False):
        pair = pair_to_answer(driver)
        assert pair["practice"]
        truth = "left" if pixels(pair["left"]) in real else "right"
        press(
            driver, {"left": "ArrowLeft", "right": "ArrowRight"}[truth] if right else {"left": "j", "right": "f"}[truth]
        )
        marked = "Array.from(document.querySelectorAll('.is-real'), (e) => e.id)"
        told, sides = wait(
            driver,
            "!document.getElementById('next').hidden",
            f"[document.getElementById('status').textContent, {marked}]",
        )
        assert told == f"{'Correct' if right else 'No'}: the {truth} one is real." and sides == [truth]
        assert driver.execute_script("return document.activeElement.id") == "next"
        click(driver, "#next")
    assert not pair_to_answer(driver)["practice"]
    assert session(driver)["answers"] == []


def test_a_session_goes_on_after_a_reload_and_can_be_discarded(open_study):
    driver = open_study(make_study(low=False, **{**TINY, "practice": 0}))
    begin(driver)
    for _ in range(3):
        wait(driver, ASKED)
        press(driver, "f")
    stopped = pair_to_answer(driver)
    before = session(driver)
    reload(driver)
    assert driver.find_element("id", "begin").text == "Go on where you stopped"
    click(driver, "#begin")
    again = pair_to_answer(driver)
    assert (again["left"], again["right"]) == (stopped["left"], stopped["right"])
    after = session(driver)
    assert after["answers"] == before["answers"] and len(after["answers"]) == 3 and after["views"] == 2

    reload(driver)
    click(driver, "#anew")
    driver.switch_to.alert.accept()
    wait(driver, "document.getElementById('anew').hidden")
    assert driver.find_element("id", "begin").text == "Begin" and session(driver) is None


def test_raters_get_orders_of_their_own_and_each_image_once(open_study):
    driver = open_study(make_study(low=True, **{**TINY, "items": 8}))
    script = """const steps = schedule(study, arguments[0]).filter((s) => s.kind === 'trial');
                return steps.map((s) => [s.task, s.trial, s.left, s[s.left]])"""
    seeds = [f"{seed:032x}" for seed in np.random.default_rng(0).integers(1, 2**62, 40).tolist()]
    orders = [driver.execute_script(script, f"{seed[16:]}{seed[16:]}") for seed in seeds]
    assert driver.execute_script(script, f"{seeds[0][16:]}{seeds[0][16:]}") == orders[0]
    assert len({tuple(trial for _, trial, _, _ in order) for order in orders}) == len(orders)
    for order in orders:
        assert len({trial for _, trial, _, _ in order}) == len(order) == 2 * TRIALS_PER_TASK
    frame = pd.DataFrame([row for order in orders for row in order], columns=["task", "trial", "left", "image"])
    shares = frame.groupby("trial").left.agg(lambda left: (left == "a").mean())
    counts = frame.groupby("trial").size()
    assert shares[counts > 10].between(0.1, 0.9).all(), "every image is seen on both sides"
    first = {order[0][0] for order in orders}
    assert first == {0, 1}, "either task may come first"


@pytest.mark.parametrize(("width", "height"), [(320, 640), (390, 844), (844, 390), (768, 1024), (1200, 900)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits_and_can_be_read_and_touched(open_study, tiny, width, height, scheme):
    driver = open_study(tiny)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": height, "deviceScaleFactor": 2, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        sideways = "return document.documentElement.scrollWidth - window.innerWidth"
        assert driver.execute_script(sideways) <= 0
        text, muted, paper = driver.execute_script(
            """const colour = (s) => getComputedStyle(document.querySelector(s));
               return [colour('body').color, colour('.quiet').color, colour('body').backgroundColor]"""
        )
        assert chromium.contrast(text, paper) > 7 and chromium.contrast(muted, paper) > 4.5
        begin(driver)
        wait(driver, ASKED)
        assert driver.execute_script(sideways) <= 0
        tile, pair, low = driver.execute_script(
            """const box = (s) => document.querySelector(s).getBoundingClientRect();
               return [box('#left .tile').width, box('#left').height, box('#right').right]"""
        )
        assert (2 * tile / 8) % 1 == 0 and tile >= 60, "an image's pixel is a whole number of the screen's"
        assert pair >= 44 and low <= width
    finally:
        driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_it_can_be_used_with_the_keys_alone(open_study):
    from selenium.webdriver.common.keys import Keys

    driver = open_study(make_study(low=False, **TINY))

    def send(*keys):
        driver.switch_to.active_element.send_keys(*keys)

    send(Keys.TAB)
    send(Keys.ENTER)
    send(Keys.TAB)
    send(Keys.ENTER)
    for _ in range(2):
        wait(driver, ASKED)
        send(Keys.ARROW_RIGHT)
        send(Keys.ENTER)
    for count in range(3):
        wait(driver, ASKED)
        send(Keys.ARROW_LEFT)
        assert len(session(driver)["answers"]) == count + 1
    names = driver.execute_script(
        """return Array.from(document.querySelectorAll('button, a, img, progress:not([aria-hidden])'),
                             (e) => e.textContent.trim() || e.alt || e.ariaLabel)"""
    )
    assert all(names)
