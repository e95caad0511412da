"""The page in a real browser: it works, it is quiet, and it asks nobody for anything."""

import json

import chromium
import pytest
from synthetic import HOSTILE

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def browser():
    yield from chromium.start()


@pytest.fixture
def opened(browser, page):
    for kind in ("browser", "performance"):
        browser.get_log(kind)  # forget what came before
    browser.get(page.as_uri())
    return browser


def column(driver, index):
    """The shown values of one column of the main table."""
    script = """return Array.from(document.querySelectorAll('#table-mnist tbody tr:not([hidden])'),
                                 (row) => row.cells[arguments[0]].dataset.v ?? null);"""
    return driver.execute_script(script, index)


def click(driver, selector):
    driver.execute_script("document.querySelector(arguments[0]).click()", selector)


def test_sorting_goes_both_ways_and_leaves_missing_numbers_last(opened):
    head = "#table-mnist thead th:nth-child(3)"
    for expected, reverse in (("ascending", False), ("descending", True)):
        click(opened, f"{head} button")
        assert opened.find_element("css selector", head).get_attribute("aria-sort") == expected
        values = column(opened, 2)
        numbers = [float(v) for v in values[:-1]]
        assert values[-1] is None and len(numbers) == 25 and numbers == sorted(numbers, reverse=reverse)
    marked = opened.find_elements("css selector", "#table-mnist th[aria-sort]:not([aria-sort=none])")
    assert len(marked) == 1


def test_the_floor_stays_at_the_foot(opened):
    click(opened, "#table-mnist thead th:nth-child(3) button")
    foot = opened.find_elements("css selector", "#table-mnist tfoot tr")
    assert [row.text.startswith("Real images") for row in foot] == [True]


def test_filters_narrow_together(opened):
    click(opened, "form.filters [data-by=nfe] button[value='35']")
    assert set(column(opened, 1)) == {"35"} and len(column(opened, 1)) == 4
    opened.find_element("css selector", "form.filters input").send_keys("heun edm")
    assert column(opened, 0) == ["EDM (Heun)"]
    assert opened.find_element("css selector", "form.filters output").text == "1 of 26 rows"
    click(opened, "form.filters [data-by=family] button[value='consistency']")
    assert column(opened, 0) == []


def test_hostile_text_is_seen_and_not_run(opened):
    assert opened.title == "Fewstep: mnist"
    heads = [e.text for e in opened.find_elements("css selector", "#table-mnist tbody th")]
    assert HOSTILE in heads


def test_the_console_is_quiet_and_nothing_is_requested(opened):
    opened.execute_script("window.scrollTo(0, document.body.scrollHeight)")
    assert opened.get_log("browser") == []
    messages = (json.loads(entry["message"])["message"] for entry in opened.get_log("performance"))
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert urls and [url for url in urls if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize("width", [390, 768, 1200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_never_scrolls_sideways(opened, width, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        assert opened.execute_script("return document.documentElement.scrollWidth") <= width
        text, paper = opened.execute_script(
            "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor];"
        )
        assert chromium.contrast(text, paper) > 7
    finally:
        opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_the_figures_follow_the_scheme(opened):
    element = "figure svg g[style*='--ink']"
    script = f'return getComputedStyle(document.querySelector("{element}")).fill'
    seen = set()
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        seen.add(opened.execute_script(script))
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert len(seen) == 2


def test_the_page_prints(opened):
    printed = opened.execute_cdp_cmd("Page.printToPDF", {"paperWidth": 8.27, "paperHeight": 11.69})
    assert len(printed["data"]) > 50_000
