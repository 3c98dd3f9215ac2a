NAME = "a package that submissions may import"
