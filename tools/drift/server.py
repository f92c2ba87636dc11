"""A checkout of the server, compared with the table and the models."""

from __future__ import annotations

from pathlib import Path

from tools.drift.actions import ActionReader, ServerAction
from tools.drift.comparison import RequestComparison, ResponseComparison, compare_routes, rows_by_shape, twins
from tools.drift.findings import Drift
from tools.drift.program import Program
from tools.drift.routes import RouteReader, ServerRoute
from tools.drift.webhooks import FOLDER, WebhookComparison

ROUTES = "config/routes.rb"
FOLDERS = ["app/controllers", "app/serializers", FOLDER]


class ServerDrift:
    """The comparison with a checkout.

    Attributes:
        routes: The routes below ``/api``.
        twins: Those of them that are the other verb of an update.
        drifts: All differences, and what could not be read.
    """

    def __init__(self, root: Path) -> None:
        program = Program(root, FOLDERS)
        router = RouteReader(ROUTES)
        router.read(program.statements(ROUTES))
        self.routes = [route for route in router.routes if route.version]
        rows = rows_by_shape()
        self.twins = twins(self.routes, rows)
        reader = ActionReader(program)
        actions: dict[ServerRoute, ServerAction] = {}
        requests, responses = RequestComparison(), ResponseComparison()
        for route in self.routes:
            action = None if route in self.twins else reader.read(route)
            if action is not None:
                actions[route] = action
                if route.shape in rows:
                    requests.add(rows[route.shape], action)
                    for endpoint in rows[route.shape]:
                        responses.add(endpoint, action)
        self.drifts = [
            *compare_routes(self.routes, actions, ROUTES, responses.objects),
            *requests.drifts(),
            *responses.drifts(),
            *WebhookComparison(reader).drifts(),
            *(
                Drift(side="unread", place=each.path, says=each.what, at=f"line {each.line}")
                for each in sorted({*program.unread, *router.unread, *reader.unread})
            ),
        ]
