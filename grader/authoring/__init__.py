"""What authors of units use: building exercises from solutions, and proving that a unit is fair."""
