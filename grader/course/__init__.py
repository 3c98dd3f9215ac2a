"""The course as data: manifest, progress, quizzes, leaderboard."""
