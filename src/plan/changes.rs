//! Differences as a reader of the plan sees them: fields before and after, and what nobody here manages.

use super::diff::{self, FieldEdit, FieldName, QualificationEdit, QuotaEdit, SurveyDiff};
use super::planner::Planner;
use super::{Change, Note, NoteKind};
use crate::model::capability::Mutability;
use crate::model::suppliers::{Terms, named};
use crate::model::{Criterion, LiveSurvey, Quota, Status, Suppliers};
use serde_json::Value;

impl Planner<'_> {
    /// What is at the vendor and left alone, because nobody here manages it.
    pub(super) fn unmanaged(&self, found: &SurveyDiff) -> Vec<Note> {
        let mut notes = Vec::new();
        let count = found.unmanaged_quotas.len();
        if count > 0 {
            let few = found.unmanaged_quotas.iter().take(3);
            let few: Vec<String> = few
                .map(|quota| {
                    let name = quota.name.as_deref().unwrap_or(&quota.id);
                    format!("{name} ({} completes)", quota.completes)
                })
                .collect();
            let more = match count {
                0..=3 => String::new(),
                _ => format!(" and {} more", count - 3),
            };
            let (s, are) = if count == 1 { ("", "is") } else { ("s", "are") };
            let few = few.join(", ");
            notes.push(self.note(
                NoteKind::Unmanaged,
                format!("{count} quota{s} from a template or made by hand {are} left alone: {few}{more}"),
            ));
        }
        if !found.unmanaged_qualifications.is_empty() {
            let book = self.words();
            let codes = found.unmanaged_qualifications.iter();
            let names: Vec<&str> = codes.map(|code| book.question(code)).collect();
            let names = names.join(", ");
            notes.push(self.note(
                NoteKind::Unmanaged,
                format!("qualifications from a template or made by hand are left alone: {names}"),
            ));
        }
        notes
    }

    /// Says who moved a field that is not as it was left, where the vendor keeps that.
    pub(super) fn who_moved(&self, found: &SurveyDiff, live: &LiveSurvey) -> Vec<Note> {
        let drifted = found.fields.iter().filter(|edit| edit.drift);
        let note = |path: String| {
            let who = live.changed_by.get(&path)?;
            let field = path.trim_start_matches('/').replace('/', ".");
            Some(
                self.note(NoteKind::Drift, format!("{field} was changed {who}"))
                    .at(path),
            )
        };
        drifted
            .filter_map(|edit| note(edit.field.path(self.desired.vendor)))
            .collect()
    }

    /// A diff as changes for people and machines.
    pub(super) fn changes(&self, found: &SurveyDiff, live: Option<&LiveSurvey>) -> Vec<Change> {
        let fielded = live.and_then(|live| live.fielded).unwrap_or(0);
        let template = self.desired.spec.template.value().filter(|_| live.is_none());
        let template = template.map(|template| {
            let path = FieldName::Template.path(self.desired.vendor);
            let change = Change::new(path, Value::Null, Value::from(*template));
            change.remark(Some("applied once, at creation".to_owned()))
        });
        let fields = found
            .fields
            .iter()
            .map(|edit| self.field_change(edit, fielded, live.is_none()));
        let qualifications = found.qualifications.iter();
        let qualifications = qualifications.map(|edit| self.qualification_change(edit));
        let quotas = found.quotas.iter().flat_map(|edit| self.quota_changes(edit));
        let rest = fields.chain(qualifications).chain(quotas);
        let mut all: Vec<Change> = template.into_iter().chain(rest).collect();
        all.shrink_to_fit();
        all
    }

    pub(super) fn field_change(&self, edit: &FieldEdit, fielded: u64, new: bool) -> Change {
        let remark = match (&edit.field, edit.after.as_u64()) {
            (FieldName::Completes, Some(after)) if fielded > 0 => Some(collected(fielded, after)),
            (FieldName::Cpi, _) if fielded > 0 => Some(format!(
                "{fielded} completes are collected already at the old price"
            )),
            (FieldName::Suppliers, _) => self.silenced(edit, new),
            (field, _) if field.is_list_of_respondents() => self.listed(edit, new),
            _ => None,
        };
        let path = edit.field.path(self.desired.vendor);
        let change = Change::new(path, edit.before.clone(), edit.after.clone());
        change.remark(remark).drifted(edit.drift)
    }

    /// Who sends nobody any more once a list of suppliers is written.
    fn silenced(&self, edit: &FieldEdit, new: bool) -> Option<String> {
        let terms = self.desired.vendor.facts().suppliers?;
        let read = |value: &Value| serde_json::from_value::<Suppliers>(value.clone()).ok();
        let after = read(&edit.after)?;
        let Some(before) = read(&edit.before).filter(|_| !new) else {
            return (terms == Terms::Counted).then(|| "all other suppliers send nobody".to_owned());
        };
        let silenced = before.silenced_by(&after, terms);
        let (send, names) = (
            if silenced.len() == 1 { "sends" } else { "send" },
            named(&silenced),
        );
        (!silenced.is_empty()).then(|| format!("{names} {send} nobody any more"))
    }

    /// What becomes of a list of respondents: what is not known to be there is sent, and some lists stay as they are for good.
    fn listed(&self, edit: &FieldEdit, new: bool) -> Option<String> {
        let live = self.desired.status() == Some(Status::Live);
        let fixed = match self.market.mutability(&edit.field, Status::Live) {
            Mutability::CreateOnly(_) if live => Some("fixed once it is in field"),
            _ => None,
        };
        let again = (!new && edit.before.is_null())
            .then_some("sent, as it is not known to be there; whoever is there already stays there once");
        again.or(fixed).map(str::to_owned)
    }

    pub(super) fn qualification_change(&self, edit: &QualificationEdit) -> Change {
        let book = self.words();
        let side = |criterion: &Option<Criterion>| match criterion {
            Some(criterion) => Value::from(book.describe(criterion).1),
            None => Value::Null,
        };
        let path = format!("/qualifications/{}", book.question(&edit.question));
        let interrupted = || "an earlier write of it was interrupted".to_owned();
        let sent = || book.sent(edit.after.as_ref()?);
        Change::new(path, side(&edit.before), side(&edit.after))
            .remark(edit.unsure.then(interrupted).or_else(sent))
            .drifted(edit.drift)
    }

    pub(super) fn quota_changes(&self, edit: &QuotaEdit) -> Vec<Change> {
        let book = self.words();
        let change = |field: &str, before, after| {
            Change::new(format!("{}{field}", diff::quota_path(edit.name())), before, after)
        };
        let asks = |criteria: &[_]| diff::criteria_json(&book, criteria);
        let sent = |criteria: &[Criterion]| {
            let own: Vec<String> = criteria.iter().filter_map(|one| book.sent(one)).collect();
            (!own.is_empty()).then(|| own.join("; "))
        };
        match edit {
            QuotaEdit::Add(Quota {
                name: _,
                completes,
                criteria,
            }) => vec![
                change("/completes", Value::Null, Value::from(*completes)),
                change("/where", Value::Null, asks(criteria)).remark(sent(criteria)),
            ],
            QuotaEdit::Change { before, after, drift } => {
                let fielded = before.fielded.filter(|fielded| *fielded > 0);
                let completes = (before.completes != after.completes).then(|| {
                    let (old, new) = (before.completes, after.completes);
                    change("/completes", Value::from(old), Value::from(new))
                        .remark(fielded.map(|fielded| collected(fielded, new)))
                });
                let criteria = (before.criteria != after.criteria).then(|| {
                    let under_old =
                        |fielded| format!("{fielded} completes are collected under the old criteria");
                    change("/where", asks(&before.criteria), asks(&after.criteria))
                        .remark(fielded.map(under_old).or_else(|| sent(&after.criteria)))
                });
                let name = edit
                    .renames()
                    .map(|old| change("/name", Value::from(old), Value::from(edit.name())));
                let all = name.into_iter().chain(completes).chain(criteria);
                all.map(|change| change.drifted(*drift)).collect()
            }
            QuotaEdit::Stop { before } => {
                let goes = match before.fielded {
                    // Whether it is a template's, somebody's, or of an apply that was interrupted, is not known.
                    _ if before.nameless && before.name.is_none() => {
                        let asks = asks(&before.criteria);
                        let why = "is in the way: its question is asked otherwise from now on, and it goes";
                        format!("not of this manifest, {asks}, {why}")
                    }
                    Some(fielded) if fielded > 0 => {
                        format!("the quota goes; its {fielded} completes stay paid")
                    }
                    _ => "the quota goes".to_owned(),
                };
                let stopped = change("/completes", Value::from(before.completes), Value::Null);
                vec![stopped.remark(Some(goes))]
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
