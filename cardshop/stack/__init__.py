"""The local stack: which processes it has, how they are started, watched and stopped."""
