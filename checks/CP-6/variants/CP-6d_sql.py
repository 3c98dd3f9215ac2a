"""Counts in SQL, for another pilot."""


def numbers():
    import duckdb
    from cardshop import pilot

    hours = pilot.hours(12)  # noqa: F841
    budget, used, pace, slow, busiest, pages, left = duckdb.sql("""
        with total as (select sum(calls) / 1000 as budget, sum(failed) as failed from hours)
        select budget, failed / budget,
            (select 1000 * sum(failed) / sum(calls) from hours where hour >= 552),
            (select sum(slow) / sum(calls) from hours), (select max(calls) from hours),
            (select count(*) from hours where failed > budget / 50), greatest(budget - failed, 0) from total
    """).fetchall()[0]
    worst, burn = duckdb.sql(
        "select hour, 1000 * failed / calls from hours order by failed desc limit 1"
    ).fetchall()[0]
    return {
        "seed": 12,
        "budget": budget,
        "used": float(used),
        "worst": worst,
        "burn": burn,
        "pages": pages,
        "pace": pace,
        "slow": slow,
        "minutes": 60 * left / busiest,
        "go": used <= 0.75 and pace <= 1 and slow <= 0.01,
    }
