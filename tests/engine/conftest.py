collect_ignore = ["toy"]  # checks of a toy course: the engine runs them, not this session
