"""Blocking code with many threads: one client, shared by all of them.

Without settings it runs against an embedded sandbox. With LAGO_API_KEY (and LAGO_API_URL) set, it only reads from that
Lago.

    python examples/legacy_sync.py [--threads 16]
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from lago_async.sandbox import Sandbox
from lago_sync import CustomerInput, LagoClient, NotFoundError


@contextmanager
def opened() -> Generator[LagoClient]:
    """Open a client of the Lago in the environment variables, or else of a sandbox with some customers."""
    if os.environ.get("LAGO_API_KEY"):
        with LagoClient() as client:
            yield client
        return
    with Sandbox() as sandbox, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        for number in range(40):
            client.customers.create(CustomerInput(external_id=f"cus_{number}", name=f"Customer {number}"))
        yield client


def main() -> None:
    """Look up every customer, on many threads."""
    parser = argparse.ArgumentParser(description="Look up every customer, on many threads.")
    parser.add_argument("--threads", type=int, default=16)
    threads: int = parser.parse_args().threads

    with opened() as client:
        # Iterating a pager walks all pages; each page is one call.
        ids = [customer.external_id for customer in client.customers.find_all(per_page=25)]

        started = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            names = [customer.name for customer in pool.map(client.customers.find, ids)]
        seconds = time.perf_counter() - started
        background = [thread.name for thread in threading.enumerate() if thread.name == "lago_sync"]
        print(
            f"{len(names)} customers on {threads} threads in {seconds:.2f} s, over {len(background)} background thread"
        )

        try:
            client.customers.find("nobody")
        except NotFoundError as error:
            print(f"as expected: {error}")


if __name__ == "__main__":
    main()
