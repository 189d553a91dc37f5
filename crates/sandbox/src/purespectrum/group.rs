//! Exclusion groups of surveys (vendor wiki 33550418). Only POST's body is documented; the rest is
//! assumed by analogy.

use super::envelope::{FOREIGN, NO_GROUP};
use super::prelude::*;
use super::record::OTHER_ACCOUNT;

const NEXT_ID: &str = "purespectrum/next_group_id";
/// A reference that another customer of the vendor has taken.
const TAKEN_ELSEWHERE: &str = "othercompany_group_1";

/// A group as it is sent and shown.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Group {
    id: u64,
    #[serde(rename = "buyer_surveygroup_ref")]
    reference: String,
    name: String,
    #[serde(rename = "surveys_in_group")]
    surveys: Vec<u64>,
    exclusion_period: u64,
}

impl Group {
    /// Reads a group with what a body says in place of what `fields` say.
    fn read(fields: Value, body: Map<String, Value>) -> Result<Self, Failure> {
        let mut fields = fields;
        for (name, sent) in body
            .into_iter()
            .filter(|(name, sent)| name != "id" && !sent.is_null())
        {
            fields.put(&name, sent);
        }
        let group: Self = typed(&fields).map_err(invalid)?;
        if group.reference.is_empty() || group.name.is_empty() {
            return Err(invalid("buyer_surveygroup_ref and name must not be empty"));
        }
        Ok(group)
    }
}

fn key(reference: &str) -> String {
    format!("purespectrum/group/{reference}")
}

fn id_key(id: &str) -> String {
    format!("purespectrum/group_id/{id}")
}

/// Puts the group of another customer into an empty store.
pub(super) fn seed(batch: &mut Batch<'_>) -> Result<(), StoreError> {
    batch.put_json(NEXT_ID, &501)?;
    let group = Group {
        id: 500,
        reference: TAKEN_ELSEWHERE.to_owned(),
        name: "Somebody else's group".to_owned(),
        surveys: Vec::new(),
        exclusion_period: 30,
    };
    store(batch, OTHER_ACCOUNT, &group)
}

fn store(batch: &mut Batch<'_>, account: u64, group: &Group) -> Result<(), StoreError> {
    batch.put_json(&id_key(&group.id.to_string()), &group.reference)?;
    batch.put_json(&key(&group.reference), &(account, group))
}

/// Finds a group by the caller's reference or the server's number.
fn load(documents: &impl Documents, named: &str) -> Result<Group, Failure> {
    let reference: Option<String> = documents.get_json(&id_key(named))?;
    let found = documents.get_json(&key(reference.as_deref().unwrap_or(named)))?;
    match found.ok_or(NO_GROUP)? {
        (OWN_ACCOUNT, group) => Ok(group),
        (_, _) => Err(FOREIGN.into()),
    }
}

/// `POST /surveygroups`
pub(super) fn create(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    world.store.write(|batch| {
        let group = Group::read(json!({"id": batch.take_number(NEXT_ID, 1)?}), body)?;
        let reference = &group.reference;
        if batch.get(&key(reference))?.is_some() {
            return Err(invalid(format!(
                "buyer_surveygroup_ref {reference} is already in use"
            )));
        }
        mark(batch, reference, &[], &group.surveys)?;
        store(batch, OWN_ACCOUNT, &group)?;
        Ok(Answer::json(StatusCode::CREATED, &json!(group)))
    })
}

/// `GET /surveygroups/{id}`
pub(super) fn read(world: &World, named: &str) -> Outcome {
    ok(&json!(load(&world.store.view()?, named)?))
}

/// `PUT /surveygroups/{id}`: what is given replaces what was.
pub(super) fn put(world: &World, call: &Call, named: &str) -> Outcome {
    let body = object(call)?;
    world.store.write(|batch| {
        let before = load(batch, named)?;
        let group = Group::read(json!(before), body)?;
        if group.reference != before.reference {
            return Err(invalid("buyer_surveygroup_ref cannot be changed"));
        }
        if group.surveys != before.surveys {
            mark(batch, &group.reference, &before.surveys, &group.surveys)?;
        }
        store(batch, OWN_ACCOUNT, &group)?;
        ok(&json!(group))
    })
}

/// `DELETE /surveygroups/{id}`
pub(super) fn delete(world: &World, named: &str) -> Outcome {
    world.store.write(|batch| {
        let group = load(batch, named)?;
        mark(batch, &group.reference, &group.surveys, &[])?;
        batch.delete(&key(&group.reference))?;
        batch.delete(&id_key(&group.id.to_string()))?;
        done(StatusCode::OK, "Survey group deleted")
    })
}

/// Makes surveys show the groups they are in. Numbers that are no survey are let pass, as the
/// vendor's own sample uses such; a survey of another account is not.
fn mark(batch: &mut Batch<'_>, reference: &str, before: &[u64], after: &[u64]) -> Result<(), Failure> {
    let touched = before.iter().filter(|id| !after.contains(id)).chain(after);
    for id in touched {
        let Some(mut survey) = find(batch, *id)? else {
            continue;
        };
        if survey.account != OWN_ACCOUNT {
            return Err(FOREIGN.into());
        }
        let refs = survey.fields.list("buyer_surveygroup_refs");
        let mut refs = refs.unwrap_or_default().to_vec();
        refs.retain(|known| known != reference);
        if after.contains(id) {
            refs.push(json!(reference));
        }
        survey.fields.put("buyer_surveygroup_ref", refs.first());
        survey.fields.put("buyer_surveygroup_refs", refs);
        save(batch, &survey)?;
    }
    Ok(())
}
