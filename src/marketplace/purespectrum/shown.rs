//! What the vendor shows of a survey, for tests elsewhere that have no business with its words.

use super::{decode, encode};
use crate::model::{Status, SurveySpec};
use serde_json::{Map, Value};

/// The document of a survey with these values.
pub(crate) fn survey(id: &str, status: Status, spec: &SurveySpec) -> Value {
    let mut body = Map::new();
    encode::fields(spec, &mut body);
    body.insert("ps_survey_id".to_owned(), Value::from(id));
    let code = decode::status_code(status);
    body.insert("ps_survey_status".to_owned(), Value::from(code));
    if let Some(criteria) = spec.qualifications.value() {
        body.insert("qualifications".to_owned(), encode::criteria(criteria));
    }
    if let Some(quotas) = spec.quotas.value() {
        let quotas = quotas.iter().map(encode::quota).collect();
        body.insert("quotas".to_owned(), quotas);
    }
    Value::Object(body)
}
