ANSWER = "truth-token"
