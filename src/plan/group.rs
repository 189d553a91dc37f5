//! The plan of one exclusion group.

use super::market::ExclusionGroups;
use super::survey::{Drafted, open_intent_note};
use super::{Action, Change, Inputs, Note, NoteKind, Record, Step};
use crate::model::{Address, DesiredGroup, Field, GroupMember, LiveGroup, Reading, ResourceKind};
use serde_json::Value;

/// Plans one exclusion group that a manifest wants.
pub fn plan_group(inputs: &Inputs<'_>, address: &Address, desired: &DesiredGroup, draft: &mut Drafted) {
    if let Some((id, intent)) = inputs.known.intents_of(address).next() {
        draft.notes.push(open_intent_note(address, id, intent));
        return;
    }
    let Some(market) = inputs.markets.of(desired.vendor).exclusion_groups() else {
        let why = format!("{} has no exclusion groups", desired.vendor.name());
        draft.notes.push(Note::new(address, NoteKind::Blocked, why));
        return;
    };
    let mut depends_on = Vec::new();
    for member in &desired.members {
        let GroupMember::Survey(survey) = member else {
            continue;
        };
        // The newest survey under the name counts: one that this plan creates, before one that state knows.
        let made_here = draft
            .steps
            .iter()
            .find(|step| step.address == *survey && matches!(step.action, Action::Create | Action::Replace));
        match made_here {
            Some(step) => depends_on.push(step.id.clone()),
            None if inputs.known.resources.contains_key(survey) => {}
            None => {
                draft.notes.push(
                    Note::new(
                        address,
                        NoteKind::Blocked,
                        format!("its member {survey} does not exist and is not created by this plan"),
                    )
                    .help(format!("look at the notes of {survey}")),
                );
                return;
            }
        }
    }
    let base = Step {
        id: format!("{address}:{}", Action::Create),
        address: address.clone(),
        vendor: desired.vendor,
        action: Action::Create,
        reason: "it is in the manifests and not at the vendor".to_owned(),
        changes: Vec::new(),
        calls: Vec::new(),
        resumes: Vec::new(),
        hidden: Vec::new(),
        depends_on,
        guards: Vec::new(),
        adds_exposure: None,
        record: Record::Group(desired.clone()),
    };
    let Some(resource) = inputs.known.resources.get(address) else {
        match inputs.live.groups.get(address) {
            Some(Reading::Absent { .. }) => draft.steps.push(Step {
                changes: changes(None, desired),
                calls: market.create(address, desired),
                ..base
            }),
            // The reference is the group's key and ours by its name: a create whose answer was lost is found again.
            Some(Reading::Present(live)) => {
                draft.notes.push(Note::new(
                    address,
                    NoteKind::Advice,
                    format!(
                        "a group with the reference {} exists already and is taken over",
                        desired.reference
                    ),
                ));
                update((inputs, market), live, desired, desired, base, draft);
            }
            Some(Reading::Unknown { why }) => draft.notes.push(unread(address, why)),
            None => draft.notes.push(unread(address, "it was not asked for")),
        }
        return;
    };
    let ResourceKind::Group(applied) = &resource.kind else {
        draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                "this name belongs to a survey in the state",
            )
            .help("give the group another name"),
        );
        return;
    };
    if applied.reference != desired.reference {
        draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                format!(
                    "the reference cannot change from {} to {}: it is the group's key at the vendor",
                    applied.reference, desired.reference
                ),
            )
            .help("put the old reference back, or make a new group under another name")
            .at("/ref"),
        );
        return;
    }
    match inputs.live.groups.get(address) {
        Some(Reading::Present(live)) => update((inputs, market), live, applied, desired, base, draft),
        Some(Reading::Absent { proof }) => draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                format!(
                    "group {} is in the state but not at the vendor: {proof}",
                    resource.id
                ),
            )
            .help(format!(
                "`infield state rm {address}` forgets it; the next apply then creates it again"
            )),
        ),
        Some(Reading::Unknown { why }) => draft.notes.push(unread(address, why)),
        None => draft.notes.push(unread(address, "it was not asked for")),
    }
}

fn unread(address: &Address, why: &str) -> Note {
    Note::new(
        address,
        NoteKind::Blocked,
        format!("the group could not be read: {why}"),
    )
}

/// Brings an existing group to the wanted values, or only remembers it where it has them.
fn update(
    (inputs, market): (&Inputs<'_>, &dyn ExclusionGroups),
    live: &LiveGroup,
    applied: &DesiredGroup,
    desired: &DesiredGroup,
    base: Step,
    draft: &mut Drafted,
) {
    let address = base.address.clone();
    let changes = changes(Some((inputs, live, applied)), desired);
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
    draft.steps.push(Step {
        id: format!("{address}:{}", Action::Update),
        action: Action::Update,
        reason: "the manifest differs from the vendor".to_owned(),
        changes,
        calls: market.update(live, desired),
        ..base
    });
}

/// What differs; against nothing for a new group.
fn changes(
    existing: Option<(&Inputs<'_>, &LiveGroup, &DesiredGroup)>,
    desired: &DesiredGroup,
) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut push = |path: &str, before: Value, after: Value| {
        if before != after {
            changes.push(Change {
                path: path.to_owned(),
                before,
                after,
                remark: None,
                drift: false,
            });
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
        members
            .iter()
            .map(|member| match member {
                GroupMember::Survey(address) => Value::from(address.as_str()),
                GroupMember::VendorId(id) => Value::from(*id),
            })
            .collect()
    };
    let days = |days: Option<u64>| days.map_or(Value::Null, Value::from);
    match existing {
        None => {
            push("/ref", Value::Null, Value::from(reference.as_str()));
            push("/title", Value::Null, Value::from(title.as_str()));
            push("/exclusion_days", Value::Null, days(*exclusion_days));
            push("/surveys", Value::Null, names(members));
        }
        Some((inputs, live, applied)) => {
            let shown = match &live.title {
                Field::Absent => Value::from(applied.title.as_str()),
                Field::Null => Value::Null,
                Field::Set(title) => Value::from(title.as_str()),
            };
            push("/title", shown, Value::from(title.as_str()));
            if exclusion_days.is_some() {
                let shown = match &live.exclusion_days {
                    Field::Absent => applied.exclusion_days,
                    Field::Null => None,
                    Field::Set(days) => Some(*days),
                };
                push("/exclusion_days", days(shown), days(*exclusion_days));
            }
            match &live.members {
                Field::Set(ids) => {
                    let wanted = known_ids(inputs, members);
                    if wanted.as_ref() != Some(ids) {
                        push("/surveys", Value::from(ids.clone()), names(members));
                    }
                }
                Field::Absent | Field::Null => push("/surveys", names(&applied.members), names(members)),
            }
        }
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
