"""Reads handwritten digits.

>>> import scrawl
>>> scrawl.Recognizer().read("7.png").text
'7'
"""

from ._scrawl import Box, Digit, Error, Reading, Recognizer, __version__

__all__ = ["Box", "Digit", "Error", "Reading", "Recognizer", "__version__"]
