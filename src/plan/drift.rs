//! Drift: where a vendor shows something else than what was left there, whatever the manifests say by now.
//!
//! Promises: pure, as planning is; what no manifest manages and what a vendor does not show never drifts; nothing here
//! leads to a call. [`taken`] is what a statement becomes once drift is accepted into it.

use super::diff::{self, FieldName, Memory, QuotaEdit, SurveyDiff};
use super::drafted::{not_read, seen};
use super::planner::Planner;
use super::{Change, Exposure, Inputs, Note, NoteKind, exposure, ladder};
use crate::model::targeting::canonical;
use crate::model::{
    Address, Criterion, DesiredSurvey, Field, KnownSurvey, LiveQuota, LiveSurvey, Quota, Resource, Status,
    SurveySpec, VendorId, Words,
};
use serde_json::Value;
use std::borrow::Cow;

/// Everything that moved at the vendors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The environment that was looked at.
    pub environment: String,
    /// What drifted, in the order of the addresses.
    pub drifted: Vec<Drifted>,
    /// What could not be compared, and why.
    pub notes: Vec<Note>,
    /// Exposure as it was left and as it was found.
    pub exposure: Vec<Exposure>,
    /// Surveys and groups that are as they were left.
    pub unchanged: Vec<Address>,
}

/// A survey that is not as it was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// The survey or group.
    pub address: Address,
    /// Where.
    pub vendor: VendorId,
    /// What moved.
    pub moves: Vec<Move>,
}

/// One thing that moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// What, as it was found.
    pub what: Moved,
    /// The same for people and machines: before as it was left, after as it was found.
    pub changes: Vec<Change>,
    /// What the manifest says of it by now.
    pub manifest: Says,
}

/// What a manifest says of something that moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// Still what was left at the vendor.
    AsLeft,
    /// What the vendor shows.
    AsFound,
    /// Something else than either.
    Else,
}

/// Something that moved, with its value at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moved {
    /// The status.
    Status(Status),
    /// A single value.
    Field {
        /// Which.
        field: FieldName,
        /// As found, as JSON.
        found: Value,
    },
    /// A qualification.
    Qualification {
        /// What is asked, with the answers as found; without answers where it is gone.
        asked: Asked,
        /// As found; `None` where it is gone.
        found: Option<Criterion>,
    },
    /// A quota.
    Quota {
        /// Its name.
        name: String,
        /// As found; `None` where it is gone.
        found: Option<LiveQuota>,
        /// What it asks by now, where that moved.
        asks: Option<Vec<Asked>>,
    },
}

/// A question with its answers as a manifest would write them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The vendor's code of the question.
    pub code: String,
    /// The name under which it is shown.
    pub name: String,
    /// The answers.
    pub answers: Vec<String>,
    /// Whether it was asked in the same way when it was left.
    pub same: bool,
}

impl Asked {
    fn of(words: &Words<'_>, criterion: &Criterion, left: &[Criterion]) -> Self {
        let (name, answers) = words.describe(criterion);
        Self {
            code: criterion.question.clone(),
            name: name.to_owned(),
            answers,
            same: left.contains(criterion),
        }
    }
}

impl Drift {
    /// Whether nothing moved.
    pub fn is_empty(&self) -> bool {
        self.drifted.is_empty() && !self.notes.iter().any(|note| note.kind == NoteKind::Drift)
    }
}

/// Compares what was left at the vendors with what they show.
pub fn find(inputs: &Inputs<'_>) -> Drift {
    let staged = ladder::settle(inputs);
    let inputs = &Inputs {
        desired: staged.as_ref().unwrap_or(inputs.desired),
        ..*inputs
    };
    let mut drift = Drift {
        environment: inputs.environment.to_owned(),
        drifted: Vec::new(),
        notes: Vec::new(),
        exposure: exposure::drifted(inputs),
        unchanged: Vec::new(),
    };
    for (address, desired) in &inputs.desired.surveys {
        let resource = inputs.known.resources.get(address);
        let Some(known) = resource.and_then(Resource::survey) else {
            continue;
        };
        if !inputs.choices.includes(address) || resource.is_none_or(|r| r.vendor != desired.vendor) {
            continue;
        }
        match moved(inputs, address, desired, known) {
            Ok((moves, _, note)) if moves.is_empty() => {
                drift.unchanged.push(address.clone());
                drift.notes.extend(note);
            }
            Ok((moves, live, note)) => {
                drift.notes.extend(note);
                if exposure::out_of_sight(inputs.markets.of(desired.vendor), live, &known.applied) {
                    let why = "it is in field, and what it can cost is not known any more: the price or the \
                               number of completes comes from the vendor now";
                    drift.notes.push(Note::advice(address, why));
                }
                let (address, vendor) = (address.clone(), desired.vendor);
                drift.drifted.push(Drifted {
                    address,
                    vendor,
                    moves,
                });
            }
            Err(note) => drift.notes.push(note),
        }
    }
    drift
}

/// A survey that a manifest wants, with every question and answer in the vendor's codes.
pub fn in_codes(inputs: &Inputs<'_>, address: &Address, desired: &DesiredSurvey) -> DesiredSurvey {
    let resolved = Planner::of(inputs, address, desired).resolved();
    resolved.map_or_else(|_| desired.clone(), Cow::into_owned)
}

/// What moved of one survey, with how it was found and what is to be said of its end, or the note that says why that cannot be told.
fn moved<'a>(
    inputs: &Inputs<'a>,
    address: &Address,
    desired: &DesiredSurvey,
    known: &KnownSurvey,
) -> Result<(Vec<Move>, &'a LiveSurvey, Option<Note>), Note> {
    let gone = |proof: &str| {
        let message = format!("it is gone at {}: {proof}", desired.vendor.name());
        Note::new(address, NoteKind::Drift, message).help(format!(
            "`infield state rm {address}` forgets it; the next apply then creates a new one"
        ))
    };
    let reading = inputs.live.surveys.get(address);
    let live = seen(reading, gone, |why| not_read(address, why))?;
    let written = Planner::of(inputs, address, desired);
    if let Some(why) = &live.pending {
        let note = written.blocked(format!("nothing can be said of it now: {why}"));
        return Err(note.help("run again when the vendor is done"));
    }
    let status = written.known_status(live)?;
    let resolved = written.resolved();
    let unresolved = || written.blocked("its questions and answers cannot be resolved");
    // One reason is enough.
    let desired = &*resolved.map_err(|notes| notes.into_iter().next().unwrap_or_else(unresolved))?;
    let survey = written.wanting(desired);
    let mut status_move = status_moved(known, desired, live, status);
    // What ended did not drift, nor what infield itself took out of field.
    let ended = status_move.as_ref().and_then(|_| {
        let ended = survey
            .ended(known, live)
            .map(|ended| survey.end_note(known, live, &ended));
        let own = || {
            let frozen = survey.frozen_until(known, live);
            frozen.or_else(|| survey.own_note(known, live))
        };
        // What had reached its goal and was raised waits to go back.
        let raised = || {
            let why = survey.raised(known, live)?;
            Some(match survey.is_outside() {
                true => survey.opens_later(Some(live), &survey.after(known, live)),
                false => survey.note(NoteKind::Advice, why),
            })
        };
        let own = own().filter(|_| status == Status::Paused);
        ended.or(own).or_else(raised)
    });
    status_move = status_move.filter(|_| ended.is_none());
    let mut moves: Vec<Move> = status_move.into_iter().collect();
    // A closed survey is not compared any more.
    if status != Status::Closed {
        moves.extend(values_moved(&survey, known, live));
    }
    for moved in &mut moves {
        let says = match moved.manifest {
            Says::AsLeft => continue,
            Says::AsFound => "the manifest says so by now",
            Says::Else => "the manifest has changed as well",
        };
        for change in &mut moved.changes {
            let who = change.remark.take().map(|who| format!("{who}; "));
            change.remark = Some(format!("{}{says}", who.unwrap_or_default()));
        }
    }
    Ok((moves, live, ended))
}

fn status_moved(
    known: &KnownSurvey,
    desired: &DesiredSurvey,
    live: &LiveSurvey,
    status: Status,
) -> Option<Move> {
    let wanted = desired.status()?;
    let left = if known.in_field {
        Status::Live
    } else {
        *known.applied.status.value()?
    };
    // What we paused ourselves, and did not put back yet, did not drift.
    if left == status || (known.paused_for_edit && status == Status::Paused) {
        return None;
    }
    let change = Change::status(Some(left), status).remark(live.status_reason.clone());
    Some(Move {
        what: Moved::Status(status),
        changes: vec![change.drifted(true)],
        manifest: match wanted {
            wanted if wanted == status => Says::AsFound,
            wanted if wanted == left => Says::AsLeft,
            _ => Says::Else,
        },
    })
}

/// Differences of a kind, to see which of them the manifest has as well.
struct Sides {
    /// What differs between the manifest and the vendor.
    from_live: SurveyDiff,
    /// What differs between the manifest and what was applied.
    from_applied: SurveyDiff,
}

impl Sides {
    fn says(&self, differs: impl Fn(&SurveyDiff) -> bool) -> Says {
        match (differs(&self.from_live), differs(&self.from_applied)) {
            (false, _) => Says::AsFound,
            (true, false) => Says::AsLeft,
            (true, true) => Says::Else,
        }
    }
}

fn values_moved(survey: &Planner<'_>, known: &KnownSurvey, live: &LiveSurvey) -> Vec<Move> {
    let (spec, applied) = (&survey.desired.spec, &known.applied);
    let memory = Memory::of(survey.desired.vendor, applied);
    let managed: Vec<FieldName> = spec.mentioned().collect();
    let back = diff::diff(&applied.only(&managed), memory, live);
    let sides = Sides {
        from_live: diff::diff(spec, memory, live),
        from_applied: diff::diff(spec, memory, &as_left(applied)),
    };
    let words = survey.words();
    let mut moves = Vec::new();
    for edit in back.fields {
        let field = edit.field.clone();
        let manifest = sides.says(|side| side.has(&field));
        moves.push(Move {
            changes: turned(live, vec![survey.field_change(&edit, 0, false)]),
            what: Moved::Field {
                field,
                found: edit.before,
            },
            manifest,
        });
    }
    for edit in back.qualifications {
        let question = edit.question.clone();
        let manifest = sides.says(|side| side.qualifications.iter().any(|edit| edit.question == question));
        let asked = match &edit.before {
            Some(criterion) => Asked::of(&words, criterion, &[]),
            None => Asked {
                name: words.question(&question).to_owned(),
                code: question,
                answers: Vec::new(),
                same: false,
            },
        };
        moves.push(Move {
            changes: turned(live, vec![survey.qualification_change(&edit)]),
            what: Moved::Qualification {
                asked,
                found: edit.before,
            },
            manifest,
        });
    }
    for edit in back.quotas {
        let name = edit.name().to_owned();
        let manifest = sides.says(|side| side.quotas.iter().any(|edit| edit.name() == name));
        let (found, asks) = match &edit {
            QuotaEdit::Change { before, after, .. } => {
                let asked = |criterion| Asked::of(&words, criterion, &after.criteria);
                let asks =
                    (before.criteria != after.criteria).then(|| before.criteria.iter().map(asked).collect());
                (Some(before.clone()), asks)
            }
            QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => (None, None),
        };
        let mut changes = turned(live, survey.quota_changes(&edit));
        if found.is_none() {
            // That nobody is counted any more needs no second line.
            changes.truncate(1);
        }
        moves.push(Move {
            what: Moved::Quota { name, found, asks },
            changes,
            manifest,
        });
    }
    moves
}

/// Changes from how a survey was left to how it was found, with who made them.
fn turned(live: &LiveSurvey, mut changes: Vec<Change>) -> Vec<Change> {
    for change in &mut changes {
        std::mem::swap(&mut change.before, &mut change.after);
        let who = live.changed_by.get(&change.path);
        change.remark = who.map(|who| format!("changed {who}"));
        change.drift = true;
    }
    changes
}

/// What was applied, as if a vendor showed no more of it than the quotas that are there: of everything else, what was
/// applied counts anyway.
fn as_left(applied: &SurveySpec) -> LiveSurvey {
    let quotas = applied.quotas.value().into_iter().flatten();
    LiveSurvey {
        quotas: quotas
            .map(|quota| LiveQuota {
                name: Some(quota.name.clone()),
                id: String::new(),
                completes: quota.completes,
                fielded: None,
                criteria: quota.criteria.clone(),
                nameless: false,
                hidden: false,
            })
            .collect(),
        ..LiveSurvey::default()
    }
}

/// A statement with what moved taken over from the vendor, and everything else as it is.
pub fn taken(spec: &SurveySpec, live: &LiveSurvey, moves: &[&Move]) -> SurveySpec {
    let mut taken = spec.clone();
    for moved in moves {
        match &moved.what {
            Moved::Field { field, .. } => taken.take(field, &live.spec),
            Moved::Status(status) => taken.status = Field::Set(*status),
            Moved::Qualification { asked, found } => {
                if let Field::Set(list) = &mut taken.qualifications {
                    let others = list.iter().filter(|criterion| criterion.question != asked.code);
                    *list = canonical(others.chain(found).cloned().collect());
                }
            }
            Moved::Quota { name, found, .. } => {
                if let Field::Set(list) = &mut taken.quotas {
                    take_quota(list, name, found.as_ref());
                }
            }
        }
    }
    taken
}

fn take_quota(list: &mut Vec<Quota>, name: &str, found: Option<&LiveQuota>) {
    match found {
        None => list.retain(|quota| quota.name != name),
        Some(found) => {
            for quota in list.iter_mut().filter(|quota| quota.name == name) {
                quota.completes = found.completes;
                quota.criteria = found.criteria.clone();
            }
        }
    }
}
