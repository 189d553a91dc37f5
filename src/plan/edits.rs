//! What may be edited in place: the vendor's rules, collected completes, and what needs an approval of its own.

use super::diff::{FieldName, Memory, QuotaEdit, SurveyDiff, diff};
use super::exposure::Unknown;
use super::overlay::{advanced, merged};
use super::survey::{Drafted, Planner};
use super::{Note, NoteKind, exposure};
use crate::model::capability::Mutability;
use crate::model::desired::OnFixedChange;
use crate::model::{Field, KnownSurvey, LiveSurvey, Money, Resource, Status, SurveySpec};

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
                draft.notes.extend(self.check_price(&self.priced(live)));
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

    /// The prices it will have: what the manifest does not say is as the vendor shows it, or else as it was applied.
    fn priced(&self, live: &LiveSurvey) -> SurveySpec {
        let known = self.inputs.known.resources.get(self.address);
        let applied = known.and_then(Resource::survey).map(|known| &known.applied);
        let nothing = SurveySpec::default();
        let found = merged(applied.unwrap_or(&nothing), &live.spec);
        SurveySpec {
            cpi: self.desired.spec.cpi.clone().or(found.cpi),
            max_cpi: self.desired.spec.max_cpi.clone().or(found.max_cpi),
            ..nothing
        }
    }

    /// What the environment says to the price a survey has with these values. Without one it has the market price.
    pub(super) fn check_price(&self, after: &SurveySpec) -> Option<Note> {
        let priced = SurveySpec {
            cpi: after.cpi.clone().or(Field::Null),
            max_cpi: after.max_cpi.clone(),
            ..SurveySpec::default()
        };
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

    /// Why nobody can name what a stage may raise the exposure by: it comes to a market price, to more completes at one,
    /// or to another currency.
    pub(super) fn raises_blindly(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        written: &SurveyDiff,
        stage: &SurveyDiff,
    ) -> Option<Unknown> {
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
        let stake = |spec: &SurveySpec| exposure::stake(spec, &known.applied, live.fielded);
        match (stake(&before), stake(&after)) {
            (_, None) => may_raise.then_some(Unknown::FromVendor),
            (Some(before), Some(after)) if before.currency != after.currency => Some(Unknown::OtherCurrency),
            (_, Some(_)) => None,
        }
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
