"""Helper package of the executable textbook "Deep Learning, Checked".

Chapters import from its modules (``from dlbook.data import load``); this file imports nothing, so that
a chapter depends only on the modules that it names.
"""
