//! Estimates (OpenAPI "Feasibility"). How the vendor comes to its numbers is not known; these follow from the goal and the
//! published example: 90 to 105 of 100 wanted, and nothing at all for less than half the suggested price (assumed).

use super::allocation::Allocations;
use super::definitions::business_unit;
use super::envelope::{INVALID_STATE, bad_field};
use super::prelude::*;
use super::{allocation, rate_card, unstored};

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
        return Err(INVALID_STATE.into());
    }
    let suggested = rate_card::cell(question.minutes, question.rate, &question.currency);
    let times = |percent: i64| {
        let value = suggested.value * Decimal::new(percent, 2);
        Money::new(value.round_dp(2), &question.currency).shown()
    };
    let price = question.price.as_ref();
    let dear = price.is_none_or(|price| price.value * Decimal::TWO >= suggested.value);
    let of_goal = |percent: u64| if dear { question.goal * percent / 100 } else { 0 };
    let (least, most) = (of_goal(90), of_goal(105));
    let mut shown = json!({
        "suggested_price": suggested.shown(),
        "suggested_price_range": {"min": times(80), "max": times(120)},
        "suggested_completes_goal_range": {"min": least, "max": most},
        "allocations": question.allocations.estimate(least, most),
    });
    let profiling = question.profiling.as_ref();
    shown.put_some(
        "profiles",
        profiling.map(|profiling| unstored::estimate(profiling, least, most)),
    );
    ok(&super::future(world, shown))
}

fn price(body: &Map<String, Value>) -> Result<Option<Money>, Failure> {
    // The former wins (OpenAPI).
    let raw = body.get("cost_per_interview").or_else(|| body.get("price"));
    let money = raw.filter(|raw| !raw.is_null()).map(Money::read).transpose();
    money.map_err(|reason| bad_field("cost_per_interview", reason))
}

/// Profiles of an estimate; sums are not wanted, the published example has one half.
fn profiling(body: &Map<String, Value>, locale: &str, goal: u64) -> Result<Option<Profiling>, Failure> {
    let Some(Value::Object(raw)) = body.get("profiling") else {
        return Ok(None);
    };
    let sums = false;
    let found = rules::read(raw, Frame::new(locale, goal, sums));
    let mut problems = Problems::default();
    let found = found.map_err(|found| rules::tell(&found, &mut problems));
    problems.check()?;
    let mut found = found.unwrap_or_default();
    found.complete(goal);
    Ok(Some(found))
}

fn allocations(body: &Map<String, Value>) -> Result<Option<Allocations>, Failure> {
    let read = |raw| allocation::read(raw, false, &Allocations::default());
    let found = body.field("allocations").map(read).transpose();
    found.map_err(|reason| bad_field("allocations", &reason))
}

/// `calculate_target_group_feasibility`: a specification that is stored nowhere.
pub(super) fn of_specification(world: &World, call: &Call) -> Outcome {
    let body = object(call)?;
    let of = |key: &str| body.get(key).unwrap_or(&Value::Null);
    let unit = business_unit(of("business_unit_id"));
    let unit = unit.ok_or_else(|| bad_request("business_unit_id is no business unit of the account"))?;
    let locale = body.word("locale").to_owned();
    if !definitions::is_locale(&locale) {
        return Err(bad_request("locale must be a known locale such as eng_us"));
    }
    let goal = whole(of("completes_goal")).filter(|goal| (1..=MOST).contains(goal));
    let minutes = whole(of("expected_length_of_interview_minutes")).filter(|n| (1..=45).contains(n));
    let rate = decimal(of("expected_incidence_rate"));
    let rate = rate.filter(|rate| *rate > Decimal::ZERO && *rate <= Decimal::ONE);
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
        allocations: allocations(&body)?.unwrap_or_default(),
        locale,
        minutes,
        rate,
        goal,
        end_ms,
    };
    answer(world, &question)
}

/// `calculate_target_group_feasibility_by_id`: a launched one, with other names for what is to be different.
pub(super) fn of_group(at: At<'_>, group: &Group) -> Outcome {
    let body = match at.call.body.is_empty() {
        true => Map::new(),
        false => object(at.call)?,
    };
    let known = of_known(group);
    let of = |key: &str| body.field(key);
    let goal = of("completes_goal").and_then(whole).unwrap_or(known.goal);
    let locale = body.text("locale").unwrap_or(&known.locale).to_owned();
    let question = Question {
        goal: goal.min(MOST),
        minutes: of("length_of_interview").and_then(whole).unwrap_or(known.minutes),
        rate: of("incidence_rate").and_then(decimal).unwrap_or(known.rate),
        end_ms: of("end_at").and_then(read_time).unwrap_or(known.end_ms),
        price: price(&body)?.or(known.price),
        profiling: profiling(&body, &locale, goal)?.or(known.profiling),
        allocations: allocations(&body)?.unwrap_or(known.allocations),
        currency: known.currency,
        locale,
    };
    answer(at.world, &question)
}

fn of_known(group: &Group) -> Question {
    let (minutes, rate) = group.length_and_rate();
    Question {
        locale: group.text("locale").to_owned(),
        currency: group.currency.clone(),
        minutes,
        rate,
        goal: group.goal,
        price: Some(life::price(group)),
        end_ms: group.run.as_ref().map_or(group.end_ms, |run| run.end_ms),
        profiling: group.profiling.clone(),
        allocations: group.allocations.clone(),
    }
}
