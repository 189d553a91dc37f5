//! What differs between wanted and live, beside what was applied.

use crate::support::*;
use crate::vendors::CINT;
use infield::model::{Criterion, Field, LiveQuota, LiveSurvey, Quota, Status, SurveySpec};
use infield::plan::diff::{
    FieldEdit, FieldName, Memory, QualificationEdit, QuotaEdit, SurveyDiff, diff, filled, qualification_path,
    quota_path,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What differs of a survey that was applied as given and is seen as its twin, once one side moved.
struct Sides {
    wanted: SurveySpec,
    applied: SurveySpec,
    live: LiveSurvey,
    unsure: BTreeSet<String>,
}

impl Sides {
    fn of(spec: &SurveySpec) -> Self {
        Self {
            wanted: spec.clone(),
            applied: spec.clone(),
            live: twin("1001", spec),
            unsure: BTreeSet::new(),
        }
    }

    fn unsure(&mut self, path: impl Into<String>) {
        self.unsure.insert(path.into());
    }

    fn memory(&self) -> Memory<'_> {
        Memory {
            unsure: &self.unsure,
            ..Memory::of(PS, &self.applied)
        }
    }

    fn diff(&self) -> SurveyDiff {
        diff(&self.wanted, self.memory(), &self.live)
    }
}

/// The survey with a setting that its vendor does not show.
fn hiding() -> SurveySpec {
    let mut spec = soda();
    spec.attributes
        .insert("external_project_id".to_owned(), Field::Set(json!("P-7")));
    spec
}

fn set_project(spec: &mut SurveySpec, value: Field<Value>) {
    spec.attributes.insert("external_project_id".to_owned(), value);
}

#[test]
fn a_hidden_field_that_an_interrupted_apply_wrote_is_written_again() {
    let mut sides = Sides::of(&hiding());
    assert!(sides.diff().is_empty());
    sides.unsure("/purespectrum/external_project_id");
    let edit = FieldEdit {
        field: FieldName::Attribute("external_project_id".to_owned()),
        before: Value::Null,
        after: json!("P-7"),
        drift: false,
    };
    assert_eq!(sides.diff().fields, [edit]);
    // What the vendor shows is known, whatever an apply was doing.
    sides.unsure = ["/title".to_owned()].into();
    assert!(sides.diff().is_empty());
    // And what the manifest does not mention is not written.
    sides.unsure = ["/purespectrum/external_project_id".to_owned()].into();
    sides.wanted.attributes.clear();
    assert!(sides.diff().is_empty());
}

#[test]
fn a_field_is_compared_with_what_is_shown_and_else_with_what_was_applied() {
    let mut sides = Sides::of(&hiding());
    set_project(&mut sides.applied, Field::Set(json!("P-6")));
    let [edit] = sides.diff().fields.try_into().unwrap();
    let edit: FieldEdit = edit;
    assert_eq!(
        (edit.before, edit.after, edit.drift),
        (json!("P-6"), json!("P-7"), false)
    );
    // Cleared, and never written: nothing to do. Cleared after it was written: to be cleared.
    set_project(&mut sides.wanted, Field::Null);
    assert_eq!(sides.diff().fields.len(), 1);
    sides.applied.attributes.clear();
    assert_eq!(sides.diff().fields, []);
}

#[test]
fn drift_is_what_is_shown_and_was_applied_otherwise() {
    let mut sides = Sides::of(&soda());
    let title = |text: &str| Field::Set(text.to_owned());
    let drifts = |sides: &Sides| -> Vec<bool> { sides.diff().fields.iter().map(|edit| edit.drift).collect() };
    sides.wanted.title = title("wanted");
    assert_eq!(drifts(&sides), [false]);
    sides.live.spec.title = title("by hand");
    assert_eq!(drifts(&sides), [true]);
    sides.applied.title = Field::Absent;
    assert_eq!(drifts(&sides), [false], "it was nobody's");
    sides.applied.title = title("applied");
    sides.live.spec.title = Field::Absent;
    assert_eq!(drifts(&sides), [false], "it is not seen");
    // Moved to what is wanted, it does not differ.
    sides.live.spec.title = title("wanted");
    assert_eq!(drifts(&sides), [false; 0]);
}

#[test]
fn every_field_is_compared() {
    let nothing = SurveySpec::default();
    let mut wanted = soda();
    wanted.start = Field::Set("2026-11-01T09:00:00Z".parse().unwrap());
    wanted.end = Field::Set("2026-12-01T09:00:00Z".parse().unwrap());
    wanted.max_cpi = Field::Set("4 USD".parse().unwrap());
    wanted.test_url = Field::Set("https://survey.example.com/test".to_owned());
    let found = diff(&wanted, Memory::of(PS, &nothing), &LiveSurvey::default());
    let paths: Vec<String> = found.fields.iter().map(|edit| edit.field.path(PS)).collect();
    let all = [
        "/title",
        "/locale",
        "/completes",
        "/incidence_rate",
        "/length_of_interview",
        "/field_days",
        "/field/start",
        "/field/end",
        "/cpi",
        "/max_cpi",
        "/live_url",
        "/test_url",
        "/purespectrum/category",
    ];
    assert_eq!(paths, all);
    assert!(
        found
            .fields
            .iter()
            .all(|edit| edit.before.is_null() && !edit.after.is_null() && !edit.drift)
    );
    assert_eq!(FieldName::Qualifications.path(PS), "/qualifications");
    assert_eq!(FieldName::QuotaCriteria.path(PS), "/quotas");
}

/// A survey that wants these questions asked.
fn asking(questions: &[Criterion]) -> SurveySpec {
    SurveySpec {
        qualifications: Field::Set(questions.to_vec().into()),
        ..soda()
    }
}

fn edit(question: &str, before: Option<Criterion>, after: Option<Criterion>) -> QualificationEdit {
    QualificationEdit {
        question: question.to_owned(),
        before,
        after,
        unsure: false,
        drift: false,
    }
}

#[test]
fn qualifications_differ_by_question() {
    let mut sides = Sides::of(&asking(&[sex("1"), age(18, 64)]));
    assert!(sides.diff().is_empty());
    sides.wanted.qualifications = Field::Set(
        vec![
            age(18, 74),
            Criterion {
                question: "9003".to_owned(),
                ..sex("5")
            },
        ]
        .into(),
    );
    let added = Criterion {
        question: "9003".to_owned(),
        ..sex("5")
    };
    let expected = [
        edit("9001", Some(sex("1")), None),
        edit("9002", Some(age(18, 64)), Some(age(18, 74))),
        edit("9003", None, Some(added)),
    ];
    assert_eq!(sides.diff().qualifications, expected);
    // The manifest does not speak of them: nothing differs.
    sides.wanted.qualifications = Field::Absent;
    assert_eq!(sides.diff().qualifications, []);
    assert_eq!(sides.diff().unmanaged_qualifications, [""; 0], "they were ours");
    // None at all is a word.
    sides.wanted.qualifications = Field::Null;
    assert_eq!(sides.diff().qualifications.len(), 2);
}

#[test]
fn a_qualification_of_nobody_here_is_left_alone_and_told() {
    let mut sides = Sides::of(&asking(&[age(18, 64)]));
    sides.live.qualifications = Field::Set(vec![age(18, 64), sex("2")].into());
    assert_eq!(sides.diff().qualifications, []);
    assert_eq!(sides.diff().unmanaged_qualifications, ["9001"]);
    // Wanted as it is: taken over without an edit, and not told.
    sides.wanted.qualifications = Field::Set(vec![age(18, 64), sex("2")].into());
    assert_eq!(sides.diff().qualifications, []);
    assert_eq!(sides.diff().unmanaged_qualifications, [""; 0]);
    // Wanted in another way: an edit, and nobody drifted from anything.
    sides.wanted.qualifications = Field::Set(vec![age(18, 64), sex("1")].into());
    assert_eq!(
        sides.diff().qualifications,
        [edit("9001", Some(sex("2")), Some(sex("1")))]
    );
}

#[test]
fn a_qualification_that_was_moved_or_taken_away_drifted() {
    let mut sides = Sides::of(&asking(&[age(18, 64)]));
    sides.live.qualifications = Field::Set(vec![age(18, 99)].into());
    let moved = QualificationEdit {
        drift: true,
        ..edit("9002", Some(age(18, 99)), Some(age(18, 64)))
    };
    assert_eq!(sides.diff().qualifications, [moved]);
    sides.live.qualifications = Field::Set(Vec::new().into());
    let gone = QualificationEdit {
        drift: true,
        ..edit("9002", None, Some(age(18, 64)))
    };
    assert_eq!(sides.diff().qualifications, [gone]);
}

#[test]
fn a_hidden_qualification_that_an_interrupted_apply_wrote_is_written_again() {
    let mut sides = Sides::of(&asking(&[age(18, 64)]));
    sides.live.qualifications = Field::Absent;
    assert!(sides.diff().is_empty(), "what was applied last has to do");
    sides.unsure(qualification_path("9002"));
    let again = QualificationEdit {
        unsure: true,
        ..edit("9002", None, Some(age(18, 64)))
    };
    assert_eq!(sides.diff().qualifications, [again]);
    // Where it is shown, it is known.
    sides.live.qualifications = Field::Set(vec![age(18, 64)].into());
    assert!(sides.diff().is_empty());
}

#[test]
fn a_hidden_qualification_that_may_have_been_written_and_is_not_wanted_any_more_is_taken_away() {
    let mut sides = Sides::of(&asking(&[age(18, 64)]));
    sides.live.qualifications = Field::Absent;
    sides.unsure(qualification_path("9001"));
    let away = QualificationEdit {
        unsure: true,
        ..edit("9001", None, None)
    };
    assert_eq!(sides.diff().qualifications, [away]);
    sides.wanted.qualifications = Field::Absent;
    assert_eq!(sides.diff().qualifications, [], "nobody wants to know");
}

/// The quotas that differ: their names, completes before and after, and whether they drifted.
fn quota_edits(found: &SurveyDiff) -> Vec<String> {
    let line = |edit: &QuotaEdit| match edit {
        QuotaEdit::Add(quota) => format!("+ {} {}", quota.name, quota.completes),
        QuotaEdit::Change { before, after, drift } => {
            let drift = if *drift { " drift" } else { "" };
            format!(
                "~ {} {} {}{drift}",
                edit.name(),
                before.completes,
                after.completes
            )
        }
        QuotaEdit::Stop { before } => format!("- {} {}", edit.name(), before.completes),
    };
    found.quotas.iter().map(line).collect()
}

fn live_quota<'a>(live: &'a mut LiveSurvey, name: &str) -> &'a mut LiveQuota {
    let named = |quota: &&mut LiveQuota| quota.name.as_deref() == Some(name);
    live.quotas.iter_mut().find(named).unwrap()
}

#[test]
fn quotas_differ_by_name() {
    let mut sides = Sides::of(&soda());
    assert!(sides.diff().is_empty());
    quotas(&mut sides.wanted)[0].completes = 250;
    quotas(&mut sides.wanted).remove(1);
    quotas(&mut sides.wanted).push(quota("older", 50, vec![age(55, 64)]));
    assert_eq!(
        quota_edits(&sides.diff()),
        ["~ men 200 250", "+ older 50", "- women-18-34 200"]
    );
    let criteria: Vec<bool> = sides
        .diff()
        .quotas
        .iter()
        .map(QuotaEdit::changes_criteria)
        .collect();
    assert_eq!(criteria, [false, true, true]);
}

#[test]
fn quotas_that_the_manifest_does_not_mention_go_on() {
    let mut sides = Sides::of(&soda());
    sides.wanted.quotas = Field::Absent;
    let found = sides.diff();
    assert_eq!(
        quota_edits(&found),
        [""; 0],
        "they are ours, and nobody said that they go"
    );
    assert_eq!(found.unmanaged_quotas, []);
    sides.wanted.quotas = Field::Null;
    assert_eq!(quota_edits(&sides.diff()), ["- men 200", "- women-18-34 200"]);
}

#[test]
fn a_quota_at_zero_is_stopped_once() {
    let mut sides = Sides::of(&soda());
    quotas(&mut sides.wanted).remove(1);
    live_quota(&mut sides.live, "women-18-34").completes = 0;
    assert!(
        sides.diff().is_empty(),
        "that is how a vendor that cannot delete keeps it"
    );
    live_quota(&mut sides.live, "women-18-34").completes = 1;
    assert_eq!(quota_edits(&sides.diff()), ["- women-18-34 1"]);
    // One whose count is not shown may be anything.
    let hidden = live_quota(&mut sides.live, "women-18-34");
    (hidden.completes, hidden.hidden) = (0, true);
    sides.unsure(quota_path("women-18-34"));
    assert_eq!(quota_edits(&sides.diff()), ["- women-18-34 0"]);
}

#[test]
fn a_quota_of_nobody_goes_where_its_question_is_written_anew_and_that_is_said() {
    let at_cint = |sides: &Sides| diff(&sides.wanted, Memory::of(CINT, &sides.applied), &sides.live);
    let mut sides = Sides::of(&soda());
    let by_hand = |id: &str, criterion| LiveQuota {
        name: None,
        id: id.to_owned(),
        completes: 20,
        fielded: Some(0),
        criteria: vec![criterion].into(),
        nameless: true,
        hidden: false,
    };
    let other = Criterion {
        question: "9900".to_owned(),
        ..sex("1")
    };
    sides
        .live
        .quotas
        .extend([by_hand("of-ours", age(35, 44)), by_hand("of-another", other)]);
    let left = |found: &SurveyDiff| -> Vec<String> {
        found
            .unmanaged_quotas
            .iter()
            .map(|quota| quota.id.clone())
            .collect()
    };
    let found = at_cint(&sides);
    assert_eq!(
        (quota_edits(&found).len(), left(&found).len()),
        (0, 2),
        "nothing is written"
    );
    // How many is another call, and leaves the list as it is.
    quotas(&mut sides.wanted)[0].completes = 150;
    assert_eq!(left(&at_cint(&sides)), ["of-ours", "of-another"]);
    // A draft is written as a whole.
    sides.live.status = Some(Status::Draft);
    assert_eq!(quota_edits(&at_cint(&sides)), ["~ men 200 150", "- of-ours 20"]);
    assert_eq!(left(&at_cint(&sides)), ["of-another"]);
    sides.live.status = Some(Status::Live);
    quotas(&mut sides.wanted)[0].criteria = vec![sex("2")].into();
    assert_eq!(quota_edits(&at_cint(&sides)), ["~ men 200 150", "- of-ours 20"]);
    // Where each quota is written by itself, none is in the way.
    assert_eq!(left(&sides.diff()), ["of-ours", "of-another"]);
}

#[test]
fn a_quota_of_nobody_here_is_left_alone_and_told_while_it_counts() {
    let mut sides = Sides::of(&soda());
    let mut other = LiveQuota {
        name: Some("by-hand".to_owned()),
        id: "q-9".to_owned(),
        completes: 20,
        fielded: Some(0),
        criteria: vec![age(35, 44)].into(),
        nameless: false,
        hidden: false,
    };
    sides.live.quotas.push(other.clone());
    let found = sides.diff();
    assert!(found.is_empty());
    assert_eq!(found.unmanaged_quotas, [other.clone()]);
    other.name = None;
    sides.live.quotas[2] = other.clone();
    assert_eq!(sides.diff().unmanaged_quotas, [other.clone()]);
    other.completes = 0;
    sides.live.quotas[2] = other.clone();
    assert_eq!(sides.diff().unmanaged_quotas, [], "it is stopped");
    other.hidden = true;
    sides.live.quotas[2] = other.clone();
    assert_eq!(sides.diff().unmanaged_quotas, [other]);
}

#[test]
fn a_quota_that_asks_for_the_same_is_ours_only_where_ours_was_surely_made() {
    let mut sides = Sides::of(&soda());
    live_quota(&mut sides.live, "men").name = Some("by-hand".to_owned());
    quotas(&mut sides.wanted)[0].completes = 250;
    let found = sides.diff();
    assert_eq!(quota_edits(&found), ["~ men 200 250"]);
    assert_eq!(
        found.quotas[0].renames(),
        Some("by-hand"),
        "somebody gave it another name"
    );
    // A create was interrupted before it came to its quotas, and somebody made one that asks for the same.
    sides.unsure(quota_path("men"));
    let found = sides.diff();
    assert_eq!(quota_edits(&found), ["+ men 250"]);
    assert_eq!(
        found.unmanaged_quotas,
        [live_quota(&mut sides.live, "by-hand").clone()]
    );
}

#[test]
fn a_quota_that_was_moved_drifted_unless_it_is_not_shown() {
    let mut sides = Sides::of(&soda());
    live_quota(&mut sides.live, "men").completes = 300;
    assert_eq!(quota_edits(&sides.diff()), ["~ men 300 200 drift"]);
    live_quota(&mut sides.live, "men").completes = 200;
    live_quota(&mut sides.live, "men").criteria = vec![sex("3")].into();
    assert_eq!(quota_edits(&sides.diff()), ["~ men 200 200 drift"]);
    assert!(sides.diff().quotas[0].changes_criteria());
    // Applied by nobody: it differs, and drifted from nothing.
    sides.applied.quotas = Field::Absent;
    assert_eq!(quota_edits(&sides.diff()), ["~ men 200 200"]);
}

#[test]
fn a_hidden_quota_is_known_by_what_was_applied_and_else_written_again() {
    let mut sides = Sides::of(&soda());
    for quota in &mut sides.live.quotas {
        (quota.hidden, quota.completes) = (true, 0);
        quota.criteria = Vec::new().into();
    }
    assert!(sides.diff().is_empty());
    assert_eq!(sides.diff().unmanaged_quotas, []);
    sides.unsure(quota_path("men"));
    assert_eq!(quota_edits(&sides.diff()), ["~ men 0 200"], "nobody drifted");
    // It happens to say what is wanted, and still says nothing.
    let men = live_quota(&mut sides.live, "men");
    (men.completes, men.criteria) = (200, vec![sex("1")].into());
    assert_eq!(quota_edits(&sides.diff()), ["~ men 200 200"]);
    // Applied otherwise, an unsure one is not drift either.
    quotas(&mut sides.applied)[0].completes = 150;
    assert_eq!(quota_edits(&sides.diff()), ["~ men 200 200"]);
    // Never applied, and there: somebody made it under our name.
    sides.unsure.clear();
    sides.applied.quotas = Field::Absent;
    assert_eq!(
        quota_edits(&sides.diff()),
        ["~ men 200 200", "~ women-18-34 0 200"]
    );
}

#[test]
fn what_is_not_shown_of_a_quota_is_filled_from_what_was_applied() {
    let mut sides = Sides::of(&soda());
    for quota in &mut sides.live.quotas {
        (quota.hidden, quota.completes) = (true, 0);
        quota.criteria = Vec::new().into();
    }
    sides.unsure(quota_path("women-18-34"));
    let now = filled(&sides.live.quotas, &sides.wanted.quotas, sides.memory());
    let men = &now[0];
    assert_eq!(
        (men.completes, men.hidden, men.criteria.to_vec()),
        (200, false, vec![sex("1")])
    );
    assert_eq!(
        now[1], sides.live.quotas[1],
        "whether that was applied is not known"
    );
    // A quota that is shown is what it shows.
    let mut shown = twin("1001", &soda());
    shown.quotas[0].completes = 7;
    let now = filled(&shown.quotas, &sides.wanted.quotas, sides.memory());
    assert_eq!(now, shown.quotas);
}

#[test]
fn where_no_names_are_kept_a_quota_has_the_name_it_was_applied_under() {
    let mut sides = Sides::of(&soda());
    for quota in &mut sides.live.quotas {
        quota.nameless = true;
        quota.name = Some(format!("the vendor's {}", quota.id));
    }
    assert!(sides.diff().is_empty());
    // Renamed in the manifest: it is the same one.
    quotas(&mut sides.wanted)[0].name = "males".to_owned();
    assert!(sides.diff().is_empty());
    // Applied by nobody: it is the one that is wanted.
    sides.applied.quotas = Field::Absent;
    assert!(sides.diff().is_empty());
    // Of criteria that nobody knows it has no name, whatever the vendor calls it.
    sides.live.quotas[0].criteria = vec![sex("3")].into();
    let found = sides.diff();
    assert_eq!(quota_edits(&found), ["+ males 200"]);
    assert_eq!(found.unmanaged_quotas.len(), 1);
    assert_eq!(found.unmanaged_quotas[0].name, None);
}

#[test]
fn a_quota_without_a_usable_name_is_told_by_its_id() {
    let mut live = twin("1001", &soda());
    live.quotas[0].name = None;
    let before = live.quotas.remove(0);
    assert_eq!(QuotaEdit::Stop { before }.name(), "1001-men");
    let after: Quota = quota("men", 1, vec![sex("1")]);
    assert_eq!(QuotaEdit::Add(after).name(), "men");
}
