"""The question before a call that moves money or ends something. The endpoint table says which calls do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from lago_async._cli.exit_codes import ExitCode
from lago_async._printable import printable
from lago_async._streams import is_terminal

if TYPE_CHECKING:
    from lago_async._cli.access import Access


class NotConfirmedError(click.ClickException):
    """The user did not say yes, so nothing was sent."""

    exit_code = ExitCode.NOT_CONFIRMED


def confirm(what: str, consequence: str, access: Access, *, yes: bool) -> None:
    """Ask the user; without a terminal, refuse unless ``--yes`` was given.

    Args:
        what: What is about to be done: ``DELETE /customers/cus_1``.
        consequence: What it may do: the end of a sentence.
        access: The server, which the question names.
        yes: Whether ``--yes`` was given.

    Raises:
        NotConfirmedError: The user did not say yes.
    """
    if yes:
        return
    question = f"{printable(what)} {consequence} (with {access.origin})"
    if not (is_terminal("stdin") and is_terminal("stderr")):
        raise NotConfirmedError(f"{question}, and there is no terminal to ask: add --yes. Nothing was sent")
    if not click.confirm(f"{question}. Continue?", default=False, err=True):
        raise NotConfirmedError("nothing was sent")
