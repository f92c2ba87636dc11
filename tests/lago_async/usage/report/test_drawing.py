"""The drawings of a report in a browser."""

import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.lago_async.usage.report import browser
from tests.lago_async.usage.report.made_up_exports import page_of, row, without_scripts, year_of_bills


@pytest.fixture(scope="module")
def chromium() -> str:
    found = browser.find_chromium()
    if found is None and os.environ.get("LAGO_TEST_BROWSER") == "required":
        pytest.fail("LAGO_TEST_BROWSER=required, and there is no Chromium: apt-get install chromium")
    return found or pytest.skip("there is no Chromium here; .ci/run installs Debian's")


@pytest.fixture
async def chrome(chromium: str) -> AsyncIterator[browser.Browser]:
    async with browser.running(chromium) as started:
        yield started


# Kept when all charts are drawn.
DRAWN = """new Promise(done => {
  const root = document.documentElement, drawn = () => Number(root.dataset.drawn);
  if (drawn()) return done(drawn());
  new MutationObserver((_, seen) => { if (drawn()) { seen.disconnect(); done(drawn()); } })
    .observe(root, {attributes: true});
})"""


def bars_of(chart: str, trace: int = 0) -> str:
    """Return the boxes of the bars that a trace drew, without empty ones."""
    return f"""[...document.querySelectorAll('#{chart} .trace.bars')[{trace}].querySelectorAll('.point path')]
        .map(path => path.getBoundingClientRect()).map(({{x, y, width, height}}) => ({{x, y, width, height}}))
        .filter(box => box.width && box.height)"""


def texts_of(selector: str) -> str:
    return f"[...document.querySelectorAll({json.dumps(selector)})].map(one => one.textContent.trim())"


async def test_the_bars_are_as_long_as_the_bills_are_high(chrome: browser.Browser, tmp_path: Path) -> None:
    url = page_of(tmp_path, year_of_bills()).as_uri()
    page = await chrome.open(url)
    assert await page.evaluate(DRAWN) == 5

    # By month: ten customers and the other two, stacked; the totals as 1 : 2 : 3 : 2.
    assert await page.evaluate("document.querySelectorAll('#c0-months .trace.bars').length") == 11
    stacks = [await page.evaluate(bars_of("c0-months", trace)) for trace in range(11)]
    assert [len(stack) for stack in stacks] == [4] * 11
    whole = [sum(stack[month]["height"] for stack in stacks) for month in range(4)]
    assert whole == pytest.approx([whole[0] * factor for factor in (1, 2, 3, 2)], abs=1)
    assert stacks[0][2]["height"] == pytest.approx(whole[2] * 12 / 78, abs=1)
    assert await page.evaluate(texts_of("#c0-months .xtick text")) == ["Jan2025", "Feb2025", "Mar2025", "Apr2025"]
    legend = await page.evaluate(texts_of("#c0-months .legendtext"))
    assert legend == [f"cus_{customer:02}" for customer in range(10)] + ["The other 2 customers together"]

    # By customer: the longest on top, in proportion.
    customers = await page.evaluate(bars_of("c0-customers"))
    billed = [8 * 12 + 5, 8 * 11 - 5, *(8 * (12 - customer) for customer in range(2, 12))]
    unit = customers[0]["width"] / billed[0]
    assert [bar["width"] for bar in customers] == pytest.approx([unit * amount for amount in billed], abs=1)
    assert [bar["y"] for bar in customers] == sorted(bar["y"] for bar in customers)
    assert await page.evaluate(texts_of("#c0-customers .ytick text")) == [f"cus_{number:02}" for number in range(12)]

    # Growth: +100 %, +50 %, -33.3 %, the last below the line.
    growth = await page.evaluate(bars_of("c0-growth"))
    assert [bar["height"] for bar in growth] == pytest.approx(
        [growth[0]["height"] * part for part in (1, 0.5, 1 / 3)], abs=1
    )
    assert growth[2]["y"] == pytest.approx(growth[0]["y"] + growth[0]["height"], abs=1)

    # Changes: one to the right, the others to the left.
    moves = await page.evaluate(bars_of("c0-moves"))
    assert [bar["x"] < moves[0]["x"] for bar in moves[1:]] == [True] * (len(moves) - 1)

    metrics = await page.evaluate(bars_of("c0-metrics"))
    assert metrics[1]["width"] == pytest.approx(metrics[0]["width"] / 3, abs=1)
    assert await page.evaluate(texts_of("#c0-metrics .ytick text")) == ["API calls", "Storage"]

    assert page.problems == []
    assert page.requests == [url]


async def hovered(page: browser.Page, chart: str, bar: Mapping[str, float]) -> str:
    """Return the text that appears while the mouse is on a bar."""
    listen = f"document.getElementById('{chart}').once('plotly_hover', () => done(true))"
    await page.evaluate(f"window.hovered = new Promise(done => {{ {listen} }}), 0")
    middle = {"x": bar["x"] + bar["width"] / 2, "y": bar["y"] + bar["height"] / 2}
    await page.send("Input.dispatchMouseEvent", type="mouseMoved", **middle)
    assert await page.evaluate("window.hovered")
    (text,) = await page.evaluate(texts_of(f"#{chart} .hoverlayer .hovertext"))
    return str(text)


async def test_hovering_tells_the_exact_amount_units_and_events(chrome: browser.Browser, tmp_path: Path) -> None:
    page = await chrome.open(page_of(tmp_path, year_of_bills()).as_uri(), height=4000)
    await page.evaluate(DRAWN)
    (bar, _) = await page.evaluate(bars_of("c0-metrics"))
    assert await hovered(page, "c0-metrics", bar) == "API calls (calls)216.00 EUR36 units72 events"


HOSTILE = [
    "</script><script>document.title='run'</script>",
    "<!--<script>",
    "<img src=x onerror=\"document.title='run'\">",
    "<a href=\"javascript:document.title='run'\">press</a>",
    "<b>bold</b><br>&amp;",
    "%{y}{{x}}$x$ ${title}",
    "\u2028\u202egnp.exe\x07'\"",
    "",
    "x" * 5000,
]


async def test_ids_are_text_whatever_they_hold(chrome: browser.Browser, tmp_path: Path) -> None:
    rows = [
        row(
            name,
            month,
            external_subscription_id=name,
            billable_metric_code=name,
            billable_metric_name=name,
            lago_invoice_id=f"{number} {month}",
            period_total_amount_cents=(100 - number) * factor,
            amount_cents=100 - number,
        )
        for month, factor in (("2025-01", 1), ("2025-02", 2))
        for number, name in enumerate(HOSTILE)
    ]
    rows += [row("a", currency=name, amount_currency=name) for name in HOSTILE[:3]]
    url = page_of(tmp_path, rows).as_uri()
    page = await chrome.open(url, height=4000)
    assert await page.evaluate(DRAWN) == 5 + 2 * 3 + 3  # one month has no growth and no change
    assert await page.evaluate("document.title") == "Usage and bills"
    assert await page.evaluate("document.scripts.length") == 3
    assert await page.evaluate("document.querySelectorAll('main a:not([href^=\"#c\"]), main img, svg a').length") == 0
    shown = [
        "</script><script>document.title='…",
        "<!--<script>",
        '<img src=x onerror="document.titl…',
        '<a href="javascript:document.titl…',
        "<b>bold</b><br>&amp;",
        "%{y}{{x}}$x$ ${title}",
        "\ufffd\ufffdgnp.exe\ufffd'\"",
        "(empty)",
        "x" * 33 + "…",
    ]  # fmt: skip
    assert await page.evaluate(texts_of("#c0-customers .ytick text")) == shown
    metrics = ["(no metric)" if name == "(empty)" else name for name in shown]
    assert await page.evaluate(texts_of("#c0-metrics .ytick text")) == metrics
    assert await page.evaluate(texts_of("#c0-months .legendtext")) == shown
    bars = await page.evaluate(bars_of("c0-customers"))
    assert (await hovered(page, "c0-customers", bars[4])).startswith("<b>bold</b><br>&amp;2.88 EUR, 11.")
    table = await page.evaluate(texts_of("#c0 table:first-of-type tbody th"))
    assert HOSTILE[0] in table
    assert page.problems == []
    assert page.requests == [url]


async def test_a_script_that_is_not_the_pages_own_does_not_run(chrome: browser.Browser, tmp_path: Path) -> None:
    page_file = page_of(tmp_path, year_of_bills())
    text = page_file.read_text("utf-8")
    page_file.write_text(
        text.replace("</main>", "<script>document.title='run'</script><img src='https://lago.invalid/'></main>"),
        "utf-8",
    )
    page = await chrome.open(page_file.as_uri())
    assert await page.evaluate(DRAWN) == 5
    assert await page.evaluate("document.title") == "Usage and bills"
    assert len([problem for problem in page.problems if "Content Security Policy" in problem]) == 2


async def test_it_fits_a_telephone_and_follows_dark(chrome: browser.Browser, tmp_path: Path) -> None:
    url = page_of(tmp_path, year_of_bills()).as_uri()
    paper = {}
    for dark in (False, True):
        page = await chrome.open(url, width=400, dark=dark)
        await page.evaluate(DRAWN)
        assert await page.evaluate("document.documentElement.scrollWidth") <= 400
        assert (
            await page.evaluate("Math.max(...[...document.querySelectorAll('.chart svg')].map(one => one.clientWidth))")
            < 400
        )
        ink = "getComputedStyle(document.querySelector('#c0-customers .ytick text')).fill"
        paper[dark] = await page.evaluate("getComputedStyle(document.body).backgroundColor"), await page.evaluate(ink)
        assert page.problems == []
    assert paper == {
        False: ("rgb(246, 247, 249)", "rgb(27, 35, 48)"),
        True: ("rgb(18, 22, 29)", "rgb(231, 235, 242)"),
    }


async def test_without_javascript_the_tables_say_it_all(chrome: browser.Browser, tmp_path: Path) -> None:
    page = await chrome.open(page_of(tmp_path, year_of_bills()).as_uri(), script=False)
    document = await page.send("DOM.getDocument", depth=0)
    found = await page.send("DOM.querySelector", nodeId=document["root"]["nodeId"], selector="noscript p")
    box = await page.send("DOM.getBoxModel", nodeId=found["nodeId"])
    assert box["model"]["height"] > 0
    text = without_scripts(tmp_path / "report.html")
    assert "1,010.00 EUR" in text  # the largest customer's: (1 + 2 + 3 + 2) x 120.00 + 50.00
    assert page.problems == []
