"""a transformer: an object with fit_transform and transform

Returns a column in place of something that makes one.
"""


def one_feature():
    return world.load("species")["type_1"]
