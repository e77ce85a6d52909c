"""The spiders: of the newspaper's site, and of its captures in web archives."""
