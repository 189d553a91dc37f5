//! The plan of a resource whose manifest is gone. Removing a manifest never deletes by itself.

use super::market::Move;
use super::names::no_way;
use super::survey::{Drafted, not_read, open_intent_note, pending, refused, status_change};
use super::{Action, Guard, Inputs, Note, NoteKind, Record, Step, exposure, former};
use crate::model::desired::OnRemove;
use crate::model::{Address, Field, Level, Reading, Resource, ResourceKind, Status, SurveySpec};
use std::collections::BTreeSet;

/// Plans what a removed manifest means for its survey or group.
pub(super) fn plan_removed(inputs: &Inputs<'_>, address: &Address, resource: &Resource, draft: &mut Drafted) {
    if let Some((id, intent)) = inputs.known.intents_of(address).next() {
        draft.notes.push(open_intent_note(address, id, intent));
        return;
    }
    // Without the whole project a missing manifest says nothing.
    if !inputs.choices.whole_project {
        return;
    }
    let ResourceKind::Survey(known) = &resource.kind else {
        draft.notes.push(
            Note::new(
                address,
                NoteKind::Unmanaged,
                "the manifest of this exclusion group is gone; the group is left as it is",
            )
            .help(format!("`infield state rm {address}` forgets it")),
        );
        return;
    };
    let market = inputs.markets.of(resource.vendor);
    let noun = resource.vendor.noun(Level::of(resource.vendor, address));
    former::close_former(inputs, resource.vendor, address, &known.former, draft);
    let live = match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) => live,
        Some(Reading::Absent { proof }) => {
            draft.notes.push(
                Note::new(
                    address,
                    NoteKind::Unmanaged,
                    format!("its manifest is gone, and so is the {noun}: {proof}"),
                )
                .help(format!("`infield state rm {address}` forgets it")),
            );
            return;
        }
        Some(Reading::Unknown { why }) => {
            draft.notes.push(not_read(address, why));
            return;
        }
        None => {
            draft.notes.push(not_read(address, "it was not asked for"));
            return;
        }
    };
    if let Some(why) = &live.pending
        && known.policy.on_remove != OnRemove::Forget
    {
        draft.notes.push(pending(address, why));
        return;
    }
    let status = live.status;
    let out_of_field = |to: Status| {
        market.set_status(&Move {
            address,
            id: &live.id,
            live: Some(live),
            after: &live.spec,
            to,
            as_of: inputs.live.as_of,
        })
    };
    let step = |action: Action, calls, changes, guards, record| Step {
        id: format!("{address}:{action}"),
        address: address.clone(),
        vendor: resource.vendor,
        action,
        reason: format!(
            "its manifest was removed (on_remove: {})",
            on_remove_key(known.policy.on_remove)
        ),
        changes,
        calls,
        resumes: Vec::new(),
        hidden: Vec::new(),
        depends_on: Vec::new(),
        guards,
        // A forgotten survey stays in field; it only leaves our books.
        adds_exposure: match action {
            Action::Pause | Action::Close => exposure::ended(live, &known.applied),
            _ => None,
        },
        record,
    };
    let remembered = |applied: &SurveySpec, status: Status| {
        let mut applied = applied.clone();
        applied.status = Field::Set(status);
        Record::Survey {
            applied: Box::new(applied),
            in_field: false,
            policy: known.policy,
            orphaned: true,
        }
    };
    let leaves = match (known.policy.on_remove, status) {
        (OnRemove::Pause, Some(Status::Live)) => true,
        (OnRemove::Close, status) => status != Some(Status::Closed),
        (OnRemove::Pause | OnRemove::Forget, _) => false,
    };
    if let Some(why) = inputs.live.no_way.get(address).filter(|_| leaves) {
        draft.notes.push(no_way(address, why));
        return;
    }
    match (known.policy.on_remove, status) {
        (OnRemove::Forget, _) => {
            draft.steps.push(step(
                Action::Forget,
                Vec::new(),
                Vec::new(),
                Vec::new(),
                Record::Forgotten,
            ));
        }
        (OnRemove::Pause, Some(Status::Live)) => draft.steps.push(step(
            Action::Pause,
            out_of_field(Status::Paused),
            vec![status_change(status, Status::Paused)],
            Vec::new(),
            remembered(&known.applied, Status::Paused),
        )),
        (OnRemove::Close, Some(current)) if current != Status::Closed => {
            match market.transition(current, Status::Closed) {
                Ok(()) => draft.steps.push(step(
                    Action::Close,
                    out_of_field(Status::Closed),
                    vec![status_change(status, Status::Closed)],
                    vec![Guard::Close],
                    remembered(&known.applied, Status::Closed),
                )),
                Err(refusal) => draft.notes.push(refused(address, NoteKind::Unsupported, refusal)),
            }
        }
        (OnRemove::Pause | OnRemove::Close, _) => {
            let shown = status.map_or_else(|| live.status_text.clone(), |s| s.to_string());
            draft.notes.push(
                Note::new(
                    address,
                    NoteKind::Unmanaged,
                    format!(
                        "its manifest is gone; {noun} {} is {shown} and left as it is",
                        live.id
                    ),
                )
                .help(format!("`infield state rm {address}` forgets it")),
            );
            if !known.orphaned {
                draft.bookkeeping.push((
                    address.clone(),
                    Record::Survey {
                        applied: Box::new(known.applied.clone()),
                        in_field: known.in_field,
                        policy: known.policy,
                        orphaned: true,
                    },
                ));
            }
        }
    }
}

/// Lets go of what holds groups after its groups, and not while one of them is remembered: a group, or a create of one
/// whose outcome is open, can only be looked for in what holds it.
pub(super) fn forget_groups_first(inputs: &Inputs<'_>, draft: &mut Drafted) {
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
            draft.notes.push(
                Note::new(
                    &step.address,
                    NoteKind::Unmanaged,
                    format!("its manifest is gone, and it is remembered for its {noun} {stays}"),
                )
                .help(format!("look at the notes of {stays}")),
            );
            continue;
        }
        let at: Vec<usize> = inside.iter().filter_map(|address| goes(address)).collect();
        step.depends_on
            .extend(at.iter().map(|at| draft.steps[*at].id.clone()));
        let last = at.into_iter().max().unwrap_or(0);
        draft.steps.insert(last + 1, step);
    }
}

fn on_remove_key(on_remove: OnRemove) -> &'static str {
    match on_remove {
        OnRemove::Forget => "forget",
        OnRemove::Pause => "pause",
        OnRemove::Close => "close",
    }
}
