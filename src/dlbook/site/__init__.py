"""The machinery that turns ``book/`` into a website: execution, pages, checks, reports."""
