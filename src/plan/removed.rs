//! The plan of a resource whose manifest is gone. Removing a manifest never deletes by itself.

use super::change::Change;
use super::drafted::{Decided, no_open_intent, not_read, pending, refused, seen};
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::step::{Action, Plan, Record, Step};
use super::{exposure, replaced};
use crate::model::desired::OnRemove;
use crate::model::guard::Guard;
use crate::model::known::{Act, PausedBy};
use crate::model::{Address, Field, KnownSurvey, Level, Resource, ResourceKind, Status};
use std::collections::BTreeSet;

/// What was taken out, of a manifest or with it.
struct Gone {
    /// What somebody did.
    was: &'static str,
    /// How it is now.
    is: &'static str,
}

impl Gone {
    fn of(inputs: &Inputs<'_>, address: &Address) -> Self {
        let surveys = &inputs.desired.surveys;
        let above = address.parent();
        if above.is_some_and(|above| surveys.contains_key(&above)) {
            return Self {
                was: "it was taken out of the groups of its survey",
                is: "it is gone from the groups of its survey",
            };
        }
        let manifest = address.manifest();
        let others = surveys.range(Address::survey(manifest)..).map(|(other, _)| other);
        let mut others = others.take_while(|other| other.as_str().starts_with(manifest));
        if others.any(|other| other.manifest() == manifest) {
            return Self {
                was: "its block was taken out of the study",
                is: "its block is gone from the study",
            };
        }
        Self {
            was: "its manifest was removed",
            is: "its manifest is gone",
        }
    }
}

/// Plans what a removed manifest means for its survey or group.
pub(super) fn plan_removed(
    inputs: &Inputs<'_>,
    address: &Address,
    resource: &Resource,
    draft: &mut Plan,
) -> Decided {
    no_open_intent(inputs, address)?;
    // Without the whole project a missing manifest says nothing.
    if !inputs.choices.whole_project {
        return Ok(());
    }
    let left = |message: String| {
        let help = format!("`infield state rm {address}` forgets it");
        Note::new(address, NoteKind::Unmanaged, message).help(help)
    };
    let ResourceKind::Survey(known) = &resource.kind else {
        let message = "the manifest of this exclusion group is gone; the group is left as it is";
        return Err(left(message.to_owned()).into());
    };
    let Gone { was, is } = Gone::of(inputs, address);
    let vendor = resource.vendor;
    let market = inputs.markets.of(vendor);
    let noun = vendor.noun(Level::of(vendor, address));
    replaced::close_replaced(inputs, vendor, address, &known.former, draft);
    let gone = |proof: &str| left(format!("{is}, and so is the {noun}: {proof}"));
    let reading = inputs.live.surveys.get(address);
    let live = seen(reading, gone, |why| not_read(address, why))?;
    let on_remove = known.policy.on_remove;
    // What may be asking somebody, be it unknown or on its way there, counts as in field.
    let out = matches!(live.status, Some(Status::Draft | Status::Paused | Status::Closed));
    let in_field = !out || live.pending.is_some();
    let step = |action: Action, record: Record| {
        let reason = format!("{was} (on_remove: {on_remove})");
        Step::new(address, vendor, action, reason, record)
    };
    if on_remove == OnRemove::Forget {
        may_go(inputs, address, known)?;
        let mut step = step(Action::Forget, Record::Forgotten);
        step.guards.extend(in_field.then_some(Guard::Remove));
        let stake = exposure::shown(market, live, &known.applied);
        draft.steps.push(step.at_stake(stake, stake));
        return Ok(());
    }
    if let Some(why) = &live.pending {
        return Err(pending(address, why).into());
    }
    let leaves = match (on_remove, live.status) {
        (OnRemove::Pause, Some(Status::Live)) => Some((Action::Pause, Status::Paused)),
        (OnRemove::Close, status) if status != Some(Status::Closed) => Some((Action::Close, Status::Closed)),
        _ => None,
    };
    if let Some(why) = inputs
        .live
        .blocked_transitions
        .get(address)
        .filter(|_| leaves.is_some())
    {
        let message = format!("{is}, and it cannot be taken out of field: {why}");
        let note = Note::blocked(address, message);
        return Err(note
            .help("look at it at the vendor; run again when it is allowed")
            .into());
    }
    let (Some((action, to)), Some(status)) = (leaves, live.status) else {
        let shown = live
            .status
            .map_or_else(|| live.status_text.clone(), |s| s.to_string());
        let id = &live.id;
        let unseen = inputs.choices.unseen.get(address.manifest());
        let manifest = unseen.map_or_else(
            || is.to_owned(),
            |why| format!("its manifest was not read ({why})"),
        );
        let message = format!("{manifest}; {noun} {id} is {shown} and left as it is");
        draft.notes.push(left(message));
        if !known.orphaned && unseen.is_none() {
            let record = Record::survey(known.applied.clone(), known.in_field, known.policy.clone(), true)
                .keeping(known);
            draft.bookkeeping.push((address.clone(), record));
        }
        return Ok(());
    };
    may_go(inputs, address, known)?;
    let mut applied = known.applied.clone();
    applied.status = Field::Set(to);
    let paused = (action == Action::Pause).then(|| PausedBy::now(Act::Manifest));
    let record = Record::survey(applied, false, known.policy.clone(), true).because(paused, None);
    let mut step = step(action, record);
    if action == Action::Close {
        let allowed = market.transition(status, to);
        allowed.map_err(|refusal| refused(address, NoteKind::Unsupported, refusal))?;
        step.guards.push(Guard::Close);
    }
    step.guards.extend(in_field.then_some(Guard::Remove));
    step.changes.push(Change::status(Some(status), to));
    step.calls = market.out_of_field(address, live, to, inputs.live.now_at(vendor));
    draft.steps.push(step.ending(market, live, &known.applied));
    Ok(())
}

/// Whether it is proven that the manifest is gone, and nothing protects the survey.
fn may_go(inputs: &Inputs<'_>, address: &Address, known: &KnownSurvey) -> Result<(), Note> {
    if let Some(why) = inputs.choices.unseen.get(address.manifest()) {
        let message = format!("its manifest was not read, and does not count as removed: {why}");
        return Err(Note::blocked(address, message).help(
            "put the manifest where it is read, or take what is named here out of the project; if the survey is really to go, \
             `infield state rm NAME` forgets it and leaves it as it is at the vendor",
        ));
    }
    if known.policy.protect {
        let was = Gone::of(inputs, address).was;
        let message = format!("{was}, but it is protected: it is left as it is");
        return Err(Note::new(address, NoteKind::Refused, message)
            .help("put it back without `protect`, apply that, and take it out then"));
    }
    Ok(())
}

/// Forgets a container after its groups, and only when none of them is remembered any more. A group, or a create of one
/// whose outcome is open, can only be found through its container.
pub(super) fn forget_groups_first(inputs: &Inputs<'_>, draft: &mut Plan) {
    let holds = |step: &&Step| {
        step.action == Action::Forget && Level::of(step.vendor, &step.address) == Level::Container
    };
    let containers: Vec<Step> = draft.steps.iter().filter(holds).cloned().collect();
    for mut step in containers {
        let is_inside = |address: &&Address| address.parent().as_ref() == Some(&step.address);
        let known = inputs.known.resources.keys();
        let open = inputs.known.intents.values().map(|intent| &intent.address);
        let inside: BTreeSet<&Address> = known.chain(open).filter(is_inside).collect();
        if inside.is_empty() {
            continue;
        }
        draft.steps.retain(|other| other.id != step.id);
        let goes = |address: &Address| {
            let is = |other: &Step| other.action == Action::Forget && other.address == *address;
            draft.steps.iter().position(is)
        };
        if let Some(stays) = inside.iter().find(|address| goes(address).is_none()) {
            let noun = step.vendor.noun(Level::Group);
            let message = format!(
                "{}, and it is remembered for its {noun} {stays}",
                Gone::of(inputs, &step.address).is
            );
            let note = Note::new(&step.address, NoteKind::Unmanaged, message);
            draft
                .notes
                .push(note.help(format!("look at the notes of {stays}")));
            continue;
        }
        let at: Vec<usize> = inside.iter().filter_map(|address| goes(address)).collect();
        step.depends_on
            .extend(at.iter().map(|at| draft.steps[*at].id.clone()));
        let last = at.into_iter().max().unwrap_or(0);
        draft.steps.insert(last + 1, step);
    }
}
