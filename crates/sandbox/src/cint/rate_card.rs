//! Rate cards: what an interview costs by its length and the incidence rate.
//!
//! The matrix is the published one, cell by cell, with the cells that lost their point (32 beside 373). The document
//! names no unit; here a cell is in hundredths (assumed).

use super::definitions::{business_unit, has};
use super::prelude::*;

const LENGTHS: [u64; 13] = [3, 6, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60];
const RATES: [u64; 10] = [75, 50, 30, 20, 15, 10, 7, 5, 3, 1];
const CELLS: [[i64; 10]; 13] = [
    [32, 373, 495, 67, 898, 1248, 1895, 277, 347, 4695],
    [374, 427, 549, 724, 952, 1302, 1949, 2824, 3524, 4749],
    [434, 487, 609, 784, 1012, 1362, 2009, 2884, 3584, 4809],
    [494, 547, 669, 844, 1072, 1422, 2069, 2944, 3644, 4869],
    [554, 607, 729, 904, 1132, 1482, 2129, 3004, 3704, 4929],
    [614, 667, 789, 964, 1192, 1542, 2189, 3064, 3764, 4989],
    [739, 791, 914, 1089, 1316, 1666, 2314, 3189, 3889, 5114],
    [849, 902, 1024, 1199, 1427, 1777, 2424, 3299, 3999, 5224],
    [972, 1024, 1147, 1322, 1549, 1899, 2547, 3422, 4122, 5347],
    [1056, 1108, 1231, 1406, 1633, 1983, 2631, 3506, 4206, 5431],
    [114, 1192, 1315, 149, 1717, 2067, 2715, 359, 429, 5515],
    [1224, 1276, 1399, 1574, 1801, 2151, 2799, 3674, 4374, 5599],
    [1308, 136, 1483, 1658, 1885, 2235, 2883, 3758, 4458, 5683],
];
const TOKEN: &str = "UkNUPUNPVU5UUlk6UkNWPTE2OkNDPVVT";

fn card(currency: &str) -> Value {
    json!({
        "data_format": "loi_ir_matrix", "length_of_interview_minutes": LENGTHS, "incidence_rate_percents": RATES,
        "pricing_table_currency_code": currency, "pricing_table_data": CELLS,
    })
}

/// The price of a cell: the first row that is long enough, the first column that is rare enough.
pub(super) fn cell(minutes: u64, rate: Decimal, currency: &str) -> Money {
    let row = LENGTHS.iter().position(|length| minutes <= *length).unwrap_or(12);
    let percent = rate * Decimal::ONE_HUNDRED;
    let column = RATES.iter().position(|rate| percent >= Decimal::from(*rate));
    let column = column.unwrap_or(9);
    Money::new(Decimal::new(CELLS[row][column], 2), currency)
}

/// The price of a target group by its length and incidence rate.
pub(super) fn price(group: &Group) -> Money {
    let (minutes, rate) = group.length_and_rate();
    cell(minutes, rate, &group.currency)
}

/// `get_rate_card`.
pub(super) fn by_unit(call: &Call, unit: &str) -> Outcome {
    let country = call.parameter("country_code").unwrap_or_default();
    if !has("countries", country) {
        return Err(bad_request("country_code must be a country such as US"));
    }
    let unit = business_unit(&json!(unit)).ok_or(NOT_FOUND)?;
    let card = card(&unit.currency);
    ok(&json!({"country_code": country, "token": TOKEN, "rate_card_data": card}))
}

/// `get_target_group_rate_card`: predicted before the first launch, bound afterwards.
pub(super) fn of_group(group: &Group) -> Value {
    let (_, country) = group.text("locale").split_once('_').unwrap_or(("", "us"));
    let kind = if group.is_draft() { "predicted" } else { "bound" };
    json!({
        "country_code": country.to_uppercase(), format!("{kind}_rate_card_token"): TOKEN,
        format!("{kind}_rate_card"): card(&group.currency),
    })
}
