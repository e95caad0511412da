"""The page that raters open: one file that needs no network and knows no answer."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fewstep.base.templates import template

PARTS = Path(__file__).with_name("rater_page")
SECONDS_PER_ANSWER = 2.0  # a guess, for the duration that the page announces


def render(page: Mapping[str, Any]) -> str:
    """The page as text: styles, scripts and the blind trials (fewstep.study.blind) are inlined."""
    count = trials_per_rater(page)
    return template(PARTS, "page.html.j2").render(
        study=json.dumps(page, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c"),
        tasks=page["tasks"],
        count=count,
        minutes=max(1, round(count * (page["view_seconds"] + SECONDS_PER_ANSWER) / 60)),
        view_seconds=f"{page['view_seconds']:g}",
        css=(PARTS / "page.css").read_text(encoding="utf-8"),
        js="\n".join((PARTS / name).read_text(encoding="utf-8") for name in ("order.js", "record.js", "page.js")),
    )


def trials_per_rater(page: Mapping[str, Any]) -> int:
    """How many pairs a rater sees, practice included."""
    return sum(len(task["practice"]) + 2 * sum(group["draw"] for group in task["groups"]) for task in page["tasks"])
