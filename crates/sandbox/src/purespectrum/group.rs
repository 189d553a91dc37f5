//! Exclusion groups of surveys (vendor wiki 33550418). Only POST's body is documented; the rest is
//! assumed by analogy.

use super::envelope::{FOREIGN, NO_GROUP};
use super::prelude::*;
use super::record::OTHER_ACCOUNT;

const NEXT_ID: &str = "purespectrum/next_group_id";
/// A reference that another customer of the vendor has taken.
const TAKEN_ELSEWHERE: &str = "othercompany_group_1";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Group {
    id: u64,
    account: u64,
    reference: String,
    name: String,
    surveys: Vec<u64>,
    exclusion_period: u64,
}

impl Group {
    fn shown(&self) -> Value {
        json!({
            "id": self.id, "buyer_surveygroup_ref": self.reference, "name": self.name,
            "surveys_in_group": self.surveys, "exclusion_period": self.exclusion_period,
        })
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
        account: OTHER_ACCOUNT,
        reference: TAKEN_ELSEWHERE.to_owned(),
        name: "Somebody else's group".to_owned(),
        surveys: Vec::new(),
        exclusion_period: 30,
    };
    store(batch, &group)
}

fn store(batch: &mut Batch<'_>, group: &Group) -> Result<(), StoreError> {
    batch.put(&id_key(&group.id.to_string()), group.reference.as_bytes())?;
    batch.put_json(&key(&group.reference), group)
}

/// Finds a group by the caller's reference or the server's number.
fn load(documents: &impl Documents, named: &str) -> Result<Group, Failure> {
    let mut found: Option<Group> = documents.get_json(&key(named))?;
    if found.is_none()
        && let Some(reference) = documents.get(&id_key(named))?
    {
        found = documents.get_json(&key(&String::from_utf8_lossy(&reference)))?;
    }
    let group = found.ok_or(NO_GROUP)?;
    if group.account != OWN_ACCOUNT {
        return Err(FOREIGN.into());
    }
    Ok(group)
}

/// `POST /surveygroups`
pub(super) fn create(world: &World, call: &Call) -> Outcome {
    let body = object(&call.body)?;
    let required = |name: &str| invalid(format!("{name} is required"));
    let reference = text(&body, "buyer_surveygroup_ref")?;
    let reference = reference.ok_or_else(|| required("buyer_surveygroup_ref"))?;
    let name = text(&body, "name")?.ok_or_else(|| required("name"))?;
    let surveys = surveys(&body)?.ok_or_else(|| required("surveys_in_group"))?;
    let exclusion_period = period(&body)?.ok_or_else(|| required("exclusion_period"))?;
    let group = world.store.write(|batch| {
        if batch.get(&key(&reference))?.is_some() {
            let message = format!("buyer_surveygroup_ref {reference} is already in use");
            return Err(invalid(message));
        }
        let group = Group {
            id: batch.take_number(NEXT_ID, 1)?,
            account: OWN_ACCOUNT,
            reference,
            name,
            surveys,
            exclusion_period,
        };
        mark(batch, &group.reference, &[], &group.surveys)?;
        store(batch, &group)?;
        Ok::<_, Failure>(group)
    })?;
    Ok(Answer::json(StatusCode::CREATED, &group.shown()))
}

/// `GET /surveygroups/{id}`
pub(super) fn read(world: &World, named: &str) -> Outcome {
    ok(&load(&world.store.view()?, named)?.shown())
}

/// `PUT /surveygroups/{id}`: what is given replaces what was.
pub(super) fn put(world: &World, call: &Call, named: &str) -> Outcome {
    let body = object(&call.body)?;
    let group = world.store.write(|batch| {
        let mut group = load(batch, named)?;
        if text(&body, "buyer_surveygroup_ref")?.is_some_and(|sent| sent != group.reference) {
            return Err(invalid("buyer_surveygroup_ref cannot be changed"));
        }
        if let Some(name) = text(&body, "name")? {
            group.name = name;
        }
        if let Some(period) = period(&body)? {
            group.exclusion_period = period;
        }
        if let Some(surveys) = surveys(&body)? {
            mark(batch, &group.reference, &group.surveys, &surveys)?;
            group.surveys = surveys;
        }
        store(batch, &group)?;
        Ok(group)
    })?;
    ok(&group.shown())
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
        save(batch, &survey, Some(survey.status))?;
    }
    Ok(())
}

/// A field that may be left out; `read` says `None` of what it may not be.
fn optional<T>(
    body: &Map<String, Value>,
    name: &str,
    rule: &str,
    read: impl Fn(&Value) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let read = |sent| read(sent).ok_or_else(|| invalid(format!("{name} must be {rule}")));
    body.field(name).map(read).transpose()
}

fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Failure> {
    optional(body, name, "a string that is not empty", |sent| {
        sent.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    })
}

fn period(body: &Map<String, Value>) -> Result<Option<u64>, Failure> {
    optional(body, "exclusion_period", "a whole number of days", Value::as_u64)
}

fn surveys(body: &Map<String, Value>) -> Result<Option<Vec<u64>>, Failure> {
    optional(body, "surveys_in_group", "an array of whole numbers", |sent| {
        sent.as_array()?.iter().map(Value::as_u64).collect()
    })
}
