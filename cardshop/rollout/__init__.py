"""How a new model reaches its users: who gets which model, what is measured meanwhile, and when it goes back."""
