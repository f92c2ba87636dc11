"""The drawings of a report in a browser."""

import itertools
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from tests.lago_async.usage.report import browser
from tests.lago_async.usage.report.made_up_exports import (
    PLANS,
    business_year,
    page_of,
    row,
    without_scripts,
    year_of_bills,
)


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

    # By month: two metrics, and what is left of the bills; the totals as 1 : 2 : 3 : 2.
    assert await page.evaluate("document.querySelectorAll('#c0-months .trace.bars').length") == 3
    stacks = [await page.evaluate(bars_of("c0-months", trace)) for trace in range(3)]
    assert [len(stack) for stack in stacks] == [4] * 3
    whole = [sum(stack[month]["height"] for stack in stacks) for month in range(4)]
    assert whole == pytest.approx([whole[0] * factor for factor in (1, 2, 3, 2)], abs=1)
    assert stacks[0][2]["height"] == pytest.approx(whole[2] * 6 * 9 / 3 / 780, abs=1)
    assert await page.evaluate(texts_of("#c0-months .xtick text")) == ["Jan2025", "Feb2025", "Mar2025", "Apr2025"]
    legend = await page.evaluate(texts_of("#c0-months .legendtext"))
    assert legend == ["API calls", "Storage", "Fees, taxes and all else"]

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
    assert await page.evaluate(DRAWN) == 4 + 3 * 3  # one comparison is no chart of growth, and one month has none
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
    legend = await page.evaluate(texts_of("#c0-months .legendtext"))
    assert legend == [*metrics[:8], "Fees, taxes and all else"]
    bars = await page.evaluate(bars_of("c0-customers"))
    assert (await hovered(page, "c0-customers", bars[4])).startswith("<b>bold</b><br>&amp;2.88 EUR, 11.")
    table = await page.evaluate(texts_of("#c0-table tbody th"))
    assert HOSTILE[0] in table
    await page.evaluate("document.querySelector('#c0-table a').click()")
    assert set(await page.evaluate(texts_of("#c0-bills tbody tr:not([hidden]) th"))) == {table[0]}
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


WIDTHS = (420, 900, 1400)


@pytest.mark.parametrize("width", WIDTHS)
async def test_what_is_billed_draft_and_so_far_is_drawn_apart_at_every_width(
    chrome: browser.Browser, tmp_path: Path, width: int
) -> None:
    page = await chrome.open(page_of(tmp_path, business_year()).as_uri(), width=width, height=6000)
    assert await page.evaluate(DRAWN) == 5
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    wide = "[...document.querySelectorAll('.chart svg, .multiple svg')].map(one => one.getBoundingClientRect().right)"
    assert max(await page.evaluate(wide)) <= width

    # By plan; drafts and the running month are traces of their own, and hatched.
    assert await page.evaluate(texts_of("#c0-months .legendtext")) == [*PLANS, "Drafts", "So far, on no invoice"]
    hatched = "[...document.querySelectorAll('#c0-months .trace.bars')].map(t => t.querySelector('path').style.fill)"
    assert ["url(" in fill for fill in await page.evaluate(hatched)] == [False, False, False, True, True]
    plans = [await page.evaluate(bars_of("c0-months", trace)) for trace in range(3)]
    drafts, running = [await page.evaluate(bars_of("c0-months", trace)) for trace in (3, 4)]
    assert [len(plan) for plan in plans] == [7] * 3  # the running month is in none of them
    assert (len(drafts), len(running)) == (1, 1)
    assert drafts[0]["x"] == pytest.approx(plans[0][5]["x"], abs=0.5)
    assert running[0]["x"] > plans[0][6]["x"] + plans[0][6]["width"]
    scale = sum(plan[0]["height"] for plan in plans) / billed(1)
    assert sum(plan[5]["height"] for plan in plans) == pytest.approx(scale * billed(6), abs=1.5)
    assert drafts[0]["height"] == pytest.approx(scale * (13_000 // 2), abs=1.5)
    assert running[0]["height"] == pytest.approx(scale * billed(8), abs=1.5)

    # No growth to the running month, and no label of a month over another.
    labels = await page.evaluate(texts_of("#c0-growth .xtick text"))
    assert labels[-1] == "Jul2025"
    boxes = await page.evaluate(
        "[...document.querySelectorAll('#c0-months .xtick text')].map(one => one.getBoundingClientRect())"
        ".map(({left, right}) => [left, right])"
    )
    assert all(left[1] < right[0] for left, right in itertools.pairwise(sorted(boxes)))
    assert len(boxes) >= 4

    # Small multiples: one for each customer, on one scale, with what is not billed yet hatched.
    first, last = [await page.evaluate(multiple_of(number)) for number in (0, 9)]
    assert [bar["open"] for bar in first] == [False] * 6 + [True]  # its bill of June is void
    ratio = first[0]["height"] / last[0]["height"]
    assert ratio == pytest.approx(10_500 / (10_500 // 10), rel=0.1)
    assert page.problems == []


def billed(month: int) -> int:
    """Return what the business year bills for a month, or uses in August."""
    return sum(
        (10_000 + 500 * month) // (number + 1)
        for number in range(10)
        if not (number == 3 and month > 4) and not (number == 5 and month < 3) and not (month == 6 and number < 2)
    )


def multiple_of(number: int) -> str:
    return f"""(names => [...document.querySelectorAll('.multiple')]
        .filter(one => one.querySelector('.name').textContent.startsWith(names))[0])('Company {number} ')
        .querySelectorAll('rect').values().map(bar => ({{open: bar.classList.contains('open'),
            height: bar.getBoundingClientRect().height}})).toArray()"""


async def test_tables_can_be_sorted_and_searched_and_a_customer_leads_to_its_bills(
    chrome: browser.Browser, tmp_path: Path
) -> None:
    page = await chrome.open(page_of(tmp_path, business_year()).as_uri())
    await page.evaluate(DRAWN)
    names = "#c0-table tbody tr:not([hidden]) th bdi:first-child"
    first = (await page.evaluate(texts_of(names)))[0]

    async def press(selector: str, number: int) -> list[str]:
        await page.evaluate(f"document.querySelectorAll('{selector}')[{number}].click()")
        found: list[str] = await page.evaluate(texts_of(names))
        return [name for name in found if name.startswith("Company")]

    by_name = await press("#c0-table thead button", 0)
    assert by_name == [f"Company {number} & Sons" for number in range(10)]
    assert await press("#c0-table thead button", 0) == by_name[::-1]
    by_amount = await press("#c0-table thead button", 2)
    assert by_amount[0] == first == "Company 0 & Sons"
    assert await press("#c0-table thead button", 2) == by_amount[::-1]
    assert await page.evaluate("document.querySelector('#c0-table th[aria-sort]').ariaSort") == "ascending"

    await page.evaluate(
        "(box => { box.value = 'sons CUS_04'; box.dispatchEvent(new Event('input')); })"
        "(document.querySelector('#c0-table input'))"
    )
    assert await page.evaluate(texts_of(names)) == ["Company 4 & Sons", "cus_04"]
    assert await page.evaluate(texts_of("#c0-table [role=status]")) == ["1 of 10 rows"]

    # The link chooses the bills of the customer alone, also where ids begin alike, and "Show all" brings all back.
    await page.evaluate("document.querySelector('#c0-table tbody tr:not([hidden]) a').click()")
    rows = texts_of("#c0-bills tbody tr:not([hidden]) th")
    assert await page.evaluate(rows) == ["Company 4 & Sons cus_04"] * 8
    assert await page.evaluate("location.hash") == await page.evaluate(
        "'#' + document.querySelector('#c0-bills tbody tr:not([hidden])').id"
    )
    await page.evaluate("document.querySelector('#c0-bills .tools button').click()")
    assert len(await page.evaluate(rows)) == 8 * 10 - 4 - 2
    assert page.problems == []


async def test_print_is_on_white_with_whole_tables(chrome: browser.Browser, tmp_path: Path) -> None:
    page = await chrome.open(page_of(tmp_path, business_year()).as_uri(), width=900, dark=True)
    await page.evaluate(DRAWN)
    await page.send("Emulation.setEmulatedMedia", media="print")
    style = "getComputedStyle(document.querySelector({}))"
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert await page.evaluate(style.format("'#c0-bills .tools'") + ".display") == "none"
    scroll = "(one => one.scrollHeight - one.clientHeight)(document.querySelector('#c0-bills .scroll'))"
    assert await page.evaluate(scroll) <= 1


async def test_without_javascript_the_tables_say_it_all(chrome: browser.Browser, tmp_path: Path) -> None:
    page = await chrome.open(page_of(tmp_path, year_of_bills()).as_uri(), script=False)
    document = await page.send("DOM.getDocument", depth=0)
    found = await page.send("DOM.querySelector", nodeId=document["root"]["nodeId"], selector="noscript p")
    box = await page.send("DOM.getBoxModel", nodeId=found["nodeId"])
    assert box["model"]["height"] > 0
    text = without_scripts(tmp_path / "report.html")
    assert "1,010.00 EUR" in text  # the largest customer's: (1 + 2 + 3 + 2) x 120.00 + 50.00
    assert page.problems == []
