"""Training: models, and how they are judged."""

MODEL = "card-type"
"""The name of the model in the registry."""
