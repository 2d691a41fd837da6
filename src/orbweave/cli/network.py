"""The network settings, as the libraries take them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orbweave.config import Settings

if TYPE_CHECKING:
    from orbweave.net import Network


def network(settings: Settings) -> Network:
    from orbweave.net import NetSettings, Network

    net = Network(NetSettings.of(settings))
    net.tls_context()  # an unusable --ca-file is said now, not at the first website
    return net
