"""Import it first, and this process has no OpenSSL: 5 MB that nobody in the office asks for.

asyncio, aiohttp and hashlib take it where they find it and do without it elsewhere: pages are
plain HTTP, and Python has hashes of its own. Whatever imports ``ssl`` all the same gets an
ImportError at once. Where somebody has OpenSSL already, nothing is taken away.
"""

import sys

NAMES = ("ssl", "_ssl", "_hashlib")

if not sys.modules.keys() & set(NAMES):
    sys.modules |= dict.fromkeys(NAMES)  # type: ignore[arg-type] # None: not to be found
