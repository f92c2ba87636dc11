"""Walks of exports without a server: the list changes, its totals are old, and any page may be the last of a run."""

from collections.abc import Set as AbstractSet
from typing import Any, cast
from urllib.parse import parse_qs

import attrs
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS
from lago_async._table.messages import Request, Response
from lago_async._table.page_requests import PageRequests
from lago_async._table.pages import Page, PageMeta
from lago_async.exports._rows import RowMaker
from lago_async.exports._walk import ListWalk
from lago_async.usage._columns import Column, TableSchema
from lago_async.usage._export.pairs import digest

SCHEMA = TableSchema(
    stem="customers", version="1", columns=(Column("lago_id", "text", nullable=True, description="the id"),)
)


@attrs.frozen
class Item:
    lago_id: str


class File:
    """The rows of a file. A kill leaves those of the pages up to the last commit."""

    def __init__(self) -> None:
        self.rows: list[str] = []
        self.known: set[bytes] = set()

    def add(self, rows: list[Any]) -> None:
        for pair, (text,) in rows:
            self.rows.append(text)
            self.known.add(digest(pair))

    def killed(self, kept: int) -> None:
        self.rows = self.rows[:kept]
        self.known = {digest(("", text)) for text in self.rows}


def answer(request: Request, items: list[int], stale_by: int) -> tuple[Response, Page[Any]]:
    query = parse_qs(request.target.partition("?")[2])
    number, size = int(query["page"][0]), int(query["per_page"][0])
    total = max(0, len(items) + stale_by)
    pages = -(-total // size)
    meta = PageMeta(
        current_page=number, next_page=number + 1 if number < pages else None, total_pages=pages, total_count=total
    )
    found = [Item(str(item)) for item in items[(number - 1) * size : number * size]]
    return Response(request, 200, {}, b"{}", "request", 1, uncertain=False), Page(found, meta)


def walk_of(known: AbstractSet[bytes]) -> ListWalk:
    requests = PageRequests[Any](ENDPOINTS["find_all_customers"], (), {"per_page": 32})
    return ListWalk(requests, RowMaker(SCHEMA, "Customer"), known)


_CHANGES = st.lists(
    st.tuples(
        st.lists(st.integers(0, 10_000), max_size=12),  # objects that leave
        st.integers(0, 8),  # objects that join at the front
        st.sampled_from(["", "", "", "commit", "kill"]),
    ),
    max_size=14,
)


@given(size=st.integers(0, 260), stale_by=st.integers(-60, 60), changes=_CHANGES)
def test_each_object_that_stays_is_in_the_file_once_whatever_joins_leaves_or_interrupts(
    size: int, stale_by: int, changes: list[tuple[list[int], int, str]]
) -> None:
    items = list(range(size))
    stay, fresh, file, committed = set(items), 10_000, File(), 0
    walk, left, pages = walk_of(file.known), list(changes), 0
    while walk.request is not None:
        pages += 1
        assert pages < 1000, "the walk does not end"
        response, page = answer(walk.request, items, stale_by)
        file.add(walk.take(response, page))
        if left:
            gone, new, event = left.pop()
            for index in gone:
                if items:
                    stay.discard(items.pop(index % len(items)))
            items[:0] = range(fresh, fresh + new)
            fresh += new
            if event:
                committed = len(file.rows) if event == "commit" else committed
                file.killed(committed)
                walk = walk_of(file.known)
    assert len(file.rows) == len(set(file.rows))
    assert stay <= {int(text) for text in file.rows}


@given(size=st.integers(0, 400), stale_by=st.integers(0, 20))
def test_a_list_that_does_not_change_is_said_to_be_unchanged_and_one_that_changes_is_not(
    size: int, stale_by: int
) -> None:
    items = list(range(size))
    walk, file, asked = walk_of(set()), File(), 0
    changed = size > 64 and size % 2 == 1
    while walk.request is not None:
        asked += 1
        if asked == 2 and changed:
            items.insert(0, 10_000)
        known = cast("set[bytes]", walk._known)
        rows = walk.take(*answer(walk.request, items, stale_by))
        file.add(rows)
        known.update(digest(pair) for pair, _ in rows)
    assert (walk.changes > 0) == changed
    assert sorted(int(text) for text in file.rows if text != "10000") == list(range(size))
