"""Questions about a site to a language model of the operator's choice, behind any OpenAI-compatible endpoint."""

from orbweave.site.llm.insights import SITE_CHARS, Insights, insights, no_model
from orbweave.site.llm.model import Model, ModelError, Question, Usage

__all__ = ["SITE_CHARS", "Insights", "Model", "ModelError", "Question", "Usage", "insights", "no_model"]
