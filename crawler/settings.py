"""Scrapy settings of the crawl. Any of them can be changed for one run with `-s NAME=VALUE`."""

from __future__ import annotations

import os

BOT_NAME = "dprk-bert"
SPIDER_MODULES = ["crawler.spiders"]
# Our own commands, among them a `crawl` whose exit code says how the run went.
COMMANDS_MODULE = "crawler.commands"

# The one database that holds articles, raw pages and all state of the crawl.
ARCHIVE_URL = os.environ.get("ARCHIVE_URL") or "sqlite:///rodong.db"

# Say who asks. Add an address of yours (-s USER_AGENT=...) where you crawl regularly.
USER_AGENT = "dprk-bert (research on the Korean language; Scrapy)"
# Rules of the site are kept where it states any, its Crawl-delay too; a robots.txt that is missing or does not come
# forbids nothing.
ROBOTSTXT_OBEY = True
# Seconds; see crawler/middlewares.py.
ROBOTSTXT_TIMEOUT = 20

# A small, slow and distant server: one request at a time, and a pause of half to one and a half times this many seconds
# between two. What waits for another try counts among CONCURRENT_REQUESTS, so a server in distress is left alone.
CONCURRENT_REQUESTS = 2
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.5
# The pause follows the time that the site takes to answer: a site that needs 6 s for a page is asked every 6 s, never
# more often than every DOWNLOAD_DELAY and never less often than every AUTOTHROTTLE_MAX_DELAY. Errors that come quickly
# do not shorten it. A longer Crawl-delay of robots.txt takes the place of both bounds.
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = DOWNLOAD_DELAY
AUTOTHROTTLE_MAX_DELAY = 30.0
AUTOTHROTTLE_TARGET_CONCURRENCY = 1.0

# All addresses of a name, not the first alone: where one hangs, the next is tried after 0.3 s (crawler/addresses.py).
TWISTED_DNS_RESOLVER = "crawler.addresses.Addresses"

# Single pages were seen to take several seconds, and other crawlers wait two minutes.
DOWNLOAD_TIMEOUT = 120
# Articles carry their photographs inline and pass 8 MiB.
DOWNLOAD_MAXSIZE = 32 * 1024 * 1024
DOWNLOAD_WARNSIZE = 16 * 1024 * 1024
# A page cut short is no page: it counts as a failed download and is tried again.
DOWNLOAD_FAIL_ON_DATALOSS = True

# Five attempts for what may pass (see crawler/middlewares.py), with a pause in between that doubles from the first to
# the longest, in seconds. A server that says how long to wait (Retry-After) is obeyed up to the last of these.
RETRY_TIMES = 4
RETRY_DELAY = 2.0
RETRY_DELAY_MAX = 60.0
RETRY_AFTER_MAX = 600.0
# The site was never seen to redirect; whoever redirects without end is found out soon.
REDIRECT_MAX_TIMES = 5

# An article is its newsId, and the spider asks for each once. A filter of addresses would be wrong twice: one article
# has many, and canonical forms of the site's tokens are no longer the site's.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
# Scrapy starts that many workers for every page, whatever comes of it: its 100 would take a seventh of the time. An
# article's page brings one record, a list page some 15.
CONCURRENT_ITEMS = 8
# In the order of the lists, so that a crawl that ends early has the newest articles.
SCHEDULER_MEMORY_QUEUE = "scrapy.squeues.FifoMemoryQueue"
# The site needs no cookies, and none means that no state is carried from page to page.
COOKIES_ENABLED = False

# A page that builds its text with scripts is rendered in Chromium where this is 1, and an unknown layout where it is 0.
# What scripts take part of the crawl's pauses, so a page may need its time; one that needs more is given up.
BROWSER_ENABLED = os.environ.get("BROWSER_ENABLED") or "0"
BROWSER_TIMEOUT = 120
# A name or a path; without one Chromium or Chrome is looked for on PATH.
BROWSER_EXECUTABLE = os.environ.get("BROWSER_EXECUTABLE")
ADDONS = {"crawler.browser.Browser": 500}

DOWNLOADER_MIDDLEWARES = {
    "crawler.middlewares.Manners": 90,  # before retries and time-outs are set
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,  # asks again at once
    "crawler.middlewares.PatientRetry": 550,
    "crawler.addresses.AddressMemory": 560,  # sees failures before they are tried again
    "crawler.middlewares.WithoutPhotographs": 580,  # as soon as pages are unpacked
    "scrapy.downloadermiddlewares.cookies.CookiesMiddleware": None,  # not even loaded
}
ITEM_PIPELINES = {"crawler.pipelines.ArchivePipeline": 300}
EXTENSIONS = {
    "crawler.extensions.CrawlReport": 500,
    "crawler.extensions.ProgressBar": 510,
    # Both would let other processes of the machine run code inside an unattended crawl: they are not even loaded.
    "scrapy.extensions.remote_control.RemoteControl": None,
    "scrapy.extensions.telnet.TelnetConsole": None,
}
REMOTE_CONTROL_ENABLED = False
TELNETCONSOLE_ENABLED = False

# One line a minute and the report at the end; -L DEBUG shows every page.
LOG_LEVEL = "INFO"
LOGSTATS_INTERVAL = 60.0
