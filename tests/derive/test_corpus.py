"""Wrong equations are rejected, right ones are accepted however awkwardly they are written."""

import pytest
from corpus_right import RIGHT
from corpus_wrong import CONTRADICTIONS, WRONG

from dlbook.derive import DerivationError, check_claim


@pytest.mark.parametrize(("name", "statement", "assume"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_equation_is_rejected(name, statement, assume):
    outcome = check_claim(statement, assume)
    assert outcome.ok is False, f"{name}: {outcome}"
    assert outcome.why


@pytest.mark.parametrize(("name", "statement", "assume"), CONTRADICTIONS, ids=[r[0] for r in CONTRADICTIONS])
def test_nothing_follows_from_a_contradiction(name, statement, assume):
    with pytest.raises(DerivationError, match="assumption"):
        check_claim(statement, assume)


@pytest.mark.parametrize(("name", "statement", "assume"), RIGHT, ids=[row[0] for row in RIGHT])
def test_a_right_equation_is_accepted(name, statement, assume):
    outcome = check_claim(statement, assume, seconds=2)
    assert outcome.ok is True, f"{name}: {outcome}"
    assert outcome.level in ("symbolic", "instantiated", "numeric")
    assert outcome.points >= 20 or not statement.leaves()


def test_the_corpora_have_the_promised_size():
    assert len(WRONG) >= 60
    assert len(RIGHT) >= 60
