//! Feasibility and price without a survey: numbers that are made up, but always the same for the
//! same question.

use super::field::check;
use super::prelude::*;
use super::supplier;
use super::targeting::Qualification;
use rust_decimal::RoundingStrategy;
use sha2::{Digest, Sha256};

const REQUIRED: [&str; 5] = [
    "survey_localization",
    "completes_required",
    "expected_ir",
    "expected_loi",
    "field_time",
];

/// `POST /feasibility?summary=1|2` (vendor wiki 109740064, docs first-survey)
pub(super) fn estimate(call: &Call) -> Outcome {
    let in_full = match call.parameter("summary") {
        None | Some("1") => false,
        Some("2") => true,
        Some(_) => return Err(invalid("summary must be 1 or 2")),
    };
    let body = object(call)?;
    for name in REQUIRED {
        let value = body.get(name);
        check(name, value.ok_or_else(|| invalid(format!("{name} is required")))?)?;
    }
    let inputs = targeting::quotas(&body)?.ok_or_else(|| invalid("quotas is required"))?;
    let mut total = 0;
    let mut hard = Vec::new();
    let mut quotas = Vec::with_capacity(inputs.len());
    for (at, input) in inputs.iter().enumerate() {
        let count = reach(&body, &input.criteria);
        total += count;
        let id = input.buyer_quota_id.clone().unwrap_or_else(|| at.to_string());
        if count < input.required {
            hard.push(json!(id));
        }
        let mut shown = json!({"buyer_quota_id": id, "count": count});
        if in_full {
            shown["suppliers"] = supplier::split(count);
            shown["unused_qualifications"] = json!([]);
        }
        quotas.push(shown);
    }
    let cpi = number(price(whole(&body, "expected_loi"), whole(&body, "expected_ir")));
    ok(&json!({
        "quotas": quotas, "max_feasibility": 0, "recommended_cpi": cpi, "unused_criterias": [],
        "unused_qualifications": [], "feasibility_cpi": cpi, "total_feasibility": total,
        "difficult_quotas": hard,
    }))
}

fn whole(body: &Map<String, Value>, name: &str) -> u64 {
    body.count(name).unwrap_or(0)
}

/// Makes up how many people a quota reaches: less with every criterion, and in proportion to
/// incidence and days in field.
fn reach(body: &Map<String, Value>, criteria: &[Qualification]) -> u64 {
    let mut people: u64 = 2_000_000;
    for criterion in criteria {
        let digest = Sha256::digest(json!(criterion).to_string());
        people = people * (20 + u64::from(digest[0]) % 60) / 100;
    }
    let days = whole(body, "field_time").min(30);
    people * whole(body, "expected_ir") / 100 * days / 10
}

/// Makes up the market price per complete in USD from minutes and percent.
fn price(minutes: u64, percent: u64) -> Decimal {
    let at_full_incidence = Decimal::new(40, 2) + Decimal::new(7, 2) * Decimal::from(minutes);
    (at_full_incidence * Decimal::ONE_HUNDRED / Decimal::from(percent.max(1)))
        .round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Returns what the next complete costs in USD: the survey's price, or that of its dearest supplier (assumed).
pub(super) fn charged(survey: &Survey) -> Decimal {
    let own = super::supplier::dearest(survey);
    own.map_or_else(|| cpi(survey), |own| own.max(cpi(survey)))
}

/// Returns the price per complete in USD: what the survey offers, or the market's price.
pub(super) fn cpi(survey: &Survey) -> Decimal {
    let market = || price(survey.number("expected_loi"), survey.number("expected_ir"));
    survey.price().unwrap_or_else(market)
}
