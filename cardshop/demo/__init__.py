"""The whole story of the stack, unattended: drift, retraining, canary, promotion, and a bad model that goes back."""
