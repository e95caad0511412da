"""HTML pages from templates: every text is escaped, and a name that was not given is an error."""

from pathlib import Path

import jinja2


def template(folder: Path, name: str) -> jinja2.Template:
    """The template `name` of `folder`."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)
