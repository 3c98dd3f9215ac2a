"""How much of a submission is looked at. What goes beyond is refused or cut in one place each, with a sentence."""

SOURCE = 2 * 2**20  # characters of all code that is handed in
MESSAGE = 256 * 2**20  # bytes of one message between the grader and a worker, tree and blobs together
TREE = 32 * 2**20  # bytes of the JSON tree alone
NODES = 2_000_000  # values in a tree
DEPTH = 30  # levels of nesting
CELLS = 50_000_000  # of tables and arrays
COLUMNS = 2_000  # of a table, those inside of nested columns included
DECODED = 512 * 2**20  # bytes of memory that a message becomes, estimated before it is read
OBJECT = 64  # bytes of memory that a value costs which is an object of its own
SCHEMA = 2**19  # bytes that describe the columns of a table
ARRAYS = 1_000_000  # columns times the pieces in which a table is sent
COLLISIONS = 100  # members of a set that share their hash with others
NAME = 200  # characters of the name of a class or column
TEXT = 20_000  # characters of printed text, and of the text of an exception
SAID = 2_000  # characters of all that a learner reads about one check


class Unsendable(TypeError):
    """The value cannot be sent: it is not plain data, is nested too deeply, or is too large."""


class Malformed(ValueError):
    """What arrived is not something that `encode` could have written."""
