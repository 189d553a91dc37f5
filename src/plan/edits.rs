//! What may be edited in place: the vendor's rules, collected completes, and what needs an approval of its own.

use super::diff::{FieldEdit, FieldName, Memory, QuotaEdit, SurveyDiff, diff, quota_path};
use super::exposure::Unknown;
use super::planner::Planner;
use super::stake::{Fielding, SoftLaunch, Stake};
use super::step::Step;
use super::update::Stage;
use super::{Note, NoteKind, exposure};
use crate::model::capability::Mutability;
use crate::model::desired::OnFixedChange;
use crate::model::{Field, KnownSurvey, LiveSurvey, Money, Status, SurveySpec};

impl Planner<'_> {
    /// Splits edits into those that are free and those that change who is asked in field.
    pub(super) fn stages(&self, found: SurveyDiff, status: Status) -> Vec<(SurveyDiff, Stage)> {
        let guarded = |field: &FieldName| {
            matches!(status, Status::Live | Status::Paused)
                && self.market.mutability(field, status) == Mutability::TargetingWhenLive
        };
        let (mut free, mut targeting) = (SurveyDiff::default(), SurveyDiff::default());
        (targeting.fields, free.fields) = found.fields.into_iter().partition(|edit| guarded(&edit.field));
        if guarded(&FieldName::Qualifications) {
            targeting.qualifications = found.qualifications;
        } else {
            free.qualifications = found.qualifications;
        }
        (targeting.quotas, free.quotas) = found
            .quotas
            .into_iter()
            .partition(|edit| edit.changes_criteria() && guarded(&FieldName::QuotaCriteria));
        if !targeting.is_empty() && self.desired.vendor.facts().targets_at_once {
            targeting.quotas.append(&mut free.quotas);
            let completes = |edit: &mut FieldEdit| edit.field == FieldName::Completes;
            targeting.fields.extend(free.fields.extract_if(.., completes));
        }
        let stages = [(free, Stage::Free), (targeting, Stage::Targeting)];
        stages
            .into_iter()
            .filter(|(edits, _)| !edits.is_empty())
            .collect()
    }

    /// Takes out edits that can only be made once it is back in field.
    pub(super) fn take_once_back(&self, found: &mut SurveyDiff, status: Status) -> SurveyDiff {
        let waits = |edit: &mut FieldEdit| self.waits(&edit.field, status).is_some();
        SurveyDiff {
            fields: found.fields.extract_if(.., waits).collect(),
            ..SurveyDiff::default()
        }
    }

    /// Notes on such edits where it does not go back.
    pub(super) fn not_back(&self, late: &SurveyDiff, status: Status) -> Vec<Note> {
        let note = |edit: &FieldEdit| {
            let path = edit.field.path(self.desired.vendor);
            let (before, after, rule) = (&edit.before, &edit.after, self.waits(&edit.field, status)?);
            let note = self.blocked(format!("{path} cannot change from {before} to {after}: {rule}"));
            let help = "put the old value back, or change it in the plan that fields it again";
            Some(note.help(help).at(path))
        };
        late.fields.iter().filter_map(note).collect()
    }

    /// The vendor's rule by which a field has to wait until it is back in field.
    fn waits(&self, field: &FieldName, status: Status) -> Option<&'static str> {
        match self.market.mutability(field, status) {
            Mutability::OnceBack(rule) => Some(rule),
            Mutability::Free | Mutability::TargetingWhenLive | Mutability::CreateOnly(_) => None,
        }
    }

    /// Whether the manifest changes what is fixed by now, and wants a new survey in that case.
    pub(super) fn is_made_anew(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status) -> bool {
        if self.desired.policy.on_fixed_change == OnFixedChange::Refuse {
            return false;
        }
        let memory = Memory::unsure(self.desired.vendor, known);
        let found = diff(&self.desired.spec, memory, live);
        found
            .fields
            .iter()
            .any(|edit| self.fixed(&edit.field, status).is_some())
    }

    /// The vendor's rule that fixes a field by now.
    fn fixed(&self, field: &FieldName, status: Status) -> Option<&'static str> {
        match self.market.mutability(field, status) {
            Mutability::CreateOnly(rule) => Some(rule),
            Mutability::Free | Mutability::TargetingWhenLive | Mutability::OnceBack(_) => None,
        }
    }

    /// Notes on edits that the vendor's rules or the collected completes do not allow.
    pub(super) fn edits_refused(&self, found: &SurveyDiff, live: &LiveSurvey, status: Status) -> Vec<Note> {
        let mut notes = Vec::new();
        for edit in &found.fields {
            let (before, after) = (&edit.before, &edit.after);
            if let Some(rule) = self.fixed(&edit.field, status) {
                let path = edit.field.path(self.desired.vendor);
                let note = self.blocked(format!("{path} cannot change from {before} to {after}: {rule}"));
                let help = "put the old value back, or set `on_fixed_change: replace` to make a new one and close this one";
                notes.push(note.help(help).at(path));
            }
            if edit.field == FieldName::Completes
                && let (Some(before), Some(after)) = (before.as_u64(), after.as_u64())
            {
                notes.extend(self.check_collected("/completes", (before, after), live.fielded, status));
            }
        }
        for edit in &found.quotas {
            if let QuotaEdit::Change { before, after, .. } = edit {
                let path = format!("{}/completes", quota_path(&after.name));
                let numbers = (before.completes, after.completes);
                notes.extend(self.check_collected(&path, numbers, before.fielded, status));
            }
        }
        notes
    }

    /// Whether edits lower the goal, or every quota that they touch, to what is collected: the vendor ends it then.
    pub(super) fn cuts(&self, stage: &SurveyDiff, live: &LiveSurvey) -> bool {
        let goal = stage
            .fields
            .iter()
            .find(|edit| edit.field == FieldName::Completes);
        let ends = |edit: &FieldEdit| {
            let (before, after) = (edit.before.as_u64(), edit.after.as_u64());
            after < before
                && after
                    .zip(live.fielded)
                    .is_some_and(|(after, fielded)| after <= fielded)
        };
        live.status == Some(Status::Live) && goal.is_some_and(ends)
    }

    /// A note where the price of these values breaks the environment's limit. A survey without a price has the market price.
    pub(super) fn check_price(&self, after: &SurveySpec) -> Option<Note> {
        let priced = SurveySpec {
            cpi: after.cpi.clone().or(Field::Null),
            max_cpi: after.max_cpi.clone(),
            suppliers: after.suppliers.clone(),
            ..SurveySpec::default()
        };
        exposure::check_price(self.inputs.guards, self.address, &priced)
    }

    /// A note where a goal or a quota is changed to less than is collected, be it lowered to that or raised: one that was
    /// stopped, or that took in more than it wanted, would be full at once.
    fn check_collected(
        &self,
        path: &str,
        (before, wanted): (u64, u64),
        fielded: Option<u64>,
        status: Status,
    ) -> Option<Note> {
        if status == Status::Draft || wanted == before || wanted > before && fielded.is_none() {
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
                .blocked(format!(
                    "{path} cannot be lowered: how many completes are collected could not be read"
                ))
                .help("run again when the vendor answers"),
        };
        Some(note.at(path))
    }

    /// What a survey in field can still cost before and after a stage of edits, once earlier ones are `written`.
    pub(super) fn stakes(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        written: &SurveyDiff,
        stage: &SurveyDiff,
    ) -> Stakes {
        let shown = Fielding::shown(self.desired.vendor, live, &known.applied);
        let before = shown.with(&self.desired.spec, written);
        let reach = before.clone().with(&self.desired.spec, stage);
        Stakes {
            before: before.stake(self.market),
            after: reach.stake(self.market),
            reach,
        }
    }

    /// Who can still complete it once everything is as the manifest wants it.
    pub(super) fn reach(&self, known: &KnownSurvey, live: &LiveSurvey) -> Fielding {
        let edits = diff(
            &self.desired.spec,
            Memory::unsure(self.desired.vendor, known),
            live,
        );
        Fielding::shown(self.desired.vendor, live, &known.applied).with(&self.desired.spec, &edits)
    }

    /// A note where quotas cap it below its goal, or look as if they did.
    pub(super) fn soft_launch(&self, reach: &Fielding) -> Option<Note> {
        let words = self.words();
        let SoftLaunch { over, sum, goal, gap } = reach.soft_launch(self.market.codebook())?;
        let over: Vec<&str> = over.iter().map(|question| words.question(question)).collect();
        let over = if over.is_empty() {
            "everybody".to_owned()
        } else {
            over.join(" and ")
        };
        let message = format!("the quotas over {over} sum to {sum} of {goal} completes");
        let note = match gap {
            None => Note::advice(
                self.address,
                format!("{message}: a soft launch, no more than {sum} can be collected"),
            ),
            Some(gap) => {
                let gap: Vec<String> = gap.iter().map(|cell| cell.text(&words)).collect();
                let message = format!(
                    "{message} and do not cap it: who answers {} belongs to none of them",
                    gap.join(" and ")
                );
                Note::advice(self.address, message)
                    .help("add a quota for them, or keep them out with `qualifications`")
            }
        };
        Some(note.at("/quotas"))
    }
}

/// What a survey in field can still cost before and after edits; `None` where nobody can tell.
pub(super) struct Stakes {
    before: Option<Stake>,
    after: Option<Stake>,
    /// Who can still complete it after them.
    pub(super) reach: Fielding,
}

impl Stakes {
    /// The reason why the change of exposure is unknown: the edits lead to a market price, to more completes at one, or to
    /// another currency.
    pub(super) fn unknown(&self, edits: &SurveyDiff) -> Option<Unknown> {
        let more = |edit: &FieldEdit| match (edit.before.as_u64(), edit.after.as_u64()) {
            (Some(before), Some(after)) => after > before,
            _ => true,
        };
        let may_raise =
            |edit: &FieldEdit| edit.field.is_price() || (edit.field == FieldName::Completes && more(edit));
        match (self.money(self.before), self.money(self.after)) {
            (_, None) => edits.fields.iter().any(may_raise).then_some(Unknown::FromVendor),
            (Some(before), Some(after)) if before.currency != after.currency => Some(Unknown::OtherCurrency),
            (_, Some(_)) => None,
        }
    }

    fn money(&self, stake: Option<Stake>) -> Option<Money> {
        stake.map(|stake| stake.most)
    }

    /// The step with what the survey can cost around it, in this status.
    pub(super) fn of(&self, step: Step, status: Status) -> Step {
        let fielded = |stake: Option<Stake>| match status {
            Status::Live => stake,
            _ => stake.or(self.before).map(|stake| stake.ended()),
        };
        step.at_stake(fielded(self.before), fielded(self.after))
    }

    /// What the edits add to the exposure. A price the vendor makes counts as nothing on either side, as it does in the
    /// exposure of the whole plan; a note says that it is not known.
    pub(super) fn change(&self) -> Option<Money> {
        let (before, after) = (self.money(self.before), self.money(self.after));
        let currency = before.or(after)?.currency;
        let amount = |money: Option<Money>| match money {
            Some(money) if money.currency != currency => None,
            other => Some(other.unwrap_or_else(|| Money::zero(currency)).amount),
        };
        let change = Money::new(amount(after)? - amount(before)?, currency);
        (!change.amount.is_zero()).then_some(change)
    }
}
