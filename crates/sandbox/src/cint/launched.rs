//! What only a launched or scheduled target group has: details, overview, price, filling strategy; and the list, which
//! has drafts as well.

use super::auth::ACCOUNT_NAME;
use super::draft::changes;
use super::envelope::{NOT_ALLOWED, bad_field};
use super::form::{Form, LENGTH, NOTE, REFERENCE};
use super::future;
use super::life::change;
use super::prelude::*;

/// Highest price per interview in USD (OpenAPI `update_cost_per_interview`); other currencies unchecked (assumed).
const HIGHEST_USD: i64 = 105;

/// `get_target_group_details`.
pub(super) fn details(world: &World, group: &Group, links: bool) -> Value {
    let mut shown = json!({
        "id": group.id, "human_readable_id": group.human_id, "account_name": ACCOUNT_NAME,
    });
    let mut fields = group.fields.clone();
    fields.shift_remove("re_entry_configuration");
    shown.put_all(fields);
    // A number in a draft, a string here (published examples).
    let unit = group.fields.get("business_unit_id").map(Value::to_string);
    shown.put_all(json!({
        "business_unit_id": unit, "completes_goal": group.goal, "created_at": time(group.created_ms),
    }));
    if links && let Some(url) = group.fields.get("test_url") {
        shown.put("links", json!({"test_screener": url, "test_client_survey": url}));
    }
    future(world, shown)
}

/// `update_launched_target_group_details`: a replacement of what can still be changed.
pub(super) fn put_details(at: At<'_>, group: &mut Group) -> Outcome {
    let before = group.clone();
    group.fields = read_details(at.world, &object(at.call)?, group)?;
    let changes = changes(&before, group);
    at.note(group, changes);
    ok(&details(at.world, group, false))
}

fn read_details(
    world: &World,
    body: &Map<String, Value>,
    group: &Group,
) -> Result<Map<String, Value>, Failure> {
    let mut form = Form::new(body, group.fields.clone());
    form.plain();
    form.required(
        "project_manager_id",
        definitions::is_user,
        "is no user of the account",
    );
    form.code("industry_lockout_code", None, "industry-lockouts");
    form.urls(Form::required);
    for key in [REFERENCE, NOTE] {
        let left_out = !body.contains_key(key) && !world.is_on(switches::DETAILS_PUT_CLEARS);
        if !left_out && body.field(key).is_none() {
            form.fields.shift_remove(key);
        }
    }
    form.reference();
    if let Some(raw) = body.field(NOTE) {
        let money = if group.pricing_model == "dynamic" {
            Money::read(raw)
        } else {
            Err("is for dynamic pricing only")
        };
        if let Some(money) = form.problems.take(NOTE, money) {
            let own = Some(money).filter(|money| money.currency == group.currency);
            let reason = "has another currency than the business unit";
            form.keep(NOTE, own.map(|money| money.shown()), reason);
        }
    }
    form.problems.check()?;
    Ok(form.fields)
}

/// How far a target group is, and what it makes of those who come.
fn progress(group: &Group) -> Value {
    json!({
        "current_completes": group.counts.completes, "current_prescreens": group.counts.prescreens,
        "filling_goal": group.goal, "filling_strategy": group.strategy,
    })
}

/// What a complete cost so far, if there is one.
fn average(group: &Group) -> Option<Value> {
    let cost = group
        .counts
        .cost
        .checked_div(Decimal::from(group.counts.completes))?;
    Some(Money::new(cost.round_dp(4), &group.currency).shown_long())
}

/// `get_target_group_overview`.
pub(super) fn overview(world: &World, group: &Group) -> Result<Value, Failure> {
    let project_name = record::project(&world.store.view()?, &group.project)?.name;
    let counts = &group.counts;
    let (language, country) = group.language_and_country();
    let minutes = group.fields.count(LENGTH).unwrap_or(0);
    let mut shown = json!({
        "project_name": project_name,
        "target_group_name": group.text("name"),
        "human_readable_id": group.human_id,
        "project_manager_id": group.text("project_manager_id"),
        "progress": progress(group),
        "pricing_model": group.pricing_model,
        "is_pricing_restricted": group.assistant.contains_key("pricing"),
        "current_cost_per_interview": life::price(group).shown_long(),
        "current_cost": Money::new(counts.cost, &group.currency).shown_long(),
        "status": group.status_word(world),
        "country_code": country.to_uppercase(),
        "language_code": language.to_uppercase(),
        "conversion_rate": counts.conversion(),
        "drop_off_rate": 0,
        "incidence_rate": counts.incidence(),
        "median_length_of_interview_seconds": (counts.completes > 0).then_some(60 * minutes),
        "study_type_code": group.text("study_type_code"),
        "target_group_customer_reference_number": group.fields.get(REFERENCE),
        "created_at": time(group.created_ms),
    });
    shown.put_some("average_cost_per_interview", average(group));
    Ok(future(world, shown))
}

/// `get_target_group_overview_by_target_group_id`: needs neither account nor project in the path.
pub(super) fn overview_by_id(at: At<'_>) -> Outcome {
    let project = record::project_of(&at.world.store.view()?, at.id)?.ok_or(NOT_FOUND)?;
    let group = life::read(at.world, &project, at.id)?;
    group.launched()?;
    let mut shown = overview(at.world, &group)?;
    shown.put_all(json!({"account_id": ACCOUNT, "project_id": project}));
    // Null is allowed in the other form only.
    if shown["median_length_of_interview_seconds"].is_null() {
        shown["median_length_of_interview_seconds"] = json!(0);
    }
    ok(&shown)
}

/// `update_cost_per_interview`.
pub(super) fn put_cpi(at: At<'_>, group: &mut Group) -> Outcome {
    let raw = object(at.call)?.copy("target_group_cpi");
    let wrong = |reason: &str| bad_field("target_group_cpi", reason);
    let mut money = Money::read(&raw).map_err(wrong)?;
    if group.pricing_model != "dynamic" {
        return Err(bad_request("the price of a rate card cannot be set"));
    }
    if money.currency != group.currency {
        return Err(wrong("has another currency than the business unit"));
    }
    if money.currency == "USD" && money.value > Decimal::from(HIGHEST_USD) {
        return Err(wrong("must not be above 105.00 USD"));
    }
    if at.world.is_on(switches::CPI_ROUNDED) {
        money.value = money.value.round_dp(2);
    }
    let before = group.cpi.as_ref().map_or(Value::Null, Money::shown);
    let effective = life::price(group).shown();
    let shown = money.shown();
    group.effective_cpi = limited(group, &money);
    group.cpi = Some(money);
    let mut changes = vec![change("user_requested_cpi_change", &before, &shown)];
    changes.extend(changed("cpi_change", &effective, &life::price(group).shown()));
    at.note(group, changes);
    ok(&json!({"target_group_cpi": shown}))
}

/// The price the pricing module makes of a requested one; `None` where nothing interferes.
fn limited(group: &Group, requested: &Money) -> Option<Money> {
    let pricing = group.assistant.get("pricing")?;
    let of = |key: &str| Money::read(&pricing[key]).ok().map(|money| money.value);
    let least = of("minimum_cpi").unwrap_or(requested.value);
    let most = of("maximum_cpi").unwrap_or(Decimal::MAX);
    let value = requested.value.max(least).min(most);
    (value != requested.value).then(|| Money::new(value, &requested.currency))
}

/// `update_filling_strategy`: 405 when completed (assumed; the document only says that there is a 405), 404 for drafts.
pub(super) fn put_strategy(at: At<'_>, group: &mut Group) -> Outcome {
    let body = object(at.call)?;
    let Some(wanted @ ("automated" | "prescreens" | "completes")) = body.text("filling_strategy") else {
        let message = "filling_strategy must be automated, prescreens or completes";
        return Err(bad_request(message));
    };
    if group.status() == COMPLETED {
        return Err(NOT_ALLOWED.into());
    }
    let entry = changed("filling_strategy_change", &json!(group.strategy), &json!(wanted));
    if let Some(entry) = entry {
        at.note(group, vec![entry]);
        wanted.clone_into(&mut group.strategy);
    }
    ok(&json!({"filling_strategy": wanted}))
}

/// `get_list_target_groups`: drafts and launched ones alike, the only place that shows the status of both.
pub(super) fn list(world: &World, call: &Call, project: &str) -> Outcome {
    record::project(&world.store.view()?, project)?;
    let mut groups = life::read_all(world, project)?;
    let hidden: Vec<Group> = groups.extract_if(.., |group| group.hidden_lists > 0).collect();
    if !hidden.is_empty() {
        world.store.write(|batch| {
            let mut nearer = hidden.into_iter();
            nearer.try_for_each(|mut group| {
                group.hidden_lists -= 1;
                save_group(batch, &group)
            })
        })?;
    }
    let statuses = call.parameters("status");
    if let Some(odd) = statuses.iter().find(|status| !STATUSES.contains(status)) {
        return Err(bad_request(format!("status {odd} is not known")));
    }
    let (countries, languages) = (call.parameters("country"), call.parameters("language"));
    let people = call.parameters("human_readable_ids");
    let references = call.parameters("target_group_customer_reference_numbers");
    let excluding = call.parameter("exclusion_status");
    let manager = call.parameter("project_manager_id");
    let search = call.parameter("search_string").or_else(|| call.parameter("name"));
    let search = search.unwrap_or_default().to_lowercase();
    let any = |wanted: &[&str], value: &str| wanted.is_empty() || wanted.contains(&value);
    let has = |text: &str| text.to_lowercase().contains(&search);
    groups.retain(|group| {
        let (language, country) = group.language_and_country();
        any(&statuses, group.status())
            && any(&countries, country)
            && any(&languages, language)
            && any(&people, &group.human_id)
            && any(&references, group.text(REFERENCE))
            && manager.is_none_or(|manager| group.text("project_manager_id") == manager)
            && excluding.is_none_or(|wanted| wanted == group.exclusion.to_string())
            && (has(group.text("name")) || has(&group.human_id))
    });
    let items = groups.iter().map(|group| (group.id.clone(), item(world, group)));
    let page = page::cut(call, items.collect(), 10, 100)?;
    let mut body = json!({"url": format!("/accounts/{ACCOUNT}/projects/{project}/target-groups")});
    page.mark(&mut body);
    body["target_groups"] = json!(page.items);
    ok(&body)
}

const STATUSES: [&str; 6] = ["draft", "scheduled", "live", "paused", "completed", "archived"];

fn item(world: &World, group: &Group) -> Value {
    let counts = &group.counts;
    let metric = |value: Value| json!({"value": value, "issues": []});
    let mut statistics = json!({"progress": metric(progress(group))});
    if let Some(average) = average(group) {
        statistics["average_cost_per_interview"] = metric(average);
        statistics["incidence_rate"] = metric(counts.incidence());
        statistics["conversion_rate"] = metric(counts.conversion());
        if let Some((at, _)) = counts.log.last() {
            statistics["last_complete_date"] = metric(json!(time(*at)));
        }
    }
    let shown = json!({
        "id": group.id, "human_readable_id": group.human_id, "name": group.text("name"),
        "project_manager_id": group.text("project_manager_id"), "exclusion_enabled": group.exclusion,
        "locale": group.text("locale"), "status": group.status_word(world),
        "created_at": time(group.created_ms), "updated_at": time(group.updated_ms), "statistics": statistics,
        "target_group_customer_reference_number": group.fields.get(REFERENCE),
    });
    future(world, shown)
}
