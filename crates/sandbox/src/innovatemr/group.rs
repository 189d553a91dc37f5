//! Groups.

use super::prelude::*;
use super::record;

/// What can be written of a group, with what an omitted optional key goes back to (assumed, but the values of the
/// vendor's sample).
const WRITABLE: &str = "Name N IncidenceRate LengthOfInterview EstCostPerInterview MaximumCostPerInterview LiveSurveyUrl \
    TestSurveyUrl DeviceType Target Note Color Priority";

/// What has to be there.
const FIELDS: [(&str, Shape); 6] = [
    ("Name", Shape::Text),
    ("N", Shape::Whole(1, ANY)),
    ("IncidenceRate", Shape::Number(1, 100)),
    ("LengthOfInterview", Shape::Number(1, ANY)),
    ("LiveSurveyUrl", Shape::Text),
    ("Target", Shape::Object),
];
const COUNTRY: Shape = Shape::Like(library::is_country, "the English name of a country");

/// The time in field of the vendor's sample.
const FIELDING_MS: i64 = 11 * 86_400_000 - 1;

/// The fields of a body, complete and checked.
fn fields(world: &World, mut body: Map<String, Value>) -> Result<Map<String, Value>, Failure> {
    shape::check(&body, &FIELDS).map_err(|message| bad(world, message))?;
    let mut target = body.copy("Target");
    let country = COUNTRY.check("Target.Country", &target["Country"]);
    country.map_err(|message| bad(world, message))?;
    let language = library::language_id(target.text("Languages").unwrap_or("ENGLISH"));
    if language.is_none() {
        return Err(bad(
            world,
            "Target.Languages must be the upper-case name of a language",
        ));
    }
    target.put("Languages", [language]);
    if target.get("GeoIPCheck").is_none() {
        target.put("GeoIPCheck", 1);
    }
    body.put("Target", target);
    body.entry("TestSurveyUrl").or_insert(json!(""));
    body.entry("DeviceType").or_insert(json!(6));
    body.retain(|key, _| WRITABLE.split(' ').any(|known| known == key));
    Ok(body)
}

/// The group in the shape of the vendor's sample.
pub(super) fn shown(world: &World, group: &Record) -> Value {
    let mut map = group.fields.clone();
    // The sample has none of these.
    map.retain(|key, _| !["Note", "Color", "Priority"].contains(&key.as_str()));
    let estimate = map.get("EstCostPerInterview").cloned().unwrap_or(json!(0));
    if !world.is_on(switches::ECHO_MAX_CPI) {
        map.retain(|key, _| !["EstCostPerInterview", "MaximumCostPerInterview"].contains(&key.as_str()));
    }
    let target = &group.fields["Target"];
    let language = target["Languages"][0].as_u64().and_then(library::language_name);
    let created = time(group.created_ms);
    // As long as in the sample; where the days come from is not documented.
    let ends = time(group.created_ms.saturating_add(FIELDING_MS));
    map.put_all(json!({
        "CountryCode": library::country_code(target.word("Country")), "Language": language,
        "CostPerInterview": estimate, "Status": group.status, "Id": group.id, "JobId": group.parent,
        "CompanyId": 44, "SID": hex(format!("{} {}", world.seed, group.id), 4), "CreatedDate": created,
        "Fielding": {"FieldingStartDate": created, "FieldingEndDate": ends},
    }));
    Value::Object(map)
}

pub(super) fn create(world: &World, call: &Call, job: &str) -> Outcome {
    let body = body(world, call)?;
    let group = world.store.write(|batch| {
        let job = find(batch, world, Kind::Job, job)?;
        let fields = fields(world, body)?;
        Ok::<_, Failure>(make(batch, world, Kind::Group, job.id, fields)?)
    })?;
    ok("Group is created", "group", &shown(world, &group))
}

/// Replaces everything that can be written (assumed).
pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let body = body(world, call)?;
    let group = change(world, Kind::Group, id, |_, group| {
        group.fields = fields(world, body)?;
        Ok(())
    })?;
    ok("Group is updated", "group", &shown(world, &group))
}

pub(super) fn read(world: &World, id: &str) -> Outcome {
    let group = find(&world.store.view()?, world, Kind::Group, id)?;
    ok("Group details", "group", &shown(world, &group))
}

pub(super) fn set_status(world: &World, call: &Call, id: &str) -> Outcome {
    let check = |batch: &mut Batch<'_>, group: &Record, to| check_status(world, batch, group, to);
    let (message, group) = record::set_status(world, call, (Kind::Group, id), check)?;
    ok(&message, "group", &shown(world, &group))
}

fn check_status(world: &World, store: &impl Documents, group: &Record, to: i64) -> Result<(), Failure> {
    let conflict = |message: &str| Err(fail(world, StatusCode::CONFLICT, message));
    if to != LIVE || group.status == LIVE {
        return Ok(());
    }
    let ceiling = group.fields.get("MaximumCostPerInterview");
    if ceiling.and_then(Value::as_f64).is_none_or(|money| money <= 0.0) {
        return conflict("MaximumCostPerInterview must be set before the group goes live");
    }
    let job = find(store, world, Kind::Job, &group.parent.to_string())?;
    if job.status != LIVE {
        return conflict("The job of the group is not live");
    }
    Ok(())
}
