//! From our vocabulary to the vendor's bodies.

use super::attributes;
use crate::marketplace::http::json::number;
use crate::model::{Answers, Criterion, Field, Quota, SurveySpec};
use serde_json::{Map, Value, json};

/// `en-US` as the vendor writes it, `en_US`: one language, one country (vendor wiki 237502474).
pub(super) fn localization(locale: &str) -> String {
    locale.replace('-', "_")
}

/// A criterion: condition codes are strings, question and unit codes numbers.
pub(super) fn criterion(criterion: &Criterion) -> Value {
    let code = code_number(&criterion.question);
    match &criterion.answers {
        Answers::Codes(codes) => json!({"qualification_code": code, "condition_codes": codes}),
        Answers::Ranges(ranges) => {
            let ranges: Vec<Value> = ranges
                .iter()
                .map(|range| {
                    let mut set = json!({"from": range.from, "to": range.to});
                    if let Some(unit) = &criterion.unit {
                        set["units"] = code_number(unit);
                    }
                    set
                })
                .collect();
            json!({"qualification_code": code, "range_sets": ranges})
        }
    }
}

fn code_number(code: &str) -> Value {
    code.parse::<u64>()
        .map_or_else(|_| Value::from(code), Value::from)
}

/// Several criteria.
pub(super) fn criteria(list: &[Criterion]) -> Value {
    list.iter().map(criterion).collect()
}

/// A quota; our name is its `buyer_quota_id`.
pub(super) fn quota(quota: &Quota) -> Value {
    json!({
        "buyer_quota_id": quota.name,
        "required_count": quota.completes,
        "criteria": criteria(&quota.criteria),
    })
}

/// Puts every single-valued field the spec mentions into a body. Lists, status and template are the caller's.
pub(super) fn fields(spec: &SurveySpec, body: &mut Map<String, Value>) {
    let SurveySpec {
        title,
        locale,
        completes,
        incidence_rate,
        length_of_interview,
        field_days,
        cpi,
        live_url,
        test_url,
        attributes: settings,
        // Times and ceilings are refused when the manifest is checked: it takes days, and the offer is the price.
        ..
    } = spec;
    let mut put = |key: &str, value: Field<Value>| match value {
        Field::Absent => {}
        Field::Null => drop(body.insert(key.to_owned(), Value::Null)),
        Field::Set(value) => drop(body.insert(key.to_owned(), value)),
    };
    put("survey_title", title.clone().map(Value::from));
    put(
        "survey_localization",
        locale.as_ref().map(|l| Value::from(localization(l))),
    );
    put("completes_required", completes.clone().map(Value::from));
    put("expected_ir", incidence_rate.clone().map(number));
    put("expected_loi", length_of_interview.clone().map(number));
    put("field_time", field_days.clone().map(Value::from));
    put("offer_price", cpi.as_ref().map(|m| number(m.amount)));
    put("live_url", live_url.clone().map(Value::from));
    put("test_url", test_url.clone().map(Value::from));
    for (key, value) in settings {
        let Some(setting) = attributes::setting(key).filter(|setting| !setting.patch_only) else {
            continue;
        };
        let value = match value {
            Field::Absent => continue,
            Field::Null => &Value::Null,
            Field::Set(value) => value,
        };
        for (wire, value) in setting.encode(value) {
            body.insert(wire.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Range;

    #[test]
    fn codes_are_strings_and_question_and_unit_codes_numbers() {
        let age = Criterion {
            question: "212".to_owned(),
            unit: Some("311".to_owned()),
            answers: Answers::ranges([Range { from: 18, to: 24 }]),
        };
        assert_eq!(
            criterion(&age),
            json!({"qualification_code": 212, "range_sets": [{"from": 18, "to": 24, "units": 311}]})
        );
        let zip = Criterion {
            question: "229".to_owned(),
            unit: None,
            answers: Answers::codes(["03070"]),
        };
        assert_eq!(
            criterion(&zip),
            json!({"qualification_code": 229, "condition_codes": ["03070"]})
        );
    }

    #[test]
    fn money_is_written_as_people_write_it() {
        assert_eq!(number("3.75".parse().unwrap()).to_string(), "3.75");
        assert_eq!(number("4.10".parse().unwrap()).to_string(), "4.1");
        assert_eq!(number("10.00".parse().unwrap()).to_string(), "10");
    }

    #[test]
    fn only_what_is_mentioned_is_sent() {
        let spec = SurveySpec {
            title: Field::Set("Soda".to_owned()),
            test_url: Field::Null,
            attributes: [("category".to_owned(), Field::Set(json!(232)))].into(),
            ..SurveySpec::default()
        };
        let mut body = Map::new();
        fields(&spec, &mut body);
        assert_eq!(
            Value::Object(body),
            json!({"survey_title": "Soda", "test_url": null, "survey_category_code": 232})
        );
    }
}
