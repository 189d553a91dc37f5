//! Feasibility without a survey: `POST /feasibility` (vendor wiki 109740064, docs first-survey). It stores nothing (assumed).

use super::decode::feasibility;
use super::encode::{localization, quota};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::json::number;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::estimates::{Estimate, needed};
use crate::model::targeting::canonical;
use crate::model::{Call, CallClass, Criteria, Criterion, Method, Quota, Reading, SurveySpec};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Asks for an estimate: once for each layer of quotas, because layers divide the same respondents, and quotas with ranges of
/// one question must not overlap (vendor wiki 34700934) once they repeat the qualifications.
pub(crate) async fn ask(session: &Session, spec: &SurveySpec) -> Reading<Estimate> {
    let bodies = match bodies(spec) {
        Ok(bodies) => bodies,
        Err(proof) => return Reading::Absent { proof },
    };
    let layers = join_all(bodies.into_iter().map(|body| layer(session, body))).await;
    let layers: Result<Vec<Estimate>, VendorError> = layers.into_iter().collect();
    layers.map_or_else(
        |error| error.unknown(),
        |layers| Reading::Present(together(layers)),
    )
}

async fn layer(session: &Session, body: Value) -> Result<Estimate, VendorError> {
    let path = "/feasibility?summary=1";
    let call = Call::new(Method::Post, path, CallClass::Read, "ask for an estimate").body(body);
    session.ask(&call, feasibility).await
}

/// The layer with the fewest completes decides, and the highest price: every layer has to be filled.
fn together(layers: Vec<Estimate>) -> Estimate {
    let prices = layers.iter().filter_map(|layer| layer.price);
    Estimate {
        total: layers.iter().filter_map(|layer| layer.total).min(),
        price: prices.max_by_key(|price| price.amount),
        hard_quotas: layers.into_iter().flat_map(|layer| layer.hard_quotas).collect(),
        ..Estimate::default()
    }
}

/// The questions, one a layer. Every quota repeats the qualifications that it does not narrow itself, as the vendor wants it
/// (vendor wiki 109740064).
fn bodies(spec: &SurveySpec) -> Result<Vec<Value>, String> {
    let completes = *needed(&spec.completes, "completes")?;
    let frame = json!({
        "survey_localization": localization(needed(&spec.locale, "locale")?),
        "completes_required": completes,
        "expected_ir": number(*needed(&spec.incidence_rate, "incidence_rate")?),
        "expected_loi": number(*needed(&spec.length_of_interview, "length_of_interview")?),
        "field_time": needed(&spec.field_days, "field_days")?,
    });
    let qualifications = spec.qualifications.value().cloned().unwrap_or_default();
    let mut quotas: Vec<Quota> = spec.quotas.value().into_iter().flatten().cloned().collect();
    // A stopped quota asks for nobody.
    quotas.retain(|quota| quota.completes > 0);
    if quotas.is_empty() {
        if qualifications.is_empty() {
            return Err(
                "the vendor estimates who fits quotas and qualifications, and the manifest has neither"
                    .to_owned(),
            );
        }
        quotas.push(Quota {
            name: "all".to_owned(),
            completes,
            criteria: Criteria::default(),
        });
    }
    let mut layers: BTreeMap<BTreeSet<String>, Vec<Value>> = BTreeMap::new();
    for mut asked in quotas {
        let own: BTreeSet<String> = asked.criteria.iter().map(|own| own.question.clone()).collect();
        let others = qualifications
            .iter()
            .filter(|other| !own.contains(&other.question));
        let all: Vec<Criterion> = asked.criteria.iter().chain(others).cloned().collect();
        asked.criteria = canonical(all);
        layers.entry(own).or_default().push(quota(&asked));
    }
    let body = |quotas: Vec<Value>| {
        let mut body = frame.clone();
        body["quotas"] = Value::Array(quotas);
        body
    };
    Ok(layers.into_values().map(body).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Answers, Field};

    #[test]
    fn every_quota_repeats_the_qualifications_and_nothing_is_made_up() {
        let criterion = |question: &str, code: &str| Criterion {
            question: question.to_owned(),
            unit: None,
            answers: Answers::Codes([code.to_owned()].into()),
        };
        let mut spec = SurveySpec {
            locale: Field::Set("en-US".to_owned()),
            completes: Field::Set(100),
            incidence_rate: Field::Set(50.into()),
            length_of_interview: Field::Set(10.into()),
            qualifications: Field::Set(vec![criterion("211", "111"), criterion("219", "112")].into()),
            quotas: Field::Set(
                vec![Quota {
                    name: "men".to_owned(),
                    completes: 50,
                    criteria: vec![criterion("211", "112")].into(),
                }]
                .into(),
            ),
            ..SurveySpec::default()
        };
        assert!(bodies(&spec).unwrap_err().contains("`field_days`"));
        spec.field_days = Field::Set(7);
        let body = bodies(&spec).unwrap().remove(0);
        assert_eq!(
            body["quotas"][0]["criteria"],
            json!([
                {"qualification_code": 211, "condition_codes": ["112"]},
                {"qualification_code": 219, "condition_codes": ["112"]},
            ])
        );
    }
}
