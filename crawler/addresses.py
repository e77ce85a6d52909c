"""Several addresses behind one name: what answered is asked first, what failed is asked last.

Scrapy's own resolver knows one address per name and keeps it for the whole run, so a hanging one would be the end of
it. Given all of them, Twisted tries the next one after 0.3 s without a connection and takes the first that connects
(RFC 8305). What connects and then says nothing is only found out by a request, which is what `AddressMemory` is for.
"""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlsplit

from scrapy import exceptions
from scrapy.crawler import Crawler, CrawlerProcess
from scrapy.http import Request, Response
from scrapy.resolver import HostResolution
from twisted.internet.interfaces import IHostnameResolver, IResolutionReceiver
from zope.interface import implementer, provider

KEPT = 1800.0  # seconds until a name is looked up anew

_NO_ANSWER = (
    exceptions.DownloadTimeoutError,
    exceptions.DownloadFailedError,
    exceptions.DownloadConnectionRefusedError,
    exceptions.ResponseDataLossError,
)


@implementer(IHostnameResolver)
class Addresses:
    """Resolves a name to all of its addresses, the best one first. A name that cannot be looked up anew keeps its old
    addresses.
    """

    def __init__(self, reactor: Any) -> None:
        self._reactor = reactor
        self._system = reactor.nameResolver
        self._known: dict[str, list[Any]] = {}  # name: its addresses, the best first
        self._until: dict[str, float] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler | CrawlerProcess, reactor: Any) -> Addresses:
        return cls(reactor)

    def install_on_reactor(self) -> None:
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802
        self,
        receiver: Any,
        name: str,
        portNumber: int = 0,  # noqa: N803
        *arguments: Any,
        **named: Any,
    ) -> Any:
        found: list[Any] = []

        @provider(IResolutionReceiver)
        class Receiver:
            resolutionBegan = receiver.resolutionBegan  # noqa: N815
            addressResolved = found.append  # noqa: N815

            @staticmethod
            def resolutionComplete() -> None:  # noqa: N802
                if found:
                    self._enter(name, found)
                self._tell(receiver, name, portNumber)

        if self._until.get(name, 0.0) <= time.monotonic():
            return self._system.resolveHostName(Receiver, name, portNumber, *arguments, **named)
        receiver.resolutionBegan(HostResolution(name))
        self._tell(receiver, name, portNumber)
        return receiver

    def first(self, name: str) -> str | None:
        """The address of a name that would be tried first; None as long as it was not looked up."""
        return self._known[name][0].host if name in self._known else None

    def prefer(self, name: str, host: str) -> None:
        """Put the address that answered first."""
        self._known.get(name, []).sort(key=lambda address: address.host != host)

    def avoid(self, name: str, host: str | None) -> None:
        """Put the address that failed last, unless another has come first since."""
        if host is not None and self.first(name) == host:
            self._known[name].append(self._known[name].pop(0))

    def _enter(self, name: str, found: list[Any]) -> None:
        """What was known keeps its order, what is new follows."""
        order = [address.host for address in self._known.get(name, [])]
        self._known[name] = sorted(
            found, key=lambda address: order.index(address.host) if address.host in order else len(order)
        )
        self._until[name] = time.monotonic() + KEPT

    def _tell(self, receiver: Any, name: str, port: int) -> None:
        for address in self._known.get(name, ()):
            receiver.addressResolved(type(address)(address.type, address.host, port))
        receiver.resolutionComplete()


class AddressMemory:
    """Tells `Addresses` which address answered, and which was the first when a request failed."""

    def process_request(self, request: Request) -> None:
        if addresses := _addresses():
            request.meta["first_address"] = addresses.first(_name(request))

    def process_response(self, request: Request, response: Response) -> Response:
        if response.ip_address and (addresses := _addresses()):
            addresses.prefer(_name(request), str(response.ip_address))
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        if isinstance(exception, _NO_ANSWER) and (addresses := _addresses()):
            # Before the first lookup there was no first one.
            first = request.meta.get("first_address") or addresses.first(_name(request))
            addresses.avoid(_name(request), first)


def _addresses() -> Addresses | None:
    from twisted.internet import reactor

    resolver = reactor.nameResolver
    return resolver if isinstance(resolver, Addresses) else None


def _name(request: Request) -> str:
    return urlsplit(request.url).hostname or ""
