"""`scrapy replica`: serve a local stand-in of the newspaper's site."""

import argparse
import datetime as dt
import errno
import signal
import sys
import threading
from types import FrameType
from typing import ClassVar

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.replica.faults import parse_rule
from crawler.replica.server import serve
from crawler.replica.site import Site


class Command(ScrapyCommand):
    requires_crawler_process = False
    default_settings: ClassVar[dict[str, object]] = {"LOG_ENABLED": False}

    def syntax(self) -> str:
        return "[options]"

    def short_desc(self) -> str:
        return "Serve a local stand-in of the newspaper's site with generated articles"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8765, help="0 takes a free one (default: 8765)")
        parser.add_argument("--days", type=int, default=30, help="issues, one a day (default: 30)")
        parser.add_argument("--per-day", type=int, default=40, help="articles an issue (default: 40)")
        parser.add_argument("--seed", type=int, default=7, help="another seed, another site (default: 7)")
        parser.add_argument("--today", metavar="YYYY-MM-DD", help="day of the last issue (default: today)")
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            metavar="KIND=NEWSID[:TIMES]",
            help="spoil the answer for an article, a decoded token or a path, e.g. "
            "unknown_layout=2026-11-20-013 or error500=/ko/:2 (may be repeated)",
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if args:
            raise UsageError("replica takes options only")
        try:
            today = _day(opts.today) if opts.today else dt.date.today()
            site = Site(seed=opts.seed, days=opts.days, per_day=opts.per_day, today=today)
            rules = [parse_rule(text) for text in opts.fault]
        except ValueError as error:
            raise UsageError(str(error), print_help=False) from error
        stop = threading.Event()

        def on_signal(number: int, frame: FrameType | None) -> None:
            stop.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, on_signal)
        try:
            with serve(site, port=opts.port, host=opts.host) as server:
                for rule in rules:
                    server.faults.set(rule.kind, rule.pattern, rule.times)
                print(f"{server.url} is up; next: scrapy crawl rodong -a base_url={server.url}")
                past = " ".join(f"-a {name}={url}" for name, url in server.archive_arguments.items())
                print(f"or its past: scrapy crawl rodong_wayback {past} -s DOWNLOAD_DELAY=0", flush=True)
                stop.wait()
        except (OSError, OverflowError) as error:
            print(f"replica: {_reason(error, opts.host, opts.port)}", file=sys.stderr)
            self.exitcode = 1


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"--today must be a day such as 2026-11-20, not {text!r}") from error


def _reason(error: OSError | OverflowError, host: str, port: int) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: choose another with --port, or --port 0 for a free one"
    return f"cannot listen on {host} port {port} ({error}): choose others with --host and --port"
