"""The settings of the documentation site, which `make docs` builds."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from lago_async.version import __version__  # noqa: E402
from tools.site import reference  # noqa: E402

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
