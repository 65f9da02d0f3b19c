"""The recipe: the one document a designer writes."""

from hwgen.recipe.load import LoadedRecipe, load_recipe
from hwgen.recipe.schema import Recipe

__all__ = ["LoadedRecipe", "Recipe", "load_recipe"]
