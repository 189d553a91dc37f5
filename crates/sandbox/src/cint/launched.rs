//! What only a launched or scheduled target group has: details, overview, price, filling strategy; and the list, which
//! has drafts as well.

use super::auth::{ACCOUNT, ACCOUNT_NAME, Caller};
use super::draft::{changes, is_url};
use super::envelope::{Outcome, bad_fields, bad_request, not_allowed, not_found, object, ok};
use super::life::{self, change};
use super::money::{Money, decimal, fraction, number, time, whole};
use super::page;
use super::project::{is_name, is_reference};
use super::record::{self, COMPLETED, Group, save_group};
use super::switches;
use super::{definitions, future};
use crate::{Call, Failure, World};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// Highest price per interview in USD (OpenAPI `update_cost_per_interview`); other currencies unchecked (assumed).
const HIGHEST_USD: i64 = 105;

fn details(world: &World, group: &Group, links: bool) -> Value {
    let mut shown = Map::new();
    shown.insert("id".to_owned(), json!(group.id));
    shown.insert("human_readable_id".to_owned(), json!(group.human_id));
    shown.insert("account_name".to_owned(), json!(ACCOUNT_NAME));
    shown.extend(group.fields.clone());
    shown.shift_remove("re_entry_configuration");
    // A number in a draft, a string here (published examples).
    let unit = group.fields.get("business_unit_id").map(Value::to_string);
    shown.insert("business_unit_id".to_owned(), json!(unit));
    shown.insert("completes_goal".to_owned(), json!(group.goal));
    shown.insert("created_at".to_owned(), json!(time(group.created_ms)));
    if links && let Some(url) = group.fields.get("test_url") {
        shown.insert(
            "links".to_owned(),
            json!({"test_screener": url, "test_client_survey": url}),
        );
    }
    let mut shown = Value::Object(shown);
    future(world, &mut shown);
    shown
}

/// `get_target_group_details`.
pub(super) fn get_details(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    Ok(ok(&details(world, &group, true)))
}

/// `update_launched_target_group_details`: a replacement of what can still be changed.
pub(super) fn put_details(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(&call.body)?;
    let group = world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        let before = group.clone();
        write_details(world, &body, &mut group)?;
        let now = world.now_ms();
        group.updated_ms = now;
        let changes = changes(&before, &group);
        life::note(&mut group, now, Some(caller.user_id), changes);
        save_group(batch, &group)?;
        Ok::<_, Failure>(group)
    })?;
    Ok(ok(&details(world, &group, false)))
}

fn write_details(world: &World, body: &Map<String, Value>, group: &mut Group) -> Result<(), Failure> {
    let mut problems = Vec::new();
    let mut wrong = |name: &str, reason: &str| problems.push((name.to_owned(), reason.to_owned()));
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let mut fields = group.fields.clone();
    let mut required = |key: &str, is_right: fn(&str) -> bool, reason: &str| match text(key) {
        Some(text) if is_right(&text) => {
            fields.insert(key.to_owned(), json!(text.trim()));
        }
        _ => wrong(key, reason),
    };
    required("name", is_name, "must have 5 to 128 characters");
    required(
        "project_manager_id",
        definitions::is_user,
        "is no user of the account",
    );
    required("industry_lockout_code", definitions::is_lockout, "is not known");
    required(
        "live_url",
        is_url,
        "must be an HTTPS URL of at most 3000 characters",
    );
    required(
        "test_url",
        is_url,
        "must be an HTTPS URL of at most 3000 characters",
    );
    match body.get("expected_length_of_interview_minutes").and_then(whole) {
        Some(minutes) if (1..=45).contains(&minutes) => {
            fields.insert("expected_length_of_interview_minutes".to_owned(), json!(minutes));
        }
        _ => wrong("expected_length_of_interview_minutes", "must be from 1 to 45"),
    }
    let rate = body.get("expected_incidence_rate").and_then(decimal);
    match rate.map(|rate| rate.normalize()) {
        Some(rate) if (Decimal::ZERO..=Decimal::ONE).contains(&rate) && rate.scale() <= 2 => {
            fields.insert("expected_incidence_rate".to_owned(), number(rate));
        }
        _ => wrong("expected_incidence_rate", "must be from 0 to 1 in steps of 0.01"),
    }
    let clears = world.is_on(switches::DETAILS_PUT_CLEARS);
    let reference = "target_group_customer_reference_number";
    match body.get(reference) {
        None if !clears => {}
        None | Some(Value::Null) => {
            fields.shift_remove(reference);
        }
        Some(Value::String(text)) if is_reference(text) => {
            fields.insert(reference.to_owned(), json!(text));
        }
        Some(_) => wrong(reference, "must have 3 to 128 letters, digits, blanks, - or _"),
    }
    let note = "client_cost_per_interview_note";
    match body.get(note) {
        None if !clears => {}
        None | Some(Value::Null) => {
            fields.shift_remove(note);
        }
        Some(_) if group.pricing_model != "dynamic" => wrong(note, "is for dynamic pricing only"),
        Some(raw) => match Money::read(raw) {
            Ok(money) if money.currency == group.currency => {
                fields.insert(note.to_owned(), money.shown());
            }
            Ok(_) => wrong(note, "has another currency than the business unit"),
            Err(reason) => wrong(note, reason),
        },
    }
    if !problems.is_empty() {
        return Err(bad_fields(&problems));
    }
    group.fields = fields;
    Ok(())
}

fn progress(group: &Group) -> Value {
    json!({
        "current_completes": group.counts.completes,
        "current_prescreens": group.counts.prescreens,
        "filling_goal": group.goal,
        "filling_strategy": group.strategy,
    })
}

fn overview(world: &World, group: &Group, project_name: &str) -> Value {
    let counts = &group.counts;
    let price = life::price(group);
    let locale = group.text("locale");
    let (language, country) = locale.split_once('_').unwrap_or((locale, ""));
    let restricted = group.assistant.contains_key("pricing");
    let status = match group.status() {
        "paused" if world.is_on(switches::NEW_WORDS) => "hibernating",
        status => status,
    };
    let mut shown = json!({
        "project_name": project_name,
        "target_group_name": group.text("name"),
        "human_readable_id": group.human_id,
        "project_manager_id": group.text("project_manager_id"),
        "progress": progress(group),
        "pricing_model": group.pricing_model,
        "is_pricing_restricted": restricted,
        "current_cost_per_interview": price.shown_long(),
        "current_cost": Money::new(counts.cost, &group.currency).shown_long(),
        "status": status,
        "country_code": country.to_uppercase(),
        "language_code": language.to_uppercase(),
        "conversion_rate": fraction(counts.completes, counts.entrants),
        "drop_off_rate": 0,
        "incidence_rate": fraction(counts.completes, counts.completes + counts.terminations),
        "median_length_of_interview_seconds": if counts.completes == 0 { json!(null) } else {
            json!(60 * group.fields.get("expected_length_of_interview_minutes").and_then(Value::as_u64).unwrap_or(0))
        },
        "study_type_code": group.text("study_type_code"),
        "target_group_customer_reference_number": group.fields.get("target_group_customer_reference_number"),
        "created_at": time(group.created_ms),
    });
    if counts.completes > 0 {
        let average = (counts.cost / Decimal::from(counts.completes)).round_dp(4);
        shown["average_cost_per_interview"] = Money::new(average, &group.currency).shown_long();
    }
    future(world, &mut shown);
    shown
}

/// `get_target_group_overview`.
pub(super) fn get_overview(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    let project = world.store.read(|view| record::project(view, project))?;
    Ok(ok(&overview(world, &group, &project.name)))
}

/// `get_target_group_overview_by_target_group_id`: needs neither account nor project in the path.
pub(super) fn get_overview_by_id(world: &World, id: &str) -> Outcome {
    let project = world
        .store
        .read(|view| record::project_of(view, id))?
        .ok_or_else(not_found)?;
    let group = life::read_launched(world, &project, id)?;
    let project = world.store.read(|view| record::project(view, &project))?;
    let mut shown = overview(world, &group, &project.name);
    shown["account_id"] = json!(ACCOUNT);
    shown["project_id"] = json!(project.id);
    // Null is allowed in the other form only.
    if shown["median_length_of_interview_seconds"].is_null() {
        shown["median_length_of_interview_seconds"] = json!(0);
    }
    Ok(ok(&shown))
}

/// `update_cost_per_interview`.
pub(super) fn put_cpi(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(&call.body)?;
    let raw = body.get("target_group_cpi").unwrap_or(&Value::Null);
    let wrong = |reason: &str| bad_fields(&[("target_group_cpi".to_owned(), reason.to_owned())]);
    let mut money = Money::read(raw).map_err(wrong)?;
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        if group.pricing_model != "dynamic" {
            return Err(bad_request("the price of a rate card cannot be set"));
        }
        if money.currency != group.currency {
            return Err(wrong("has another currency than the business unit"));
        }
        if money.currency == "USD" && money.value > Decimal::from(HIGHEST_USD) {
            return Err(wrong("must not be above 105.00 USD"));
        }
        if world.is_on(switches::CPI_ROUNDED) {
            money.value = money.value.round_dp(2);
        }
        let now = world.now_ms();
        let before = group.cpi.as_ref().map_or(Value::Null, Money::shown);
        let effective = life::price(&group).shown();
        group.cpi = Some(money.clone());
        group.effective_cpi = limited(&group, &money);
        group.updated_ms = now;
        let mut changes = vec![change("user_requested_cpi_change", &before, &money.shown())];
        let after = life::price(&group).shown();
        if after != effective {
            changes.push(change("cpi_change", &effective, &after));
        }
        life::note(&mut group, now, Some(caller.user_id), changes);
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(ok(&json!({"target_group_cpi": money.shown()})))
}

/// The price the pricing module makes of a requested one; `None` where nothing interferes.
fn limited(group: &Group, requested: &Money) -> Option<Money> {
    let pricing = group.assistant.get("pricing")?;
    let of = |key: &str| Money::read(&pricing[key]).ok().map(|money| money.value);
    let mut value = requested.value;
    if let Some(least) = of("minimum_cpi") {
        value = value.max(least);
    }
    if let Some(most) = of("maximum_cpi") {
        value = value.min(most);
    }
    (value != requested.value).then(|| Money::new(value, &requested.currency))
}

/// `update_filling_strategy`: 405 when completed (assumed; the document only says that there is a 405), 404 for drafts.
pub(super) fn put_strategy(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(&call.body)?;
    let wanted = match body.get("filling_strategy").and_then(Value::as_str) {
        Some(word @ ("automated" | "prescreens" | "completes")) => word.to_owned(),
        _ => {
            return Err(bad_request(
                "filling_strategy must be automated, prescreens or completes",
            ));
        }
    };
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        if group.status() == COMPLETED {
            return Err(not_allowed());
        }
        let now = world.now_ms();
        if group.strategy != wanted {
            let note = change("filling_strategy_change", &json!(group.strategy), &json!(wanted));
            life::note(&mut group, now, Some(caller.user_id), vec![note]);
            group.strategy.clone_from(&wanted);
            group.updated_ms = now;
        }
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(ok(&json!({"filling_strategy": wanted})))
}

/// `get_list_target_groups`: drafts and launched ones alike, the only place that shows the status of both.
pub(super) fn list(world: &World, call: &Call, project: &str) -> Outcome {
    world.store.read(|view| record::project(view, project))?;
    let mut groups = life::read_all(world, project)?;
    if groups.iter().any(|group| group.hidden_lists > 0) {
        world.store.write(|batch| {
            for group in groups.iter_mut().filter(|group| group.hidden_lists > 0) {
                let mut nearer = group.clone();
                nearer.hidden_lists -= 1;
                save_group(batch, &nearer)?;
            }
            Ok::<_, Failure>(())
        })?;
        groups.retain(|group| group.hidden_lists == 0);
    }
    let many = |name: &str| -> Vec<&str> {
        let values = call.query.iter().filter(|(key, _)| key == name);
        values.map(|(_, value)| value.as_str()).collect()
    };
    let statuses = many("status");
    if let Some(odd) = statuses.iter().find(|status| !is_status(status)) {
        return Err(bad_request(format!("status {odd} is not known")));
    }
    let (countries, languages) = (many("country"), many("language"));
    let (people, references) = (
        many("human_readable_ids"),
        many("target_group_customer_reference_numbers"),
    );
    let excluding = call.parameter("exclusion_status");
    let manager = call.parameter("project_manager_id");
    let search = call.parameter("search_string").or_else(|| call.parameter("name"));
    let search = search.map(str::to_lowercase);
    let any = |wanted: &[&str], value: &str| wanted.is_empty() || wanted.contains(&value);
    groups.retain(|group| {
        let (language, country) = group.text("locale").split_once('_').unwrap_or_default();
        any(&statuses, group.status())
            && any(&countries, country)
            && any(&languages, language)
            && any(&people, &group.human_id)
            && any(&references, group.text("target_group_customer_reference_number"))
            && manager.is_none_or(|manager| group.text("project_manager_id") == manager)
            && excluding.is_none_or(|wanted| wanted == group.exclusion.to_string())
            && search.as_deref().is_none_or(|text| {
                group.text("name").to_lowercase().contains(text)
                    || group.human_id.to_lowercase().contains(text)
            })
    });
    let items = groups
        .iter()
        .map(|group| (group.id.clone(), item(world, group)))
        .collect();
    let page = page::cut(call, items, 10, 100)?;
    let mut body = json!({"url": format!("/accounts/{ACCOUNT}/projects/{project}/target-groups")});
    page.mark(&mut body);
    body["target_groups"] = json!(page.items);
    Ok(ok(&body))
}

fn is_status(word: &str) -> bool {
    matches!(
        word,
        "draft" | "scheduled" | "live" | "paused" | "completed" | "archived"
    )
}

fn item(world: &World, group: &Group) -> Value {
    let counts = &group.counts;
    let status = match group.status() {
        "paused" if world.is_on(switches::NEW_WORDS) => "hibernating",
        status => status,
    };
    let metric = |value: Value| json!({"value": value, "issues": []});
    let mut statistics = json!({"progress": metric(progress(group))});
    if counts.completes > 0 {
        let average = (counts.cost / Decimal::from(counts.completes)).round_dp(4);
        let average = Money::new(average, &group.currency).shown_long();
        statistics["average_cost_per_interview"] = metric(average);
        let rate = fraction(counts.completes, counts.completes + counts.terminations);
        statistics["incidence_rate"] = metric(rate);
        statistics["conversion_rate"] = metric(fraction(counts.completes, counts.entrants));
        if let Some((at, _)) = counts.log.last() {
            statistics["last_complete_date"] = metric(json!(time(*at)));
        }
    }
    let mut shown = json!({
        "id": group.id,
        "human_readable_id": group.human_id,
        "name": group.text("name"),
        "project_manager_id": group.text("project_manager_id"),
        "exclusion_enabled": group.exclusion,
        "locale": group.text("locale"),
        "status": status,
        "created_at": time(group.created_ms),
        "updated_at": time(group.updated_ms),
        "statistics": statistics,
        "target_group_customer_reference_number": group.fields.get("target_group_customer_reference_number"),
    });
    future(world, &mut shown);
    shown
}
