"""`run_name`: the template that the run names of a project already keep to."""

from __future__ import annotations

from collections.abc import Callable

from confguard.init.home import Home
from confguard.init.proposal import Entry, Found, told
from confguard.words.recipe import Recipe
from confguard.words.secret import mask

Template = Callable[[str, Recipe], str | None]
"""The template that makes a run's name of a file's values."""


def run_names_of(home: Home, template_of: Template) -> Found:
    """The one template that every config with a run name keeps to, the reference's too; nothing where one does not."""
    if home.project.run_name is not None:
        return Found()
    named = [(file, file.recipe) for file in home.every if file.recipe is not None and isinstance(file.recipe.values.get("run_name"), str)]
    templates = {template_of(recipe.values["run_name"], recipe) for _, recipe in named}
    template = templates.pop() if len(templates) == 1 else None
    if template is None or mask(template) != template or not any(file in home.configs for file, _ in named):
        return Found()
    if len(named) == 1 and template.count("{") == 1:  # which may be by chance
        return Found()
    held = told([f"{home.inside(file.document.path)} has {recipe.values['run_name']}" for file, recipe in named])
    why = f"every number in it is a value of the same file: {held}"
    if len(named) == 1:
        why += "; not proposed, since the words of one name may be its own"
    return Found((Entry("run_name", "", template, why, is_sure=len(named) > 1),))
