"""The list of all subscriptions: which pages it asks for, and which pairs of ids it returns."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import LagoPageError
from lago_async._bulk.listing import Listing
from lago_async._table.messages import Request, Response
from lago_async._table.pages import Page, PageMeta
from lago_async.models import Subscription


def after(listing: Listing, page: Page[Subscription]) -> tuple[list[tuple[str, str]], Request | None]:
    response = Response(listing.first(), 200, {}, b"", "request", 1, uncertain=False)
    fresh, following = listing.after(response, page)
    return list(fresh), following


def page_of(items: list[Any], total: int | None = None) -> Page[Any]:
    return Page(items, PageMeta(total_count=total))


def subscription(customer: str | None, external_id: str | None) -> Subscription:
    return Subscription(external_customer_id=customer, external_id=external_id)  # type: ignore[arg-type, call-arg]  # a response may lack any field


def test_the_list_of_subscriptions_asks_for_pages_of_a_hundred() -> None:
    listing = Listing(["active", "terminated"])
    path, _, query = listing.first().target.partition("?")
    assert path == "/subscriptions"
    assert parse_qs(query) == {"status[]": ["active", "terminated"], "page": ["1"], "per_page": ["100"]}
    full: Page[Subscription] = Page(
        [subscription("c", f"s{number}") for number in range(100)], PageMeta(current_page=1, next_page=2)
    )
    _, following = after(listing, full)
    assert following is not None
    assert parse_qs(following.target.partition("?")[2]) == {
        "status[]": ["active", "terminated"], "page": ["2"], "per_page": ["99"],
    }  # fmt: skip


def test_the_total_of_the_list_is_that_of_its_first_page() -> None:
    listing = Listing(["active"])
    assert listing.total is None
    assert after(listing, Page([], None)) == ([], None)
    assert listing.total is None
    for total in (7, 9):
        items = [subscription("c", f"{total} {number}") for number in range(total)]
        after(listing, page_of(items, total=total))
    assert listing.total == 7


def test_each_pair_of_ids_comes_once_and_those_without_an_id_each_time() -> None:
    listing = Listing(["active"])
    pairs = [("a", "1"), ("a", "2"), ("b", "1"), ("a", "1"), ("a", None), (None, "1"), ("a", ""), ("", "1")]
    page = page_of([subscription(*pair) for pair in pairs])
    fresh, following = after(listing, page)
    assert fresh == [("a", "1"), ("a", "2"), ("b", "1"), ("a", None), (None, "1"), ("a", ""), ("", "1")]
    assert following is None
    assert after(listing, page)[0] == [("a", None), (None, "1"), ("a", ""), ("", "1")]


def test_a_subscription_without_ids_that_two_pages_have_comes_once() -> None:
    listing = Listing(["active"])
    nameless = [Subscription(lago_id=f"id {number}", external_id="1") for number in range(2)]  # type: ignore[call-arg]
    ids: list[tuple[Any, str]] = [(None, "1"), (None, "1")]
    assert after(listing, page_of(nameless)) == (ids, None)
    assert after(listing, page_of(nameless)) == ([], None)


def test_a_list_is_walked_on_while_the_server_announces_more_and_not_begun_again() -> None:
    listing = Listing(["active"])
    full = [subscription("c", f"s{number}") for number in range(100)]
    _, following = after(listing, Page(full, PageMeta(current_page=1, next_page=2, total_count=150)))
    assert following is not None
    assert parse_qs(following.target.partition("?")[2])["page"] == ["2"]


def test_a_list_that_ends_before_its_total_is_walked_again_from_the_beginning_and_then_an_error() -> None:
    listing = Listing(["active"])
    for fresh in (["a"], ["b"]):  # only the new ones of each walk
        items = [subscription("c", each) for each in sorted({"a", *fresh})]
        found, again = after(listing, page_of(items, total=4))
        assert [external_id for _, external_id in found] == fresh
        assert again == listing.first()
    with pytest.raises(LagoPageError, match="the end of the list after 2 of 4 subscriptions"):
        after(listing, page_of(items, total=4))


def test_a_walk_that_begins_again_knows_nothing_of_the_walk_before() -> None:
    listing = Listing(["active"])
    full = [subscription("c", f"s{number}") for number in range(100)]
    response = Response(listing.first(), 200, {}, b"", "request", 1, uncertain=False)
    _, following = listing.after(response, Page(full, PageMeta(current_page=1, next_page=2, total_count=150)))
    _, following = after(listing, Page(full[98:], PageMeta(current_page=2, total_count=150)))
    assert following == listing.first()
    # As the first page of a walk, it needs to continue none.
    others = [subscription("c", f"t{number}") for number in range(20)]
    assert after(listing, page_of(others, total=20)) == ([("c", f"t{number}") for number in range(20)], None)


@given(st.lists(st.tuples(st.text("ab \ud800", min_size=1, max_size=3), st.text("ab1 \ud800", min_size=1, max_size=3))))
def test_pairs_that_differ_are_never_taken_for_the_same(pairs: list[tuple[str, str]]) -> None:
    fresh, _ = after(Listing(["active"]), page_of([subscription(*pair) for pair in pairs]))
    assert fresh == list(dict.fromkeys(pairs))
    # Where one id ends and the other begins makes a difference.
    close = [("a", "b1 c"), ("ab", "1 c"), ("1 a", "b"), ("11 a", "b"), ("a", "1 b")]
    assert after(Listing(["active"]), page_of([subscription(*pair) for pair in close]))[0] == close
