"""The options of a sandbox that are checked where they are given."""

from collections.abc import Collection

from lago_async._net.addresses import is_loopback
from lago_async.sandbox._operations import order_gates

FEATURES = frozenset({order_gates.FLAG})
PROVIDERS = ("stripe", "gocardless", "adyen", "moneyhash", "cashfree", "flutterwave")


def loopback(host: str) -> str:
    """Return a host that is this machine; others are refused."""
    if not is_loopback(host):
        raise ValueError(
            f"the sandbox serves this machine only, and {host!r} is not a loopback address: "
            "use 127.0.0.1, ::1 or localhost"
        )
    return host


def known_features(features: Collection[str]) -> frozenset[str]:
    """Return feature flags that the sandbox knows; others are refused."""
    if unknown := set(features) - FEATURES:
        raise ValueError(f"features has {', '.join(sorted(unknown))}; the sandbox knows {', '.join(FEATURES)}")
    return frozenset(features)
