"""Somebody who takes part in a study in a real browser, and what can be seen of it there."""

import base64
import io
import time
from collections import defaultdict

import numpy as np
from PIL import Image
from raters import arms, real_images

VISIBLE = "(document.querySelector('section:not([hidden])') ?? {}).id"
WELCOMED = f"{VISIBLE} === 'welcome'"
SHOWN = "document.getElementById('stage').classList.contains('shown')"
ASKED = "!document.getElementById('left').disabled"
# On a busy machine a short view may be over before a question from here arrives, so the page itself takes down what is
# seen: `views` holds every pair that was shown for an answer, and `onview` is called when one appears.
RECORD = f"""window.views = [];
new MutationObserver(() => {{
  if (!({SHOWN}) || !document.getElementById('next').hidden) return;
  views.push({{
    left: document.querySelector('#left img').src,
    right: document.querySelector('#right img').src,
    low: document.getElementById('middle').hidden ? null : document.querySelector('#middle img').src,
    practice: document.getElementById('status').textContent.startsWith('Practice'),
    dom: document.getElementById('trial').outerHTML,
  }});
  if (window.onview) onview();
}}).observe(document.getElementById('stage'), {{attributes: true, attributeFilter: ['class']}})"""


def reload(driver):
    """Open the page again, as after a pause."""
    driver.refresh()
    wait(driver, WELCOMED)
    driver.execute_script(RECORD)
    return driver


def wait(driver, condition, value="true"):
    """What the expression `value` is once `condition` holds."""
    script = """const done = arguments[0], poll = () => (%s) ? done(%s) : setTimeout(poll, 4); poll();"""
    return driver.execute_async_script(script % (condition, value))


def pair_to_answer(driver):
    """The pair that was shown, once it may be answered."""
    return wait(driver, ASKED, "views.at(-1)")


def click(driver, selector):
    driver.execute_script("document.querySelector(arguments[0]).click()", selector)


def press(driver, key):
    driver.execute_script("document.dispatchEvent(new KeyboardEvent('keydown', {key: arguments[0]}))", key)


def pixels(source):
    image = np.asarray(Image.open(io.BytesIO(base64.b64decode(source.partition("base64,")[2]))))
    return image.tobytes()


def session(driver):
    """What the browser keeps."""
    return driver.execute_async_script("store.load().then(arguments[0])")


def begin(driver):
    """From the welcome to the first pair."""
    click(driver, "#begin")
    if driver.execute_script(f"return {VISIBLE}").startswith("part"):
        click(driver, "section:not([hidden]) .go")


def run(driver, choose):
    """Take part to the end: `choose` gets what is seen, and gives a side. Returns what was seen of scored pairs."""
    seen = []
    while (screen := driver.execute_script(f"return {VISIBLE}")) != "end":
        if screen != "trial":
            click(driver, "section:not([hidden]) .primary")
            continue
        pair = pair_to_answer(driver)
        click(driver, f"#{choose(pair)}")
        if pair["practice"]:
            wait(driver, "!document.getElementById('next').hidden")
            click(driver, "#next")
        else:
            seen.append(pair)
    return seen


def saved(driver, kind):
    """The file that the page saves."""
    before = set(driver.downloads.iterdir())
    driver.find_element("id", kind).click()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        new = [path for path in set(driver.downloads.iterdir()) - before if path.suffix == f".{kind}"]
        if new and new[0].stat().st_size:
            return new[0]
        time.sleep(0.02)
    raise AssertionError("nothing was saved")


class Observer:
    """Knows the images by their pixels, and so what is real and whose samples are seen; it never looks at names."""

    def __init__(self):
        real = real_images()
        self.real = {image.tobytes() for image in real.images}
        self.arm = {image.tobytes(): arm.method for arm in arms(real, paired=True) for image in arm.images}
        self.fooled, self.real_left = defaultdict(list), defaultdict(list)
        self.rng = np.random.default_rng(0)

    def choose(self, pair):
        left_is_real = pixels(pair["left"]) in self.real
        sides = ("left", "right") if left_is_real else ("right", "left")
        other = self.arm.get(pixels(pair[sides[1]]))
        if other is None:  # practice or catch
            return sides[0]
        cell = (1 if pair["low"] else 2, other)
        self.real_left[cell].append(left_is_real)
        self.fooled[cell].append(bool(self.rng.random() < 0.6))
        return sides[self.fooled[cell][-1]]
