//! The plan of one exclusion group, and of what waits for it: nobody is asked before those are kept out who should be.

use super::change::Change;
use super::drafted::{Decided, no_open_intent, seen};
use super::inputs::Inputs;
use super::market::ExclusionGroups;
use super::note::Note;
use super::step::{Action, Plan, Record, Step};
use super::study::wait as wait_for;
use crate::model::guard::Guard;
use crate::model::{
    Address, DesiredGroup, Field, GroupMember, LiveGroup, MemberId, Reading, ResourceKind, Status, VendorId,
};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// Plans one exclusion group that a manifest wants.
pub(super) fn plan_group(
    inputs: &Inputs<'_>,
    address: &Address,
    desired: &DesiredGroup,
    draft: &mut Plan,
) -> Decided {
    no_open_intent(inputs, address)?;
    let desired = &*with_its_reference(inputs, address, desired);
    let Some(market) = inputs.markets.of(desired.vendor).exclusion_groups() else {
        let why = format!("{} has no exclusion groups", desired.vendor.name());
        return Err(Note::blocked(address, why).into());
    };
    let reason = "it is in the manifests and not at the vendor";
    let record = Record::Group(desired.clone());
    let mut base = Step::new(address, desired.vendor, Action::Create, reason, record);
    base.depends_on = members_first(inputs, address, desired, draft)?;
    let reading = inputs.live.groups.get(address);
    let unread = |why: &str| Note::blocked(address, format!("the group could not be read: {why}"));
    let Some(resource) = inputs.known.resources.get(address) else {
        if let Some(Reading::Absent { .. }) = reading {
            draft.steps.push(Step {
                changes: changes(None, desired),
                calls: market.create(address, desired),
                ..base
            });
            return Ok(());
        }
        let live = seen(reading, unread, unread)?;
        // The reference is the group's key and ours by its name: a create whose answer was lost is found again.
        let key = &desired.reference;
        let message = format!("a group with the reference {key} exists already and is taken over");
        draft.heed([Note::advice(address, message)])?;
        update((inputs, market), live, desired, desired, base, draft);
        return Ok(());
    };
    let ResourceKind::Group(applied) = &resource.kind else {
        let note = Note::blocked(address, "this name belongs to a survey in the state");
        return Err(note.help("give the group another name").into());
    };
    if applied.reference != desired.reference {
        let (before, after) = (&applied.reference, &desired.reference);
        let message = format!(
            "the reference cannot change from {before} to {after}: it is the group's key at the vendor"
        );
        let help = "put the old reference back, or make a new group under another name";
        return Err(Note::blocked(address, message).help(help).at("/ref").into());
    }
    let gone = |proof: &str| {
        let message = format!(
            "group {} is in the state but not at the vendor: {proof}",
            resource.id
        );
        Note::blocked(address, message).help(format!(
            "`infield state rm {address}` forgets it; the next apply then creates it again"
        ))
    };
    let live = seen(reading, gone, unread)?;
    update((inputs, market), live, applied, desired, base, draft);
    Ok(())
}

/// The wanted group under the reference that it has: one that is made of a name stays when the name changes.
fn with_its_reference<'a>(
    inputs: &Inputs<'_>,
    address: &Address,
    desired: &'a DesiredGroup,
) -> Cow<'a, DesiredGroup> {
    let known = inputs.known.resources.get(address).map(|resource| &resource.kind);
    match known {
        Some(ResourceKind::Group(applied)) if inputs.desired.renames.derived.contains(address) => {
            Cow::Owned(DesiredGroup {
                reference: applied.reference.clone(),
                ..desired.clone()
            })
        }
        _ => Cow::Borrowed(desired),
    }
}

/// The steps that make members of the group, or the note that one of them neither exists nor is made.
fn members_first(
    inputs: &Inputs<'_>,
    address: &Address,
    desired: &DesiredGroup,
    draft: &Plan,
) -> Result<Vec<String>, Note> {
    let mut first = Vec::new();
    for member in &desired.members {
        let GroupMember::Survey(survey) = member else {
            continue;
        };
        // The newest survey under the name counts: one that this plan creates, before one that state knows.
        match draft.maker(survey) {
            Some(step) => first.push(step.id.clone()),
            None if inputs.known.resources.contains_key(survey) => {}
            None => {
                let message = format!("its member {survey} does not exist and is not created by this plan");
                let help = format!("look at the notes of {survey}");
                return Err(Note::blocked(address, message).help(help));
            }
        }
    }
    Ok(first)
}

/// Brings an existing group to the wanted values, or only remembers it where it has them.
fn update(
    (inputs, market): (&Inputs<'_>, &dyn ExclusionGroups),
    live: &LiveGroup,
    applied: &DesiredGroup,
    desired: &DesiredGroup,
    base: Step,
    draft: &mut Plan,
) {
    let address = base.address.clone();
    let made = !base.depends_on.is_empty();
    let changes = changes(Some((inputs, live, applied, made)), desired);
    if changes.is_empty() && base.depends_on.is_empty() {
        let known = inputs
            .known
            .resources
            .get(&address)
            .map(|resource| &resource.kind);
        if known != Some(&ResourceKind::Group(desired.clone())) {
            draft.bookkeeping.push((address.clone(), base.record));
        }
        draft.unchanged.push(address);
        return;
    }
    let reason = "the manifest differs from the vendor";
    let known = |member: &Address| {
        let resource = inputs.known.resources.get(member);
        let resource = resource.filter(|_| draft.maker(member).is_none());
        resource.map(|resource| resource.id.clone())
    };
    let guards = lets_in_again(inputs, live, desired).then_some(Guard::EditLiveTargeting);
    let calls = market.update(live, desired, &known);
    draft.steps.push(Step {
        changes,
        calls,
        guards: Vec::from_iter(guards),
        depends_on: base.depends_on,
        ..Step::new(&address, base.vendor, Action::Update, reason, base.record)
    });
}

/// Whether respondents of something that leaves the group are let in again while others of it ask people. What was replaced
/// leaves with its survey, whose guard has been asked.
fn lets_in_again(inputs: &Inputs<'_>, live: &LiveGroup, desired: &DesiredGroup) -> bool {
    let asks = |member: &GroupMember| {
        let GroupMember::Survey(address) = member else {
            return true;
        };
        match inputs.live.surveys.get(address) {
            Some(Reading::Present(live)) => {
                !matches!(live.status, Some(Status::Draft | Status::Closed)) || live.pending.is_some()
            }
            Some(Reading::Unknown { .. }) => true,
            Some(Reading::Absent { .. }) | None => false,
        }
    };
    let shown = live.members.value().into_iter().flatten();
    let stays = |id: &str| {
        desired.members.iter().any(|member| match member {
            GroupMember::VendorId(own) => own.text() == id,
            GroupMember::Survey(address) => {
                let resource = inputs.known.resources.get(address);
                resource.is_some_and(|resource| resource.ids().any(|own| own == id))
            }
        })
    };
    let leaves = shown.into_iter().any(|id| !stays(&id.text()));
    leaves && desired.members.iter().any(asks)
}

/// Lets what goes in field wait for the exclusion groups that it is put into, and holds it back where such a group is not
/// written with this plan.
pub(super) fn before_launches(inputs: &Inputs<'_>, plan: &mut Plan) {
    let member = |group: &DesiredGroup, address: &Address| {
        let is = |member: &GroupMember| matches!(member, GroupMember::Survey(own) if own == address);
        group.members.iter().any(is)
    };
    // Whether the group is written, or has it already, by what is remembered.
    let has = |at: &Address, address: &Address| {
        let known = inputs.known.resources.get(at);
        matches!(known.map(|known| &known.kind), Some(ResourceKind::Group(group)) if member(group, address))
    };
    let mut waits: Vec<(String, String)> = Vec::new();
    let mut held: Vec<(usize, Note)> = Vec::new();
    for (at, group) in &inputs.desired.groups {
        let written = plan.intended().find(|step| step.address == *at);
        let written = written.map(|step| step.id.clone());
        let goes = |step: &Step| {
            matches!(step.action, Action::Launch | Action::Resume) && member(group, &step.address)
        };
        let goes_on = written.as_ref().is_some_and(|id| plan.goes_on(id));
        let as_wanted = plan.unchanged.contains(at);
        for (index, step) in plan.steps.iter().enumerate().filter(|(_, step)| goes(step)) {
            match &written {
                Some(id) if goes_on => waits.push((step.id.clone(), id.clone())),
                _ if as_wanted || step.action == Action::Resume || has(at, &step.address) => {}
                _ => {
                    let (why, help) = match inputs.choices.includes(at) {
                        true => (
                            "which cannot be written now",
                            format!("look at the notes of {at}"),
                        ),
                        false => (
                            "which this plan leaves out",
                            format!("plan it too: `--target {at}`"),
                        ),
                    };
                    let message = format!("{} waits for the exclusion group {at}, {why}", step.action);
                    held.push((index, Note::blocked(&step.address, message).help(help)));
                    waits.extend(written.clone().map(|id| (step.id.clone(), id)));
                }
            }
        }
        // What is held back means the same as when nothing holds it back, and has the same name.
        let held_back = plan.held_back.iter().filter(|step| goes(step));
        waits.extend(held_back.filter_map(|step| Some((step.id.clone(), written.clone()?))));
    }
    for (index, note) in held {
        plan.steps[index].refusal.get_or_insert(note);
    }
    wait_for(plan, &waits);
}

/// What differs; against nothing for a new group. Its members differ where this plan makes one of them.
fn changes(
    existing: Option<(&Inputs<'_>, &LiveGroup, &DesiredGroup, bool)>,
    desired: &DesiredGroup,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut push = |path: &str, before: Value, after: Value| {
        if before != after {
            changes.push(Change::new(path, before, after));
        }
    };
    let DesiredGroup {
        vendor: _,
        reference,
        title,
        members,
        exclusion_days,
    } = desired;
    let names = |members: &[GroupMember]| -> Value { members.iter().map(GroupMember::written).collect() };
    let Some((inputs, live, applied, made)) = existing else {
        push("/ref", Value::Null, Value::from(reference.as_str()));
        push("/title", Value::Null, Value::from(title.as_str()));
        push("/exclusion_days", Value::Null, Value::from(*exclusion_days));
        push("/surveys", Value::Null, names(members));
        return changes;
    };
    let shown = live.title.clone().or(Field::Set(applied.title.clone()));
    push(
        "/title",
        Value::from(shown.value().cloned()),
        Value::from(title.as_str()),
    );
    if exclusion_days.is_some() {
        let shown = live
            .exclusion_days
            .clone()
            .or(Field::shown(applied.exclusion_days));
        let shown = shown.value().copied();
        push(
            "/exclusion_days",
            Value::from(shown),
            Value::from(*exclusion_days),
        );
    }
    match &live.members {
        Field::Set(ids) => {
            let shown: BTreeSet<String> = ids.iter().map(MemberId::text).collect();
            if made || known_ids(inputs, members) != Some(shown) {
                let (before, after) = (named(inputs, desired.vendor, ids), names(members));
                // One that was made anew has its name still: the ids tell what changes.
                let ids = || ids.iter().map(Value::from).collect();
                let before = if before == after { ids() } else { before };
                push("/surveys", before, after);
            }
        }
        Field::Absent | Field::Null => push("/surveys", names(&applied.members), names(members)),
    }
    changes
}

/// Members by the names of their surveys, and by the vendor's ids where no survey that is known has them.
fn named(inputs: &Inputs<'_>, vendor: VendorId, ids: &[MemberId]) -> Value {
    let surveys = inputs.known.resources.iter();
    let surveys = surveys.filter(|(_, own)| own.vendor == vendor && own.survey().is_some());
    let names: BTreeMap<&str, &Address> = surveys.map(|(at, own)| (own.id.as_str(), at)).collect();
    let named = |id: &MemberId| names.get(id.text().as_str()).copied().cloned();
    let mut members: Vec<GroupMember> = ids
        .iter()
        .map(|id| named(id).map_or_else(|| GroupMember::VendorId(id.clone()), GroupMember::Survey))
        .collect();
    members.sort();
    members.iter().map(GroupMember::written).collect()
}

/// The vendor's ids of the members; `None` when one is not known yet.
fn known_ids(inputs: &Inputs<'_>, members: &[GroupMember]) -> Option<BTreeSet<String>> {
    let id = |member: &GroupMember| match member {
        GroupMember::VendorId(id) => Some(id.text()),
        GroupMember::Survey(address) => Some(inputs.known.resources.get(address)?.id.clone()),
    };
    members.iter().map(id).collect()
}
