"""Parquet shards to language models: pre-training, regularised continuation, evaluation, tables, figures."""
