"""Billing stories through the client, with the numbers that a running Lago gave; `make billing` tells them all."""

from importlib import import_module
from pkgutil import iter_modules

from tests.billing.told import STORIES, BillingStory, Check, tell

__all__ = ["STORIES", "BillingStory", "Check", "tell"]

for _module in sorted(iter_modules(__path__, f"{__name__}."), key=lambda found: found.name):
    import_module(_module.name)
