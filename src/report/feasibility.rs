//! Estimates of vendors, side by side: `infield.feasibility/1` as JSON, and as text.

use super::escape;
use super::html::code;
use super::words::{self, clean};
use crate::marketplace::shelf::estimates::{Bounds, Estimate};
use crate::model::{Address, Money, Reading, VendorId};
use maud::{Markup, html};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Estimates of vendors for what manifests want.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield feasibility")]
pub struct FeasibilityReport {
    /// The format's name and version.
    pub format: Format,
    /// The environment.
    pub environment: String,
    /// One entry for each survey or group that has respondents of its own, in the order of their names.
    pub surveys: Vec<Row>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.feasibility/1")]
    V1,
}

/// What the manifest wants, and what the vendor estimates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Row {
    /// The survey or group.
    pub address: String,
    /// Where.
    pub vendor: String,
    /// Completes wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<u64>,
    /// Price per complete in the manifest; its ceiling where that is what a vendor takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub price: Option<Money>,
    /// How far it is, where it is in field: the vendor was then asked about the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_field: Option<SoFar>,
    /// The vendor's estimate; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// The vendor's estimates at other prices, the lowest first; only where they were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at_prices: Vec<AtPrice>,
    /// A price that is far below the suggested one, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<String>,
    /// Why the vendor was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_asked: Option<String>,
    /// Why its answer is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

/// Completes that the vendor believes can be had at a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AtPrice {
    /// The price per complete.
    #[schemars(with = "String")]
    pub price: Money,
    /// The completes; absent where the vendor gave no estimate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<Bounds<u64>>,
}

/// How far something in field is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SoFar {
    /// Completes collected.
    pub completes: u64,
    /// Completes wanted in all.
    pub goal: u64,
    /// The incidence rate that the vendor measured, percent, once it rests on more than a handful.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub incidence_rate: Option<Decimal>,
}

impl Row {
    /// A row.
    pub fn new(
        address: &Address,
        vendor: VendorId,
        completes: Option<u64>,
        price: Option<Money>,
        reading: Reading<Estimate>,
    ) -> Self {
        let (estimate, not_asked, unknown) = match reading {
            Reading::Present(estimate) => (Some(estimate), None, None),
            Reading::Absent { proof } => (None, Some(proof), None),
            Reading::Unknown { why } => (None, None, Some(why)),
        };
        Self {
            address: address.to_string(),
            vendor: vendor.key().to_owned(),
            completes,
            price,
            in_field: None,
            estimate,
            at_prices: Vec::new(),
            alarm: None,
            not_asked,
            unknown,
        }
    }

    /// The price that the vendor suggests.
    pub fn suggested(&self) -> Option<Money> {
        self.estimate.as_ref()?.price
    }
}

/// The estimates for people: a block for each survey or group.
pub fn text(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        let vendor = match VendorId::from_key(&row.vendor) {
            Some(vendor) => vendor.name(),
            None => row.vendor.as_str(),
        };
        let completes = row.completes.map(|n| format!("{n} completes"));
        let price = row.price.as_ref().map(|price| format!("at {price}"));
        let wanted: Vec<String> = completes.into_iter().chain(price).collect();
        let wanted = match wanted.join(" ") {
            wanted if wanted.is_empty() => String::new(),
            wanted => format!(", {wanted} wanted"),
        };
        let _ = writeln!(out, "{} ({vendor}){wanted}", row.address);
        for line in lines(row) {
            let _ = writeln!(out, "  {}", clean(&line));
        }
    }
    out
}

/// The estimates below a plan in a comment, folded away; nothing where there are none.
pub fn markdown(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n<details><summary>estimates of the vendors: {} asked about, promising nothing</summary>\n\n",
        words::count(rows.len(), "survey or group", "surveys and groups")
    );
    for row in rows {
        let lines: Vec<String> = lines(row).iter().map(|line| escape::prose(line)).collect();
        let _ = writeln!(out, "* {}: {}", escape::code(&row.address), lines.join("; "));
    }
    out.push_str("\n</details>\n");
    out
}

/// The estimates as a section of a plan's page; nothing where there are none.
pub(super) fn html(rows: &[Row]) -> Markup {
    html! {
        @if !rows.is_empty() {
            section {
                h2 { "Estimates of the vendors" }
                p { "They promise nothing, and the plan does not depend on them." }
                ul {
                    @for row in rows { li { (code(&row.address)) ": " (clean(&lines(row).join("; "))) } }
                }
            }
        }
    }
}

fn lines(row: &Row) -> Vec<String> {
    let asked = row.not_asked.iter().map(|why| format!("not asked: {why}"));
    let known = row.unknown.iter().map(|why| format!("no estimate: {why}"));
    let so_far = row.in_field.iter().map(|so_far| {
        let rate = so_far
            .incidence_rate
            .map(|rate| format!(", at the measured incidence rate of {rate}%"));
        let (completes, goal) = (so_far.completes, so_far.goal);
        format!(
            "in field with {completes} of {goal}: asked about the rest{}",
            rate.unwrap_or_default()
        )
    });
    let mut lines: Vec<String> = so_far.chain(asked).chain(known).collect();
    let Some(estimate) = &row.estimate else {
        return lines;
    };
    let completes = estimate.completes.iter();
    lines.extend(completes.map(|range| format!("estimate: {} to {} completes", range.min, range.max)));
    let total = estimate.total.iter();
    lines.extend(total.map(|total| format!("estimate: {total} completes over all quotas")));
    let range = estimate
        .prices
        .as_ref()
        .map(|range| format!(" ({} to {})", range.min, range.max));
    let range = range.unwrap_or_default();
    lines.extend(
        estimate
            .price
            .iter()
            .map(|price| format!("suggested price: {price}{range}")),
    );
    lines.extend(row.at_prices.iter().map(|at| match &at.completes {
        Some(range) => format!("at {}: {} to {} completes", at.price, range.min, range.max),
        None => format!("at {}: no estimate", at.price),
    }));
    lines.extend(row.alarm.iter().map(|alarm| format!("alarm: {alarm}")));
    if !estimate.hard_quotas.is_empty() {
        lines.push(format!("hard to fill: {}", estimate.hard_quotas.join(", ")));
    }
    lines.extend(estimate.opaque.iter().map(|opaque| {
        let (days, figure) = (opaque.days, &opaque.figure);
        let assumed = match &opaque.money {
            Some(money) => format!(", taken as money {money} (assumed; "),
            None => " (".to_owned(),
        };
        format!("the vendor's figure for {days} days: {figure}{assumed}no document says what it counts)")
    }));
    lines
}
