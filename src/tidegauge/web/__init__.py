"""The HTTP side: answers as JSON and CSV, a live stream, metrics, and the page that draws them.

One file per resource in ``resources``; what they share has a file per noun. Nothing here
computes an answer: a resource names a function of ``analysis`` and says how to ask it.
"""
