"""What is told of a dataset is collected in the order in which it was found."""

from facemotion.ingestion.findings import Check, Exclusion, Findings
from facemotion.ingestion.result import Ingest


def test_findings_are_collected_in_order():
    findings = Findings(exclusions=[Exclusion("b", "odd_name")])
    findings.exclude("a", "too_short", "it has 2 frames")
    findings.note("one", "two")
    findings.note()
    findings.check("subjects", 3, 118)
    findings.add(exclusions=[Exclusion("c", "no_emotion")], notes=["three"], checks=[Check("images", 2, None)])
    result = Ingest(batches=[], layout="", classes=(), findings=findings)
    assert [(item.item, item.reason) for item in result.exclusions] == [
        *(("b", "odd_name"), ("a", "too_short"), ("c", "no_emotion"))
    ]
    assert result.notes == ["one", "two", "three"]
    assert [(check.name, check.ok) for check in result.checks] == [("subjects", False), ("images", None)]


def test_two_datasets_share_none():
    Findings().note("odd")
    assert Findings() == Findings([], [], [])
