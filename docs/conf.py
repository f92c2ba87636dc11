"""The settings of the documentation site, which `make docs` builds."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from lago_async.version import __version__  # noqa: E402
from tools.site import reference  # noqa: E402

if TYPE_CHECKING:
    from sphinx.application import Sphinx

project = "lago-async"
copyright = "the authors of lago-async"  # noqa: A001
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
nitpicky = False
html_theme = "furo"
html_title = f"lago-async {__version__}"
copybutton_exclude = ".linenos, .gp, .go"

# The pages of the reference are written again for each build, from the endpoint table and the models.
reference.write(Path(__file__).parent / "reference")


# Links of pages that are also read in the repository, to their counterparts on the site.
COUNTERPARTS = {
    "../../lago_async/resources/README.md": "/reference/index.md",
    "lago_async/resources/README.md": "/reference/index.md",
    "../lago_async/usage/README.md": "/exports.md",
    "lago_async/usage/README.md": "/exports.md",
    "../CHANGELOG.md": "/changelog.md",
    "CHANGELOG.md": "/changelog.md",
}


def link_to_counterparts(_app: object, _name: object, content: list[str]) -> None:
    """Replace links to files outside of the site by links to pages that show the same."""
    for target, page in COUNTERPARTS.items():
        content[0] = content[0].replace(f"]({target})", f"]({page})")
    content[0] = content[0].replace("](docs/", "](/")  # of the files at the top of the repository


def setup(app: "Sphinx") -> None:
    """Connect the replacement of links."""
    app.connect("source-read", link_to_counterparts)
    app.connect("include-read", lambda app, _path, name, content: link_to_counterparts(app, name, content))
