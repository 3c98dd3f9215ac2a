"""Python's own generator, seeded with a text: that seed is hashed in the same way in every process."""


def arm(key, share, salt):
    import random

    return "challenger" if random.Random(f"{salt}/{key}").random() < share else "champion"
