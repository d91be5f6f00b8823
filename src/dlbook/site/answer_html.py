"""An answer form as nodes, and as HTML: readable without a script, which brings the controls to life."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.locale import get_translation
from sphinx.transforms.post_transforms import SphinxPostTransform

_ = get_translation("dlbook")

MOVES = (("up", "-1", "\u2191"), ("down", "1", "\u2193"))

# What only the script can use; it takes the attribute off.
_FOR_SCRIPT = 'data-script="" hidden="hidden"'


class answer_form(nodes.General, nodes.Element):  # noqa: N801 (docutils names its nodes so)
    """The form of one key: parts, and where its controls stand; `base` is an id for all of it."""


class answer_part(nodes.Part, nodes.TextElement):  # noqa: N801
    """Text of a form: `role` is prompt, option, reason, step or hint; `value` its letter or number."""


class answer_controls(nodes.Part, nodes.Element):  # noqa: N801
    """Where the field, the buttons and the verdict stand."""


class answer_summary(nodes.General, nodes.Element):  # noqa: N801
    """How many of the page's questions have been answered; filled by the script."""


class PlainForms(SphinxPostTransform):
    """Puts paragraphs and lists in the place of forms, in all formats but HTML."""

    default_priority = 5

    def run(self, **kwargs: Any) -> None:
        """Replace them."""
        if self.app.builder.format == "html":
            return
        for node in list(self.document.findall(answer_summary)):
            node.parent.remove(node)
        for form in list(self.document.findall(answer_form)):
            form.replace_self(list(_plainly(form)))


def _plainly(form: answer_form) -> Iterator[nodes.Node]:
    """Give a form as its prompt and what there is to choose from."""
    parts = [part for part in form.children if isinstance(part, answer_part)]
    yield nodes.paragraph(
        "", "", *(child for part in parts if part["role"] == "prompt" for child in part.children)
    )
    listed = nodes.bullet_list(bullet="-")
    for part in parts:
        if part["role"] in ("option", "reason", "step"):
            text = nodes.paragraph("", "", nodes.strong("", part["value"]), nodes.Text(" "), *part.children)
            listed += nodes.list_item("", text)
    if listed.children:
        yield listed


def _visit_form(self: Any, node: answer_form) -> None:
    self.body.append(
        f'<form class="dlbook-answer" id="{node["base"]}" data-key="{escape(node["key"])}" '
        f'data-kind="{node["kind"]}" novalidate="novalidate">\n'
    )
    if node["grouped"]:
        self.body.append("<fieldset>\n")


def _depart_form(self: Any, node: answer_form) -> None:
    self.body.append("</form>\n")


def _visit_part(self: Any, node: answer_part) -> None:
    """Open a part; the first of its sort opens the list that they stand in."""
    form, role, value = node.parent, node["role"], node.get("value", "")
    base = form["base"]
    if role == "prompt":
        label = f'<label for="{base}-field">' if not form["grouped"] else ""
        self.body.append(
            f'<legend class="dlbook-prompt">{label}'
            if form["grouped"]
            else f'<p class="dlbook-prompt">{label}'
        )
        return
    if _is_first(node):
        self.body.append(_opening(role))
    if role == "hint":
        self.body.append(
            f'<details class="dlbook-hint"><summary>{_("Hint {n}").format(n=value)}</summary><p>'
        )
    elif role == "step":
        self.body.append(f'<li data-letter="{value}">{_letter(value)}<span class="dlbook-text">')
    else:
        sort = "checkbox" if form.get("many") else "radio"
        shown = _letter(value) if len(value) == 1 else ""
        self.body.append(
            f'<li><label><input type="{sort}" name="{base}-{role}" value="{value}" {_FOR_SCRIPT}>{shown}'
            '<span class="dlbook-text">'
        )


def _depart_part(self: Any, node: answer_part) -> None:
    form, role = node.parent, node["role"]
    if role == "prompt":
        self.body.append("</legend>\n" if form["grouped"] else "</label></p>\n")
        return
    if role == "hint":
        self.body.append("</p></details>\n")
    elif role == "step":
        self.body.append(f"</span>{_moves(node['value'])}</li>\n")
    else:
        self.body.append("</span></label></li>\n")
    if _is_last(node):
        self.body.append(_closing(role))


def _opening(role: str) -> str:
    """Open the list of the parts of one sort."""
    because = f'<fieldset class="dlbook-reasons"><legend>{_("because")}</legend>'
    return {
        "option": '<ul class="dlbook-options">\n',
        "reason": f'{because}<ul class="dlbook-options">\n',
        "step": '<ol class="dlbook-steps">\n',
        "hint": '<div class="dlbook-hints">\n',
    }[role]


def _closing(role: str) -> str:
    """Close it."""
    return {"option": "</ul>\n", "reason": "</ul></fieldset>\n", "step": "</ol>\n", "hint": "</div>\n"}[role]


def _letter(value: str) -> str:
    return f'<span class="dlbook-letter">{value}</span> '


def _moves(letter: str) -> str:
    """Make the buttons that move a step."""
    words = {"up": _("Move step {letter} up"), "down": _("Move step {letter} down")}
    buttons = "".join(
        f'<button type="button" data-move="{by}" aria-label="{words[way].format(letter=letter)}">'
        f"{sign}</button>"
        for way, by, sign in MOVES
    )
    return f'<span class="dlbook-moves" {_FOR_SCRIPT}>{buttons}</span>'


def _is_first(part: answer_part) -> bool:
    """Whether no part of the same sort stands before this one."""
    return next(p for p in part.parent.children if p.get("role") == part["role"]) is part


def _is_last(part: answer_part) -> bool:
    """Whether none stands after it."""
    return [p for p in part.parent.children if p.get("role") == part["role"]][-1] is part


def _visit_controls(self: Any, node: answer_controls) -> None:
    form = node.parent
    base = form["base"]
    if form["grouped"]:
        self.body.append("</fieldset>\n")
    elif form["kind"] == "code":
        self.body.append(_code_field(base, form.get("starter", "")))
    else:
        self.body.append(
            f'<div class="dlbook-field" {_FOR_SCRIPT}><input type="text" id="{base}-field" '
            f'autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" '
            f'aria-describedby="{base}-verdict"></div>\n'
        )
    self.body.append(
        f'<div class="dlbook-buttons" {_FOR_SCRIPT}><button type="submit">{_("Check")}</button>'
        f'<button type="button" data-do="reset">{_("Reset")}</button></div>\n'
        f'<div class="dlbook-verdict" id="{base}-verdict" role="status"></div>\n'
        f"<noscript><p>{_('With JavaScript, this page marks your answer.')}</p></noscript>\n"
    )


def _code_field(base: str, starter: str) -> str:
    """Make the field for code; without a script, the code to start from is shown."""
    plain = f'<pre class="dlbook-starter">{escape(starter)}</pre>\n' if starter else ""
    rows = max(6, len(starter.splitlines()) + 3)
    return (
        f'{plain}<div class="dlbook-field" {_FOR_SCRIPT}><textarea id="{base}-field" rows="{rows}" '
        'autocomplete="off" autocapitalize="off" autocorrect="off" spellcheck="false" wrap="off" '
        # The first line break is no part of a text area's content.
        f'aria-describedby="{base}-verdict">\n{escape(starter)}</textarea></div>\n'
    )


def _depart_controls(self: Any, node: answer_controls) -> None:
    """Nothing is left open."""


def _visit_summary(self: Any, node: answer_summary) -> None:
    self.body.append(
        f'<div class="dlbook-progress" role="group" aria-label="{_("Your answers on this page")}" '
        f"{_FOR_SCRIPT}>"
        f'<p role="status"></p><button type="button" data-do="export">{_("Export")}</button>'
        f'<button type="button" data-do="reset-all">{_("Reset all")}</button></div>\n'
    )
    raise nodes.SkipNode


def setup_html(app: Sphinx) -> None:
    """Make the nodes known to Sphinx.

    Parameters
    ----------
    app : Sphinx
        The application.
    """
    app.add_node(answer_form, html=(_visit_form, _depart_form))
    app.add_node(answer_part, html=(_visit_part, _depart_part))
    app.add_node(answer_controls, html=(_visit_controls, _depart_controls))
    app.add_node(answer_summary, html=(_visit_summary, None))
    app.add_post_transform(PlainForms)
