"""Newspaper pages to archive: the spider, its page objects, the archive and the replica site."""
