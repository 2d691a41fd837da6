"""Pages that only scripts can build, in a headless browser that has no way to the network but through us.

``Browser`` is all that others need; ``page`` drives one page, ``requests`` answers what it asks for, ``chromium`` is
the process.
"""

from orbweave.site.render.browser import HOW_TO_GET, Browser
from orbweave.site.render.page import Rendered, RenderError

__all__ = ["HOW_TO_GET", "Browser", "RenderError", "Rendered"]
