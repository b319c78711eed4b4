"""The product's settings with one more view: the same key and renderer, and nothing behind them."""

from oms.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.server_urls"
