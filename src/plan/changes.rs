//! Differences as a reader of the plan sees them: fields before and after, and what nobody here manages.

use super::diff::{self, FieldName, QuotaEdit, SurveyDiff};
use super::survey::{Drafted, Planner};
use super::{Change, NoteKind};
use crate::model::{LiveSurvey, Quota};
use serde_json::Value;

impl Planner<'_> {
    pub(super) fn report_unmanaged(&self, found: &SurveyDiff, draft: &mut Drafted) {
        if !found.unmanaged_quotas.is_empty() {
            let count = found.unmanaged_quotas.len();
            let completes: Vec<String> = found
                .unmanaged_quotas
                .iter()
                .take(3)
                .map(|quota| {
                    format!(
                        "{} ({} completes)",
                        quota.name.as_deref().unwrap_or(&quota.id),
                        quota.completes
                    )
                })
                .collect();
            let more = if count > 3 {
                format!(" and {} more", count - 3)
            } else {
                String::new()
            };
            draft.notes.push(self.note(
                NoteKind::Unmanaged,
                format!(
                    "{count} quota{} from a template or made by hand {} left alone: {}{more}",
                    if count == 1 { "" } else { "s" },
                    if count == 1 { "is" } else { "are" },
                    completes.join(", ")
                ),
            ));
        }
        if !found.unmanaged_qualifications.is_empty() {
            let book = self.words();
            let names: Vec<&str> = found
                .unmanaged_qualifications
                .iter()
                .map(|code| book.question(code))
                .collect();
            draft.notes.push(self.note(
                NoteKind::Unmanaged,
                format!(
                    "qualifications from a template or made by hand are left alone: {}",
                    names.join(", ")
                ),
            ));
        }
    }

    /// Says who moved a field that is not as it was left, where the vendor keeps that.
    pub(super) fn report_who(&self, found: &SurveyDiff, live: &LiveSurvey, draft: &mut Drafted) {
        for edit in found.fields.iter().filter(|edit| edit.drift) {
            let path = edit.field.path(self.desired.vendor);
            if let Some(who) = live.changed_by.get(&path) {
                let field = path.trim_start_matches('/').replace('/', ".");
                let note = self.note(NoteKind::Drift, format!("{field} was changed {who}"));
                draft.notes.push(note.at(path));
            }
        }
    }

    /// A diff as changes for people and machines.
    pub(super) fn changes(&self, found: &SurveyDiff, live: Option<&LiveSurvey>) -> Vec<Change> {
        let book = self.words();
        let fielded = live.and_then(|live| live.fielded).unwrap_or(0);
        let mut changes = Vec::new();
        if let (None, Some(template)) = (live, self.desired.spec.template.value()) {
            changes.push(Change {
                path: format!("/{}/template_id", self.desired.vendor.key()),
                before: Value::Null,
                after: Value::from(*template),
                remark: Some("applied once, at creation".to_owned()),
                drift: false,
            });
        }
        for edit in &found.fields {
            let remark = match (&edit.field, edit.after.as_u64()) {
                (FieldName::Completes, Some(after)) if fielded > 0 => Some(collected(fielded, after)),
                (FieldName::Cpi, _) if fielded > 0 => Some(format!(
                    "{fielded} completes are collected already at the old price"
                )),
                _ => None,
            };
            changes.push(Change {
                path: edit.field.path(self.desired.vendor),
                before: edit.before.clone(),
                after: edit.after.clone(),
                remark,
                drift: edit.drift,
            });
        }
        for edit in &found.qualifications {
            let side = |criterion: &Option<_>| match criterion {
                Some(criterion) => Value::from(book.describe(criterion).1),
                None => Value::Null,
            };
            changes.push(Change {
                path: format!("/qualifications/{}", book.question(&edit.question)),
                before: side(&edit.before),
                after: side(&edit.after),
                remark: edit
                    .unsure
                    .then(|| "an earlier write of it was interrupted".to_owned()),
                drift: edit.drift,
            });
        }
        for edit in &found.quotas {
            changes.extend(self.quota_changes(edit));
        }
        changes
    }

    pub(super) fn quota_changes(&self, edit: &QuotaEdit) -> Vec<Change> {
        let book = self.words();
        let change = |field: &str, before: Value, after: Value| Change {
            path: format!("/quotas/{}{field}", edit.name()),
            before,
            after,
            remark: None,
            drift: false,
        };
        match edit {
            QuotaEdit::Add(Quota {
                name: _,
                completes,
                criteria,
            }) => vec![
                change("/completes", Value::Null, Value::from(*completes)),
                change("/where", Value::Null, diff::criteria_json(&book, criteria)),
            ],
            QuotaEdit::Change { before, after, drift } => {
                let mut changes = Vec::new();
                if before.completes != after.completes {
                    let mut change = change(
                        "/completes",
                        Value::from(before.completes),
                        Value::from(after.completes),
                    );
                    change.remark = before
                        .fielded
                        .filter(|fielded| *fielded > 0)
                        .map(|fielded| collected(fielded, after.completes));
                    changes.push(change);
                }
                if before.criteria != after.criteria {
                    let mut change = change(
                        "/where",
                        diff::criteria_json(&book, &before.criteria),
                        diff::criteria_json(&book, &after.criteria),
                    );
                    change.remark = before
                        .fielded
                        .filter(|fielded| *fielded > 0)
                        .map(|fielded| format!("{fielded} completes are collected under the old criteria"));
                    changes.push(change);
                }
                for change in &mut changes {
                    change.drift = *drift;
                }
                changes
            }
            QuotaEdit::Stop { before } => {
                let mut stopped = change("/completes", Value::from(before.completes), Value::Null);
                stopped.remark = Some(match before.fielded {
                    Some(fielded) if fielded > 0 => {
                        format!("the quota goes; its {fielded} completes stay paid")
                    }
                    _ => "the quota goes".to_owned(),
                });
                vec![stopped]
            }
        }
    }
}

/// What a goal means next to the completes collected.
fn collected(fielded: u64, goal: u64) -> String {
    if goal <= fielded {
        format!("{fielded} collected: closes it now")
    } else {
        format!("{fielded} collected, {} still wanted", goal - fielded)
    }
}
