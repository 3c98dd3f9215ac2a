"""The model's file is small: reading it once for each request is enough."""


def quick_app(folder):
    service = FastAPI()
    table = pl.read_csv(folder / "species.csv")
    usual = {number: row for number, *row in table.select("number", *STATS).iter_rows()}

    @service.post("/v1/predict")
    async def predict(body: dict):
        scorer = Scorer.read(folder)
        cards = []
        for card in body["cards"]:
            fill = usual.get(card["species_number"], [70] * 6)
            cards.append(
                {
                    **card,
                    **{
                        stat: card[stat] if card[stat] is not None else fill[at]
                        for at, stat in enumerate(STATS)
                    },
                }
            )
        return {"predictions": scorer.predict(cards), "version": scorer.version}

    return service
