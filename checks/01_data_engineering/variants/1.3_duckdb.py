"""DuckDB, straight from the files."""

import duckdb


def weekly_revenue(sales, cards):
    return duckdb.sql(f"""
        select cast(date_trunc('week', s.sold_at at time zone 'UTC') as date) as week,
               coalesce(c.card_type, 'Unknown') as card_type,
               cast(sum(s.quantity) as bigint) as units,
               sum(s.quantity * s.unit_price) as revenue
        from (select distinct * from '{sales}') s left join '{cards}' c using (card_id)
        group by 1, 2 order by 1, 2
    """).pl()
