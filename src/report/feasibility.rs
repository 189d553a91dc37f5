//! Estimates of vendors, side by side: `infield.feasibility/1` as JSON, and as text.

use super::escape;
use super::words::{self, clean};
use crate::marketplace::shelf::estimates::Estimate;
use crate::model::{Address, Money, Reading, VendorId};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
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
    /// The vendor's estimate; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimate: Option<Estimate>,
    /// Why the vendor was not asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_asked: Option<String>,
    /// Why its answer is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
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
            estimate,
            not_asked,
            unknown,
        }
    }
}

/// The schema.
pub fn schema() -> serde_json::Value {
    SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<FeasibilityReport>()
        .to_value()
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
pub fn html(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut out = String::from(
        "<section><h2>Estimates of the vendors</h2><p>They promise nothing, and the plan does not depend on them.</p><ul>",
    );
    for row in rows {
        let lines: Vec<String> = lines(row).iter().map(|line| escape::html(line)).collect();
        let _ = write!(
            out,
            "<li><code>{}</code>: {}</li>",
            escape::html(&row.address),
            lines.join("; ")
        );
    }
    out.push_str("</ul></section>");
    out
}

fn lines(row: &Row) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(why) = &row.not_asked {
        lines.push(format!("not asked: {why}"));
    }
    if let Some(why) = &row.unknown {
        lines.push(format!("no estimate: {why}"));
    }
    let Some(estimate) = &row.estimate else {
        return lines;
    };
    if let Some(completes) = estimate.completes {
        lines.push(format!(
            "estimate: {} to {} completes",
            completes.min, completes.max
        ));
    }
    if let Some(total) = estimate.total {
        lines.push(format!("estimate: {total} completes over all quotas"));
    }
    if let Some(price) = &estimate.price {
        let range = estimate.prices.as_ref();
        let range = range.map(|range| format!(" ({} to {})", range.min, range.max));
        lines.push(format!("suggested price: {price}{}", range.unwrap_or_default()));
    }
    if !estimate.hard_quotas.is_empty() {
        lines.push(format!("hard to fill: {}", estimate.hard_quotas.join(", ")));
    }
    if let Some(opaque) = &estimate.opaque {
        lines.push(format!(
            "the vendor's figure for {} days: {} (no document says what it counts)",
            opaque.days, opaque.figure
        ));
    }
    lines
}
