//! Feasibility of a specification that is stored nowhere: `calculate_target_group_feasibility` (OpenAPI).

use super::client::{Reader, known};
use super::encode::{self, attribute};
use super::wire::Feasibility;
use super::{allocations, fit, paths, profiling, resolve};
use crate::marketplace::contract::Estimates;
use crate::marketplace::http::json::{Decoded, mismatch};
use crate::marketplace::http::wire::{Object, typed};
use crate::marketplace::shelf::estimates::{Asked, Bounds, Estimate, needed};
use crate::model::{Field, Lexicon, Reading, SurveySpec};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;

impl Estimates for Reader {
    /// Qualifications and quotas are sent as profiles, by the library's numbers (OpenAPI).
    fn by_library(&self) -> bool {
        true
    }

    /// `cost_per_interview` is part of the question (OpenAPI).
    fn by_price(&self) -> bool {
        true
    }

    fn estimate<'a>(&'a self, asked: Asked<'a>) -> BoxFuture<'a, Reading<Estimate>> {
        Box::pin(async move {
            let body = match body(asked.spec, asked.lexicon, asked.now) {
                Ok(body) => body,
                Err(proof) => return Reading::Absent { proof },
            };
            let own = paths::account(self.cint.account);
            let path = format!("{own}/target-groups/calculate-feasibility");
            known(self.ask(path, body, "ask for an estimate", decode).await)
        })
    }
}

/// What an estimate takes of the body of a draft.
const TAKEN: [&str; 9] = [
    "business_unit_id",
    "locale",
    "expected_incidence_rate",
    "expected_length_of_interview_minutes",
    "completes_goal",
    "fielding_specification",
    "collects_pii",
    "cost_per_interview",
    "allocations",
];

fn body(spec: &SurveySpec, lexicon: Option<&Lexicon>, now: Timestamp) -> Result<Value, String> {
    needed(&spec.locale, "locale")?;
    needed(&spec.end, "field.end")?;
    attribute(spec, "business_unit").ok_or(
        "the manifest does not say `cint.business_unit`, which the vendor wants for an estimate; \
         `infield lookup business-units --vendor cint` lists them",
    )?;
    needed(&spec.incidence_rate, "incidence_rate")?;
    needed(&spec.length_of_interview, "length_of_interview")?;
    needed(&spec.completes, "completes")?;
    let mut asked = spec.clone();
    if asked.start.value().is_none() {
        // Without a start it goes in field when it is launched.
        asked.start = Field::Set(now);
    }
    let mut body = encode::draft(&asked).map_err(|refusal| refusal.message)?;
    body.retain(|key, _| TAKEN.contains(&key.as_str()));
    if allocations::of(spec).is_none() {
        body.shift_remove("allocations");
    }
    if spec.asks() {
        let lexicon = lexicon.ok_or("the questions library of the locale was not read")?;
        let resolved = resolve::resolve(spec, lexicon).map_err(|refusals| {
            let all: Vec<String> = refusals.into_iter().map(|refusal| refusal.message).collect();
            all.join("; ")
        })?;
        let (qualifications, quotas) = fit::targeting(&resolved);
        let profiles = profiling::encode(qualifications, quotas).map_err(|refusal| refusal.message)?;
        body.insert("profiling".to_owned(), profiling::body(&profiles));
    }
    Ok(Value::Object(body))
}

fn decode(body: &Value) -> Decoded<Estimate> {
    let shown: Feasibility = typed(body, "")?;
    let Some(price) = shown.suggested_price.value() else {
        return mismatch("/suggested_price", "an amount with its currency", &Value::Null);
    };
    Ok(Estimate {
        completes: bounds(&shown.suggested_completes_goal_range, |count| count.0),
        price: Some(price.0),
        prices: bounds(&shown.suggested_price_range, |price| price.0),
        ..Estimate::default()
    })
}

fn bounds<T, U>(shown: &Field<Object<Bounds<T>>>, of: fn(&T) -> U) -> Option<Bounds<U>> {
    let Object(Bounds { min, max }) = shown.value()?;
    Some(Bounds {
        min: of(min),
        max: of(max),
    })
}
