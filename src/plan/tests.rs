//! What a further field takes: its line in the table. The line of `wave`, which only these builds have, stands for it; no
//! code names it.

use super::diff::{FieldEdit, FieldName, Memory, SurveyDiff, diff};
use super::drift::{Move, Moved, Says, taken};
use super::overlay::{advanced, as_found};
use crate::marketplace::CINT;
use crate::model::{Field, KnownSurvey, LiveSurvey, SurveySpec};
use serde_json::Value;

fn wave(text: &str) -> SurveySpec {
    SurveySpec {
        wave: Field::Set(text.to_owned()),
        ..SurveySpec::default()
    }
}

fn shown(spec: SurveySpec) -> LiveSurvey {
    LiveSurvey {
        spec,
        ..LiveSurvey::default()
    }
}

fn edit(before: Value, after: &str, drift: bool) -> FieldEdit {
    FieldEdit {
        field: FieldName::Wave,
        before,
        after: Value::from(after),
        drift,
    }
}

#[test]
fn a_further_field_is_compared_by_its_line_in_the_table_alone() {
    let of = |known: &KnownSurvey, live: SurveySpec| {
        diff(&wave("2"), Memory::unsure(CINT, known), &shown(live)).fields
    };
    let mut known = KnownSurvey {
        applied: wave("1"),
        ..KnownSurvey::default()
    };
    let nothing = SurveySpec::default();
    assert_eq!(of(&known, wave("2")), []);
    assert_eq!(of(&known, wave("3")), [edit(Value::from("3"), "2", true)]);
    assert_eq!(of(&known, nothing.clone()), [edit(Value::from("1"), "2", false)]);
    assert_eq!(FieldName::Wave.path(CINT), "/wave");
    known.unsure.insert("/wave".to_owned());
    assert_eq!(of(&known, nothing), [edit(Value::Null, "2", false)]);
}

#[test]
fn a_further_field_is_laid_over_others_by_its_line_in_the_table_alone() {
    let nothing = SurveySpec::default();
    let stage = SurveyDiff {
        fields: vec![edit(Value::Null, "2", false)],
        ..SurveyDiff::default()
    };
    assert_eq!(advanced(&wave("1"), &wave("2"), &stage), wave("2"));
    assert_eq!(
        as_found(CINT, &wave("1"), &wave("2"), &shown(wave("3"))),
        wave("3")
    );
    assert_eq!(as_found(CINT, &nothing, &nothing, &shown(wave("3"))), nothing);
    assert_eq!(
        as_found(CINT, &wave("1"), &nothing, &shown(nothing.clone())),
        wave("1")
    );
}

#[test]
fn drift_of_a_further_field_is_taken_over_by_its_line_in_the_table_alone() {
    let moved = Move {
        what: Moved::Field {
            field: FieldName::Wave,
            found: Value::from("3"),
        },
        changes: Vec::new(),
        manifest: Says::AsLeft,
    };
    assert_eq!(taken(&wave("1"), &shown(wave("3")), &[&moved]), wave("3"));
}
