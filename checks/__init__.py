"""The checks: one folder a unit and checkpoint with its tests, stored answers and survivors."""
