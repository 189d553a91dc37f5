//! Suppliers: who sends the respondents, at which price, and how many.

use super::field::{array, is_price, json};
use super::prelude::*;

/// The suppliers of every localization; the ids are those of the vendor's samples.
const SUPPLIERS: [u64; 7] = [1, 3, 6, 8, 10, 16, 23];
/// Localizations with suppliers: those seen in the vendor's documents, and a few more.
const LOCALIZATIONS: [&str; 14] = [
    "de_AT", "de_CH", "de_DE", "en_AU", "en_CA", "en_GB", "en_UK", "en_US", "es_ES", "es_US", "fr_CA",
    "fr_FR", "it_IT", "pt_BR",
];

fn shown(id: u64) -> Value {
    json!({"id": id, "name": format!("Supplier {id}")})
}

/// `GET /suppliers?locale=` (vendor wiki 855703610)
pub(super) fn available(call: &Call) -> Outcome {
    let locale = call.parameter("locale");
    if !locale.is_some_and(|locale| LOCALIZATIONS.contains(&locale)) {
        return Err(invalid("locale is missing or unknown"));
    }
    ok(&SUPPLIERS.into_iter().map(shown).collect())
}

/// Divides a number of people among the suppliers, for a feasibility in full.
pub(super) fn split(count: u64) -> Value {
    let share = count / 7;
    let first = count - share * 6;
    let counts = std::iter::once(first).chain(std::iter::repeat(share));
    let suppliers = SUPPLIERS.iter().zip(counts);
    suppliers
        .map(|(id, count)| json!({"supplier_id": id, "count": count}))
        .collect()
}

/// `GET /surveys/{id}/suppliers?stats=0|1`
pub(super) fn of_survey(world: &World, call: &Call, id: &str) -> Outcome {
    let survey = load(&world.store.view()?, id)?;
    let mut groups = survey.suppliers.clone().unwrap_or_else(|| all_of(&survey));
    if call.parameter("stats") == Some("1") {
        for group in &mut groups {
            group["performance"] = json!([{"name": "Complete", "count": 0}]);
        }
    }
    ok(&Value::Array(groups))
}

/// Every supplier of the localization is attached on creation (vendor wiki 855638135).
fn all_of(survey: &Survey) -> Vec<Value> {
    let cpi = survey.fields.copy("offer_price");
    let suppliers = SUPPLIERS.into_iter().map(shown);
    suppliers
        .map(|member| group(None, None, survey.goal(), &cpi, &[member]))
        .collect()
}

fn group(reference: Option<&str>, name: Option<&str>, goal: u64, cpi: &Value, members: &[Value]) -> Value {
    let intent = if reference.is_some() {
        let ids: Vec<&Value> = members.iter().map(|member| &member["id"]).collect();
        json!({"intent_value": null, "intent_not_set": ids, "intent_denied": [],
            "intent_accepted": []})
    } else {
        json!({"intent_value": 0})
    };
    json!({
        "group_ref": reference, "group_name": name, "completes_goal": goal, "remaining": goal,
        "fielded": 0, "cpi": cpi, "last_start_date": "", "intent": intent, "suppliers": members,
    })
}

/// `PUT /surveys/{id}/suppliers` (vendor wiki 855638135, 855670850)
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let body = json(&call.body)?;
    let entries = array(&body, "the body")?;
    let groups = world.store.write(|batch| {
        let mut survey = load(batch, id)?;
        if survey.status == CLOSED {
            return Err(SURVEY_CLOSED.into());
        }
        let groups = entries.iter().enumerate();
        let groups = groups.map(|(at, entry)| read_group(&survey, at, entry));
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        survey.suppliers = Some(groups.clone());
        survey.active_ms = Some(world.now_ms());
        save(batch, &survey, Some(survey.status))?;
        Ok::<_, Failure>(groups)
    })?;
    ok(&Value::Array(groups))
}

fn read_group(survey: &Survey, at: usize, entry: &Value) -> Result<Value, Failure> {
    let goal = entry.count("completes_goal");
    let goal = goal.ok_or_else(|| invalid("completes_goal must be a whole number, 0 or more"))?;
    let cpi = entry.copy("cpi");
    if !cpi.is_null() && !is_price(&cpi) {
        return Err(invalid("cpi must be a number, 0 or more"));
    }
    let ids = entry.list("suppliers").filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| invalid("suppliers must be an array that is not empty"))?;
    let members = ids.iter().map(|id| {
        let id = id.as_u64().ok_or_else(|| invalid("suppliers must be numbers"))?;
        let known = SUPPLIERS.contains(&id).then(|| shown(id));
        known.ok_or_else(|| invalid(format!("supplier {id} is unknown")))
    });
    let members = members.collect::<Result<Vec<_>, Failure>>()?;
    let name = entry.text("group_name");
    if members.len() > 1 && name.is_none() {
        return Err(invalid("group_name is needed to group suppliers"));
    }
    let made_up = letters(&format!("group/{}/{at}", survey.id), 10);
    let reference = entry.text("group_ref").or_else(|| name.map(|_| made_up.as_str()));
    Ok(group(reference, name, goal, &cpi, &members))
}

/// Reads the allocations of a quota by supplier; a supplier not on the survey is refused
/// (vendor wiki 855736417).
pub(super) fn allocations(survey: &Survey, sent: &Value) -> Result<Vec<Value>, Failure> {
    let items = array(sent, "suppliers")?;
    let groups = survey.suppliers.clone().unwrap_or_else(|| all_of(survey));
    let read = |item: &Value| {
        let reference = item.text("supplier_ref_id");
        let reference = reference.ok_or_else(|| invalid("supplier_ref_id must be a string"))?;
        let target = item.count("current_target");
        let target = target.ok_or_else(|| invalid("current_target must be a whole number"))?;
        if !groups.iter().any(|group| is_named(group, reference)) {
            return Err(invalid(format!("supplier {reference} is not on the survey")));
        }
        Ok(json!({"supplier_ref_id": reference, "current_target": target}))
    };
    items.iter().map(read).collect()
}

/// A number is one supplier, other text a group's reference.
fn is_named(group: &Value, reference: &str) -> bool {
    let Ok(id) = reference.parse::<u64>() else {
        return group["group_ref"] == reference;
    };
    let members = group["suppliers"].as_array();
    members.is_some_and(|members| members.iter().any(|member| member["id"] == id))
}
