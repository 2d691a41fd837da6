"""The pages of a site as one Markdown text, without what surrounds their content. Pure: HTML in, text out.

``read_page`` turns a page into blocks, which are all that needs to be kept of it; ``compose`` puts pages together.
"""

from orbweave.site.compendium.compose import Compendium, compose
from orbweave.site.compendium.markdown import Block
from orbweave.site.compendium.page import Page, read_page

__all__ = ["Block", "Compendium", "Page", "compose", "read_page"]
