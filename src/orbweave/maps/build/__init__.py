"""Builds the packaged data of ``orbweave.maps``; needs the extra ``build``. See docs/data.md."""
