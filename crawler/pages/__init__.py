"""Page objects: pure functions from the newspaper's HTML to frozen dataclasses. No network, no Scrapy,
no SQL.
"""
