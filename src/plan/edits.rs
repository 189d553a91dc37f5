//! What may be edited in place: the vendor's rules, collected completes, and what needs an approval of its own.

use super::diff::{FieldName, Memory, QuotaEdit, SurveyDiff, diff};
use super::overlay::advanced;
use super::survey::{Drafted, Planner};
use super::{Note, NoteKind, exposure};
use crate::model::capability::Mutability;
use crate::model::desired::OnFixedChange;
use crate::model::{KnownSurvey, LiveSurvey, Money, Resource, Status};

impl Planner<'_> {
    /// Splits edits into those that are free and those that change who is asked in field.
    pub(super) fn stages(&self, found: SurveyDiff, status: Status) -> Vec<(SurveyDiff, bool)> {
        let guarded = |field: &FieldName| {
            matches!(status, Status::Live | Status::Paused)
                && self.market.mutability(field, status) == Mutability::TargetingWhenLive
        };
        let (mut free, mut targeting) = (SurveyDiff::default(), SurveyDiff::default());
        for edit in found.fields {
            let side = if guarded(&edit.field) {
                &mut targeting
            } else {
                &mut free
            };
            side.fields.push(edit);
        }
        let side = if guarded(&FieldName::Qualifications) {
            &mut targeting
        } else {
            &mut free
        };
        side.qualifications = found.qualifications;
        for edit in found.quotas {
            let side = if edit.changes_criteria() && guarded(&FieldName::QuotaCriteria) {
                &mut targeting
            } else {
                &mut free
            };
            side.quotas.push(edit);
        }
        if !targeting.is_empty() && self.desired.vendor.facts().targets_at_once {
            targeting.quotas.append(&mut free.quotas);
            let (completes, others) = free
                .fields
                .into_iter()
                .partition(|edit| edit.field == FieldName::Completes);
            free.fields = others;
            targeting.fields.extend::<Vec<_>>(completes);
        }
        let mut stages = Vec::new();
        if !free.is_empty() {
            stages.push((free, false));
        }
        if !targeting.is_empty() {
            stages.push((targeting, true));
        }
        stages
    }

    /// Whether the manifest changes what is fixed by now, and wants a new survey in that case.
    pub(super) fn is_made_anew(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status) -> bool {
        if self.desired.policy.on_fixed_change == OnFixedChange::Refuse {
            return false;
        }
        let memory = Memory {
            vendor: self.desired.vendor,
            applied: &known.applied,
            unsure: &known.unsure,
        };
        let found = diff(&self.desired.spec, memory, live);
        let fixed =
            |field: &FieldName| matches!(self.market.mutability(field, status), Mutability::CreateOnly(_));
        found.fields.iter().any(|edit| fixed(&edit.field))
    }

    /// Refuses edits that the vendor's rules or collected completes forbid. False: nothing may be edited.
    pub(super) fn check_edits(
        &self,
        found: &SurveyDiff,
        live: &LiveSurvey,
        status: Status,
        draft: &mut Drafted,
    ) -> bool {
        let notes_before = draft.notes.len();
        for edit in &found.fields {
            if let Mutability::CreateOnly(rule) = self.market.mutability(&edit.field, status) {
                let path = edit.field.path(self.desired.vendor);
                draft.notes.push(
                    self.note(
                        NoteKind::Blocked,
                        format!(
                            "{path} cannot change from {} to {}: {rule}",
                            edit.before, edit.after
                        ),
                    )
                    .help(
                        "put the old value back, or set `on_fixed_change: replace` to make a new one and close this one",
                    )
                    .at(path),
                );
            }
            if matches!(edit.field, FieldName::Cpi | FieldName::MaxCpi) {
                draft.notes.extend(self.check_price());
            }
            if edit.field == FieldName::Completes
                && let (Some(before), Some(after)) = (edit.before.as_u64(), edit.after.as_u64())
                && after < before
            {
                draft
                    .notes
                    .extend(self.check_lowered("/completes", after, live.fielded, status));
            }
        }
        for edit in &found.quotas {
            match edit {
                QuotaEdit::Change { before, after, .. } if after.completes < before.completes => {
                    let path = format!("/quotas/{}/completes", after.name);
                    draft
                        .notes
                        .extend(self.check_lowered(&path, after.completes, before.fielded, status));
                }
                QuotaEdit::Add(_) | QuotaEdit::Change { .. } | QuotaEdit::Stop { .. } => {}
            }
        }
        !draft.notes[notes_before..]
            .iter()
            .any(|note| matches!(note.kind, NoteKind::Blocked | NoteKind::Refused))
    }

    /// What the environment says to the price the survey will have.
    fn check_price(&self) -> Option<Note> {
        let mut priced = self.desired.spec.clone();
        let known = self
            .inputs
            .known
            .resources
            .get(self.address)
            .and_then(Resource::survey);
        if let Some(known) = known {
            priced.max_cpi = priced.max_cpi.or(known.applied.max_cpi.clone());
        }
        exposure::check_price(self.inputs.guards, self.address, &priced)
    }

    pub(super) fn check_lowered(
        &self,
        path: &str,
        wanted: u64,
        fielded: Option<u64>,
        status: Status,
    ) -> Option<Note> {
        if status == Status::Draft {
            return None;
        }
        let note = match fielded {
            Some(fielded) if wanted < fielded => self
                .note(
                    NoteKind::Refused,
                    format!("{path} cannot go to {wanted}: {fielded} completes are collected already"),
                )
                .help(format!("{fielded} is the lowest value; it closes it now")),
            Some(_) => return None,
            None if !self.desired.vendor.facts().counts_completes => self.note(
                NoteKind::Advice,
                format!(
                    "{path} goes down to {wanted}; {} does not say how many completes are collected, so it may close now",
                    self.desired.vendor.name()
                ),
            ),
            None => self
                .note(
                    NoteKind::Blocked,
                    format!("{path} cannot be lowered: how many completes are collected could not be read"),
                )
                .help("run again when the vendor answers"),
        };
        Some(note.at(path))
    }

    /// Whether a stage may raise the exposure to something nobody can name: a market price, or more completes at one.
    pub(super) fn raises_blindly(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        written: &SurveyDiff,
        stage: &SurveyDiff,
    ) -> bool {
        let may_raise = stage.fields.iter().any(|edit| match edit.field {
            FieldName::Cpi | FieldName::MaxCpi => true,
            FieldName::Completes => edit
                .after
                .as_u64()
                .is_none_or(|after| edit.before.as_u64().is_none_or(|before| after > before)),
            _ => false,
        });
        let before = advanced(&live.spec, &self.desired.spec, written);
        let after = advanced(&before, &self.desired.spec, stage);
        may_raise && exposure::stake(&after, &known.applied, live.fielded).is_none()
    }

    /// What a stage of edits adds to the exposure of a survey in field, once earlier ones are `written`. A price the vendor makes counts as nothing on
    /// either side, as it does in the exposure of the whole plan; a note says that it is not known.
    pub(super) fn exposure_change(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        written: &SurveyDiff,
        stage: &SurveyDiff,
    ) -> Option<Money> {
        let before = advanced(&live.spec, &self.desired.spec, written);
        let after = advanced(&before, &self.desired.spec, stage);
        let before = exposure::stake(&before, &known.applied, live.fielded);
        let after = exposure::stake(&after, &known.applied, live.fielded);
        let currency = before.or(after)?.currency;
        if [before, after]
            .iter()
            .flatten()
            .any(|money| money.currency != currency)
        {
            return None;
        }
        let amount = |money: Option<Money>| money.unwrap_or_else(|| Money::zero(currency)).amount;
        let change = Money::new(amount(after) - amount(before), currency);
        (!change.amount.is_zero()).then_some(change)
    }
}
