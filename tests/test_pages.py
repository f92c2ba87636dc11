"""The code on the pages for users runs as it stands, in its order, against the sandbox."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from lago_async import LagoClient
from lago_async.sandbox import Sandbox

DOCS = Path(__file__).parent.parent / "docs"


def code_of(page: str) -> str:
    return "\n".join(re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL))


@pytest.mark.parametrize("page", ["models.md", "observability.md", "telemetry.md"])
async def test_the_code_of_a_page_runs(page: str) -> None:
    code = compile(code_of(page), page, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    async with Sandbox() as sandbox, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        names: dict[str, Any] = {"client": client, "sandbox": sandbox, "__name__": "page"}
        await eval(code, names)
