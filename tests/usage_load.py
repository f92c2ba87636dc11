"""Send usage and customers to the service of the examples: ``python -m tests.usage_load URL NUMBER``.

Each is repeated until the service has acknowledged it. A line of the output is one acknowledgement of usage.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime

import aiohttp

WORKERS = 16


async def until_acknowledged(session: aiohttp.ClientSession, path: str, body: dict[str, str], status: int) -> None:
    while True:
        try:
            async with session.post(path, json=body) as response:
                if response.status == status:
                    return
        except (aiohttp.ClientError, TimeoutError, OSError):
            pass  # killed, or not yet there again
        await asyncio.sleep(0.02)


async def main(url: str, number: int) -> None:
    waiting = iter(range(number))
    timeout = aiohttp.ClientTimeout(total=10)
    async with aiohttp.ClientSession(url, timeout=timeout) as session:

        async def work() -> None:
            for index in waiting:
                now = datetime.now(UTC).isoformat()  # once: a repeat with another time is another event for ClickHouse
                usage = {"id": f"event-{index}", "at": now, "subscription": "sub", "metric": "calls", "value": "1"}
                await until_acknowledged(session, "/usage", usage, 202)
                sys.stdout.write(f"{index}\n")
                sys.stdout.flush()
                if index % 20 == 0:
                    customer = {"id": f"customer-{index}", "name": "Load"}
                    await until_acknowledged(session, "/customers", customer, 201)

        await asyncio.gather(*(work() for _ in range(WORKERS)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
