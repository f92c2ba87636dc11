"""A small driver of headless Chromium, over its DevTools protocol: a page, its drawings and its errors."""

import asyncio
import contextlib
import itertools
import os
import shutil
import signal
import tempfile
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp

PATIENCE = 120.0  # a machine under load is slow, not broken

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--remote-debugging-port=0",
)  # fmt: skip


def find_chromium() -> str | None:
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Page:
    """One page; ``problems`` are errors and violations of its policy, ``requests`` the addresses that it requested."""

    def __init__(self, browser: "Browser", session: str) -> None:
        self._browser = browser
        self.session = session
        self.problems: list[str] = []
        self.requests: list[str] = []
        self.loaded = asyncio.Event()

    async def send(self, method: str, **params: Any) -> dict[str, Any]:
        return await self._browser.send(method, session=self.session, **params)

    async def evaluate(self, script: str) -> Any:
        """Return the value of an expression; if it is a promise, wait for it."""
        response = await self.send("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in response, response["exceptionDetails"]
        return response["result"].get("value")

    def heard(self, method: str, params: dict[str, Any]) -> None:
        match method:
            case "Network.requestWillBeSent" if not params["request"]["url"].startswith("data:"):
                self.requests.append(params["request"]["url"])
            case "Runtime.exceptionThrown":
                self.problems.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] in {"error", "warning", "assert"}:
                self.problems.append(str(params["args"]))
            case "Log.entryAdded":
                self.problems.append(str(params["entry"]))
            case "Page.loadEventFired":
                self.loaded.set()
            case _:
                pass


class Browser:
    """A running Chromium, with its own process group and profile."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, Page] = {}

    async def send(self, method: str, *, session: str | None = None, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        response = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(message)
        async with asyncio.timeout(PATIENCE):
            found: dict[str, Any] = await response
            return found

    async def listen(self) -> None:
        async for message in self._socket:
            said = message.json()
            if "id" in said:
                waiting = self._waiting.pop(said["id"])
                if waiting.cancelled():
                    continue
                if "error" in said:
                    waiting.set_exception(RuntimeError(str(said["error"])))
                else:
                    waiting.set_result(said["result"])
            elif (page := self._pages.get(said.get("sessionId", ""))) is not None:
                page.heard(said["method"], said["params"])

    async def open(
        self, url: str, *, width: int = 1280, height: int = 900, dark: bool = False, script: bool = True
    ) -> Page:
        """Open a page with a size and a colour scheme, and wait until it has loaded."""
        target = await self.send("Target.createTarget", url="about:blank")
        attached = await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = self._pages[attached["sessionId"]] = Page(self, attached["sessionId"])
        for domain in ("Page", "Runtime", "Network", "Log"):
            await page.send(f"{domain}.enable")
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await page.send("Emulation.setDeviceMetricsOverride", **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await page.send("Emulation.setEmulatedMedia", features=[scheme])
        await page.send("Emulation.setScriptExecutionDisabled", value=not script)
        page.loaded.clear()
        await page.send("Page.navigate", url=url)
        async with asyncio.timeout(PATIENCE):
            await page.loaded.wait()
        return page


@contextlib.asynccontextmanager
async def running(chromium: str) -> AsyncGenerator[Browser, None]:
    """Run a browser; afterwards, remove its processes and files."""
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            chromium,
            *FLAGS,
            f"--user-data-dir={profile}",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "HOME": profile},
        )
        assert process.stderr is not None
        try:
            async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as tasks:
                address = await _address(process.stderr)
                rest = tasks.create_task(process.stderr.read())  # otherwise a full pipe would block the browser
                async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                    browser = Browser(socket)
                    listening = tasks.create_task(browser.listen())
                    yield browser
                    listening.cancel()
                rest.cancel()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


async def _address(stderr: asyncio.StreamReader) -> str:
    said: list[str] = []
    async for line in stderr:
        said.append(line.decode(errors="replace"))
        if "DevTools listening on " in said[-1]:
            return said[-1].partition("DevTools listening on ")[2].strip()
    raise RuntimeError("Chromium did not start: " + "".join(said[-20:]))
