"""Training: models, and how they are judged."""
