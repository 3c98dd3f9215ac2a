"""What the lessons show and measure and that takes more than a few lines of a notebook: figures, evaluations, pairs."""
