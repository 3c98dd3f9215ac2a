# `dojo incident submit` writes here which release answers in your stack: its code.
