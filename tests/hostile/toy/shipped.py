import marimo

app = marimo.App()


@app.function
def total(numbers: list[int]) -> int:
    """Add up."""
    raise NotImplementedError("total")


@app.function
def echo(text: str) -> str:
    """Return the text."""
    raise NotImplementedError("echo")


@app.function
def double(table):
    """Double the column `a` of a table."""
    raise NotImplementedError("double")


@app.function
def keep(number: int) -> int:
    """Return the number and keep nothing."""
    raise NotImplementedError("keep")


@app.function
def count(folder) -> int:
    """Count the lines of all files in a folder."""
    raise NotImplementedError("count")


@app.function
def unique(path) -> list[str]:
    """Return the words of a file without repetitions, in the order of their first appearance."""
    seen = []
    for word in path.read_text().split():
        if word not in seen:
            seen.append(word)
    return seen


if __name__ == "__main__":
    app.run()
