"""Questions about a site to a language model of the operator's: any OpenAI-compatible endpoint."""
