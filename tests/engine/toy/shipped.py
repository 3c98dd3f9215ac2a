import marimo

app = marimo.App()

with app.setup:
    import polars as pl


@app.function
def total(numbers: list[int]) -> int:
    """Add up."""
    raise NotImplementedError("total")


@app.function
def double(table: pl.DataFrame) -> pl.DataFrame:
    """Double the column `a`."""
    raise NotImplementedError("double")


@app.function
def average(numbers: list[int]) -> float:
    """The mean; 0 of nothing."""
    raise NotImplementedError("average")


@app.cell
def _():
    (pl.DataFrame({"a": [1]}), total)
    return


if __name__ == "__main__":
    app.run()
