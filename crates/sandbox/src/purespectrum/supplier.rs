//! Suppliers: who sends the respondents, at which price, and how many.

use super::field::PRICE;
use super::prelude::*;
use super::record::change;

/// The suppliers of every localization; the ids are those of the vendor's samples.
const SUPPLIERS: [u64; 7] = [1, 3, 6, 8, 10, 16, 23];
/// Localizations with suppliers: those seen in the vendor's documents, and a few more.
pub(super) const LOCALIZATIONS: [&str; 14] = [
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
pub(super) fn of_survey(call: &Call, survey: &Survey) -> Outcome {
    let mut groups = groups(survey);
    if call.parameter("stats") == Some("1") {
        for group in &mut groups {
            group["performance"] = json!([{"name": "Complete", "count": 0}]);
        }
    }
    ok(&Value::Array(groups))
}

fn groups(survey: &Survey) -> Vec<Value> {
    survey.suppliers.clone().unwrap_or_else(|| all_of(survey))
}

/// Every supplier of the localization is attached on creation (vendor wiki 855638135).
fn all_of(survey: &Survey) -> Vec<Value> {
    let cpi = survey.fields.copy("offer_price");
    let suppliers = SUPPLIERS.into_iter().map(shown);
    suppliers
        .map(|member| group(None, None, survey.goal(), &cpi, &[member]))
        .collect()
}

/// The highest price of the suppliers that may still bring somebody, where they were given prices of their own.
pub(super) fn dearest(survey: &Survey) -> Option<Decimal> {
    let groups = survey.suppliers.iter().flatten();
    let wanted = groups.filter(|group| group["completes_goal"] != 0);
    wanted.filter_map(|group| decimal(&group["cpi"])).max()
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

/// A group of suppliers as sent.
#[derive(Deserialize)]
struct Sent {
    completes_goal: u64,
    #[serde(default)]
    cpi: Value,
    suppliers: Vec<u64>,
    group_name: Option<String>,
    group_ref: Option<String>,
}

/// `PUT /surveys/{id}/suppliers` (vendor wiki 855638135, 855670850)
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let sent: Vec<Sent> = body(call)?;
    change(world, id, |survey| {
        survey.refuse_closed()?;
        let groups = sent.iter().enumerate();
        let groups = groups.map(|(at, sent)| read_group(survey, at, sent));
        let groups = groups.collect::<Result<Vec<_>, _>>()?;
        survey.suppliers = Some(with_the_rest(survey, &groups));
        survey.active_ms = Some(world.now_ms());
        ok(&Value::Array(groups))
    })
}

/// What was sent, and every other supplier with nothing to bring: none can be taken off a survey, and one that is left out has
/// 0 (vendor wiki 855638135).
fn with_the_rest(survey: &Survey, sent: &[Value]) -> Vec<Value> {
    let cpi = survey.fields.copy("offer_price");
    let named = |id: &u64| sent.iter().any(|group| is_named(group, &id.to_string()));
    let rest = SUPPLIERS.iter().filter(|id| !named(id));
    let rest = rest.map(|id| group(None, None, 0, &cpi, &[shown(*id)]));
    sent.iter().cloned().chain(rest).collect()
}

fn read_group(survey: &Survey, at: usize, sent: &Sent) -> Result<Value, Failure> {
    let name = sent.group_name.as_deref();
    PRICE.check("cpi", &sent.cpi).map_err(invalid)?;
    if sent.suppliers.is_empty() || (sent.suppliers.len() > 1 && name.is_none()) {
        return Err(invalid(
            "suppliers must not be empty, and several need a group_name",
        ));
    }
    if let Some(id) = sent.suppliers.iter().find(|id| !SUPPLIERS.contains(id)) {
        return Err(invalid(format!("supplier {id} is unknown")));
    }
    let members: Vec<Value> = sent.suppliers.iter().copied().map(shown).collect();
    let made_up = letters(&format!("group/{}/{at}", survey.id), 10);
    let reference = sent
        .group_ref
        .as_deref()
        .or_else(|| name.map(|_| made_up.as_str()));
    Ok(group(reference, name, sent.completes_goal, &sent.cpi, &members))
}

/// How many completes of a quota a supplier, or a group of some, may bring.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Allocation {
    supplier_ref_id: String,
    current_target: u64,
}

/// Refuses allocations to a supplier not on the survey (vendor wiki 855736417).
pub(super) fn refuse_strangers(survey: &Survey, allocations: Option<&[Allocation]>) -> Result<(), Failure> {
    let groups = groups(survey);
    for Allocation { supplier_ref_id, .. } in allocations.unwrap_or_default() {
        if !groups.iter().any(|group| is_named(group, supplier_ref_id)) {
            return Err(invalid(format!(
                "supplier {supplier_ref_id} is not on the survey"
            )));
        }
    }
    Ok(())
}

/// A number is one supplier, other text a group's reference.
fn is_named(group: &Value, reference: &str) -> bool {
    let Ok(id) = reference.parse::<u64>() else {
        return group["group_ref"] == reference;
    };
    let mut members = group.list("suppliers").unwrap_or_default().iter();
    members.any(|member| member["id"] == id)
}
