//! Estimates (OpenAPI "Feasibility"). How the vendor comes to its numbers is not known; these follow from the goal and the
//! published example: 90 to 105 of 100 wanted, and nothing at all for less than half the suggested price (assumed).

use super::allocation::{self, Allocations};
use super::definitions::{self, business_unit};
use super::envelope::{Outcome, bad_fields, bad_request, invalid_state, object, ok};
use super::life;
use super::money::{Money, decimal, read_time, whole};
use super::profiling::Profiling;
use super::rate_card;
use super::record::Group;
use super::rules::{self, Frame};
use super::unstored;
use crate::{Call, Failure, World};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// OpenAPI: an estimate's goal is at most this.
const MOST: u64 = 10_000;

/// What an estimate is about.
struct Question {
    locale: String,
    currency: String,
    minutes: u64,
    rate: Decimal,
    goal: u64,
    price: Option<Money>,
    end_ms: i64,
    profiling: Option<Profiling>,
    allocations: Allocations,
}

fn answer(world: &World, question: &Question) -> Outcome {
    if question.end_ms <= world.now_ms() {
        return Err(invalid_state());
    }
    let suggested = rate_card::cell(question.minutes, question.rate, &question.currency);
    let times = |percent: i64| {
        let value = suggested.value * Decimal::new(percent, 2);
        Money::new(value.round_dp(2), &question.currency).shown()
    };
    let dear = question
        .price
        .as_ref()
        .is_none_or(|price| price.value * Decimal::TWO >= suggested.value);
    let (least, most) = if dear {
        (question.goal * 90 / 100, question.goal * 105 / 100)
    } else {
        (0, 0)
    };
    let mut shown = json!({
        "suggested_price": suggested.shown(),
        "suggested_price_range": {"min": times(80), "max": times(120)},
        "suggested_completes_goal_range": {"min": least, "max": most},
        "allocations": question.allocations.estimate(least, most),
    });
    if let Some(profiling) = &question.profiling {
        shown["profiles"] = Value::Array(unstored::estimate(profiling, least, most));
    }
    super::future(world, &mut shown);
    Ok(ok(&shown))
}

fn price(body: &Map<String, Value>) -> Result<Option<Money>, Failure> {
    // The former wins (OpenAPI).
    match body.get("cost_per_interview").or_else(|| body.get("price")) {
        None | Some(Value::Null) => Ok(None),
        Some(raw) => Money::read(raw)
            .map(Some)
            .map_err(|reason| bad_fields(&[("cost_per_interview".to_owned(), reason.to_owned())])),
    }
}

/// Profiles of an estimate; sums are not wanted, the published example has one half.
fn profiling(body: &Map<String, Value>, locale: &str, goal: u64) -> Result<Option<Profiling>, Failure> {
    let Some(Value::Object(raw)) = body.get("profiling") else {
        return Ok(None);
    };
    let frame = Frame {
        locale,
        goal,
        sums: false,
    };
    let mut found = rules::read(raw, frame).map_err(|problems| {
        let plain: Vec<(String, String)> = problems.iter().map(rules::Problem::plain).collect();
        bad_fields(&plain)
    })?;
    found.complete(goal);
    Ok(Some(found))
}

fn allocations(body: &Map<String, Value>) -> Result<Allocations, Failure> {
    match body.get("allocations") {
        None | Some(Value::Null) => Ok(Allocations::default()),
        Some(raw) => {
            let mut problems = Vec::new();
            let found = allocation::read(raw, false, &Allocations::default(), &mut problems);
            if problems.is_empty() {
                Ok(found)
            } else {
                Err(bad_fields(&problems))
            }
        }
    }
}

/// `calculate_target_group_feasibility`: a specification that is stored nowhere.
pub(super) fn of_specification(world: &World, call: &Call) -> Outcome {
    let body = object(&call.body)?;
    let of = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let Some(unit) = business_unit(of("business_unit_id")) else {
        return Err(bad_request("business_unit_id is no business unit of the account"));
    };
    let locale = of("locale").as_str().unwrap_or_default().to_owned();
    if !definitions::is_locale(&locale) {
        return Err(bad_request("locale must be a known locale such as eng_us"));
    }
    let goal = whole(of("completes_goal")).filter(|goal| (1..=MOST).contains(goal));
    let minutes = whole(of("expected_length_of_interview_minutes")).filter(|n| (1..=45).contains(n));
    let rate =
        decimal(of("expected_incidence_rate")).filter(|rate| *rate > Decimal::ZERO && *rate <= Decimal::ONE);
    let window = of("fielding_specification");
    let (start, end) = (read_time(&window["start_at"]), read_time(&window["end_at"]));
    let (Some(goal), Some(minutes), Some(rate), Some(_), Some(end_ms)) = (goal, minutes, rate, start, end)
    else {
        return Err(bad_request(
            "completes_goal 1-10000, expected_length_of_interview_minutes 1-45, expected_incidence_rate above 0 and fielding_specification are required",
        ));
    };
    let question = Question {
        profiling: profiling(&body, &locale, goal)?,
        currency: unit.currency.to_owned(),
        price: price(&body)?,
        allocations: allocations(&body)?,
        locale,
        minutes,
        rate,
        goal,
        end_ms,
    };
    answer(world, &question)
}

/// `calculate_target_group_feasibility_by_id`: a launched one, with other names for what is to be different.
pub(super) fn of_group(world: &World, call: &Call, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    let body = if call.body.is_empty() {
        Map::new()
    } else {
        object(&call.body)?
    };
    let known = of_known(&group);
    let of = |key: &str| body.get(key).filter(|value| !value.is_null());
    let goal = of("completes_goal").and_then(whole).unwrap_or(known.goal);
    let locale = of("locale")
        .and_then(Value::as_str)
        .unwrap_or(&known.locale)
        .to_owned();
    let question = Question {
        goal: goal.min(MOST),
        minutes: of("length_of_interview").and_then(whole).unwrap_or(known.minutes),
        rate: of("incidence_rate").and_then(decimal).unwrap_or(known.rate),
        end_ms: of("end_at").and_then(read_time).unwrap_or(known.end_ms),
        price: price(&body)?.or(known.price),
        profiling: profiling(&body, &locale, goal)?.or(known.profiling),
        allocations: if of("allocations").is_some() {
            allocations(&body)?
        } else {
            known.allocations
        },
        currency: known.currency,
        locale,
    };
    answer(world, &question)
}

fn of_known(group: &Group) -> Question {
    let minutes = group.fields.get("expected_length_of_interview_minutes");
    let rate = group.fields.get("expected_incidence_rate");
    Question {
        locale: group.text("locale").to_owned(),
        currency: group.currency.clone(),
        minutes: minutes.and_then(Value::as_u64).unwrap_or(10),
        rate: rate.and_then(decimal).unwrap_or(Decimal::ONE),
        goal: group.goal,
        price: Some(life::price(group)),
        end_ms: group.run.as_ref().map_or(group.end_ms, |run| run.end_ms),
        profiling: group.profiling.clone(),
        allocations: group.allocations.clone(),
    }
}
