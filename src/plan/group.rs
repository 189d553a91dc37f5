//! The plan of one exclusion group.

use super::change::Change;
use super::drafted::{Decided, no_open_intent, seen};
use super::inputs::Inputs;
use super::market::ExclusionGroups;
use super::note::Note;
use super::step::{Action, Plan, Record, Step};
use crate::model::{Address, DesiredGroup, Field, GroupMember, LiveGroup, Reading, ResourceKind};
use serde_json::Value;
use std::borrow::Cow;

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
        let made_here =
            |step: &&Step| step.address == *survey && matches!(step.action, Action::Create | Action::Replace);
        match draft.steps.iter().find(made_here) {
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
    draft.steps.push(Step {
        changes,
        calls: market.update(live, desired),
        depends_on: base.depends_on,
        ..Step::new(&address, base.vendor, Action::Update, reason, base.record)
    });
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
    let names = |members: &[GroupMember]| -> Value {
        let name = |member: &GroupMember| match member {
            GroupMember::Survey(address) => Value::from(address.as_str()),
            GroupMember::VendorId(id) => Value::from(*id),
        };
        members.iter().map(name).collect()
    };
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
            if made || known_ids(inputs, members).as_ref() != Some(ids) {
                push("/surveys", Value::from(ids.clone()), names(members));
            }
        }
        Field::Absent | Field::Null => push("/surveys", names(&applied.members), names(members)),
    }
    changes
}

/// The vendor's ids of the members, sorted; `None` when one is not known yet.
fn known_ids(inputs: &Inputs<'_>, members: &[GroupMember]) -> Option<Vec<u64>> {
    let mut ids: Vec<u64> = members
        .iter()
        .map(|member| match member {
            GroupMember::VendorId(id) => Some(*id),
            GroupMember::Survey(address) => inputs.known.resources.get(address)?.id.parse().ok(),
        })
        .collect::<Option<_>>()?;
    ids.sort_unstable();
    Some(ids)
}
