//! What a vendor estimates for a survey or group that does not exist yet. Advice: nothing is planned on it.
//!
//! Promises: only calls that store nothing; what a manifest does not say is not made up, but told as the reason why the
//! vendor cannot be asked; a figure whose meaning no document gives is passed on without a unit.

use crate::marketplace::connect::Reader;
use crate::marketplace::{cint, purespectrum};
use crate::model::{Field, Lexicon, Money, Reading, SurveySpec, VendorId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An estimate, as far as the vendor gives one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Estimate {
    /// Completes that the vendor believes can be had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completes: Option<Bounds<u64>>,
    /// Completes over all quotas, where the vendor sums them up; of several layers of quotas, the one with the fewest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// Price per complete that the vendor suggests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub price: Option<Money>,
    /// Prices around it, where the vendor gives a range.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Bounds<String>>")]
    pub prices: Option<Bounds<Money>>,
    /// Quotas that the vendor finds hard to fill.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hard_quotas: Vec<String>,
    /// A figure for a number of days in field, in the vendor's own form; no document says what it counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub opaque: Option<Opaque>,
}

/// From and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Bounds<T> {
    /// Least.
    pub min: T,
    /// Most.
    pub max: T,
}

/// A figure without a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Opaque {
    /// Days in field.
    pub days: u64,
    /// The figure.
    pub figure: serde_json::Value,
}

/// The value of a field that a vendor needs, or why it cannot be asked.
pub(crate) fn needed<'a, T>(field: &'a Field<T>, key: &str) -> Result<&'a T, String> {
    field
        .value()
        .ok_or_else(|| format!("the manifest does not say `{key}`, which the vendor wants for an estimate"))
}

impl Reader {
    /// Asks for an estimate. `lexicon` is the library of the locale, at Cint where a group asks questions; `days` the time in
    /// field where neither the manifest nor the vendor has one. `Absent` where the vendor cannot be asked.
    pub async fn estimate(
        &self,
        spec: &SurveySpec,
        lexicon: Option<&Lexicon>,
        now: Timestamp,
        days: u64,
    ) -> Reading<Estimate> {
        match self.vendor() {
            VendorId::PureSpectrum => purespectrum::estimates::ask(&self.session, spec).await,
            VendorId::Cint => {
                cint::estimates::ask(&self.session, &self.markets.cint, spec, lexicon, now).await
            }
            VendorId::InnovateMr => {
                let wanted = needed(&spec.completes, "completes")
                    .and(needed(&spec.incidence_rate, "incidence_rate"))
                    .and(needed(&spec.length_of_interview, "length_of_interview"))
                    .and(needed(&spec.locale, "locale").map(drop));
                if let Err(proof) = wanted {
                    return Reading::Absent { proof };
                }
                let days = spec.field_days.value().copied().unwrap_or(days);
                match self.opaque_estimates(spec, days).await {
                    Ok(rows) => match rows.into_iter().flatten().find(|(row, _)| *row == days) {
                        Some((days, figure)) => Reading::Present(Estimate {
                            opaque: Some(Opaque { days, figure }),
                            ..Estimate::default()
                        }),
                        None => Reading::Unknown {
                            why: format!("the vendor's answer has no figure for {days} days"),
                        },
                    },
                    Err(error) => Reading::Unknown {
                        why: error.to_string(),
                    },
                }
            }
        }
    }
}
