//! Feasibility of a specification that is stored nowhere: `calculate_target_group_feasibility` (OpenAPI).

use super::client::{read, unknown};
use super::encode::{self, attribute, time};
use super::{Cint, canonical, locale, paths, profiling, resolve};
use crate::marketplace::http::json::{Decoded, count, mismatch, number};
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Bounds, Estimate, needed};
use crate::model::{Call, CallClass, Lexicon, Method, Money, Reading, SurveySpec};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Asks for an estimate.
pub(crate) async fn ask(
    session: &Session,
    cint: &Cint,
    spec: &SurveySpec,
    lexicon: Option<&Lexicon>,
    now: Timestamp,
) -> Reading<Estimate> {
    let body = match body(spec, lexicon, now) {
        Ok(body) => body,
        Err(proof) => return Reading::Absent { proof },
    };
    let call = Call {
        body: Some(body),
        ..Call::new(
            Method::Post,
            format!(
                "{}/target-groups/calculate-feasibility",
                paths::account(cint.account)
            ),
            CallClass::Read,
            "ask for an estimate",
        )
    };
    let answer = session.call(&call, &|_, _| {}).await;
    match answer.and_then(|body| read(&body, decode)) {
        Ok(estimate) => Reading::Present(estimate),
        Err(error) => unknown(&error),
    }
}

fn body(spec: &SurveySpec, lexicon: Option<&Lexicon>, now: Timestamp) -> Result<Value, String> {
    let tag = needed(&spec.locale, "locale")?;
    let code = locale::to_vendor(tag)
        .ok_or_else(|| format!("infield does not know Cint's code for the locale {tag}"))?;
    let end = *needed(&spec.end, "field.end")?;
    let unit = attribute(spec, "business_unit").ok_or(
        "the manifest does not say `cint.business_unit`, which the vendor wants for an estimate; \
         `infield lookup business-units --vendor cint` lists them",
    )?;
    let rate = *needed(&spec.incidence_rate, "incidence_rate")?;
    let mut body = json!({
        "business_unit_id": unit,
        "locale": code,
        "expected_incidence_rate": number(rate / Decimal::ONE_HUNDRED),
        "expected_length_of_interview_minutes": number(*needed(&spec.length_of_interview, "length_of_interview")?),
        "completes_goal": needed(&spec.completes, "completes")?,
        // Without a start it goes in field when it is launched.
        "fielding_specification": {
            "start_at": time(spec.start.value().copied().unwrap_or(now)), "end_at": time(end),
        },
        "collects_pii": attribute(spec, "collects_pii").cloned().unwrap_or(Value::Bool(false)),
    });
    if let Some(price) = spec.cpi.value() {
        body["cost_per_interview"] = encode::money(price);
    }
    if let Some(allocations) = attribute(spec, "allocations") {
        body["allocations"] = encode::allocations(Some(allocations), "suppliers");
    }
    if spec.asks() {
        let lexicon = lexicon.ok_or("the questions library of the locale was not read")?;
        let resolved = resolve::resolve(spec, lexicon).map_err(|refusals| {
            let all: Vec<String> = refusals.into_iter().map(|refusal| refusal.message).collect();
            all.join("; ")
        })?;
        let list = resolved.qualifications.value().cloned().unwrap_or_default();
        let quotas = resolved.quotas.value().cloned().unwrap_or_default();
        let profiles = profiling::encode(&list, &quotas).map_err(|refusal| refusal.message)?;
        body["profiling"] = json!({"profile_adjustment_type": "nominal", "profiles": profiles});
    }
    Ok(body)
}

fn decode(body: &Value) -> Decoded<Estimate> {
    let raw = body.get("suggested_price").unwrap_or(&Value::Null);
    let Some(price) = canonical::vendor_money(raw) else {
        return mismatch("/suggested_price", "an amount with its currency", raw);
    };
    let prices = body.get("suggested_price_range");
    let completes = body.get("suggested_completes_goal_range");
    Ok(Estimate {
        completes: bounds(completes, count),
        price: Some(price),
        prices: bounds::<Money>(prices, canonical::vendor_money),
        ..Estimate::default()
    })
}

fn bounds<T>(range: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Option<Bounds<T>> {
    let range = range?;
    Some(Bounds {
        min: read(range.get("min")?)?,
        max: read(range.get("max")?)?,
    })
}
