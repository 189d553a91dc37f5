//! The fields of a survey or group as a manifest writes them.

use super::private::{carries_secret, names_somebody};
use crate::model::{Criterion, Field, LiveQuota, LiveSurvey, Words};
use jiff::Timestamp;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

/// What a name of a quota may consist of.
const QUOTA_NAME_LENGTH: usize = 64;

/// What a vendor shows of something, as fields of a manifest.
pub(super) struct Written<'w> {
    pub(super) fields: Map<String, Value>,
    /// What the vendor's block says.
    pub(super) block: Map<String, Value>,
    /// Why something is left out, and what codes mean.
    pub(super) remarks: Vec<String>,
    words: &'w Words<'w>,
}

impl<'w> Written<'w> {
    /// Writes what is shown. Targeting that a template brought stays the template's.
    pub(super) fn of(live: &LiveSurvey, words: &'w Words<'w>, is_default: super::IsDefault<'_>) -> Self {
        let mut written = Self {
            fields: Map::new(),
            block: Map::new(),
            remarks: Vec::new(),
            words,
        };
        written.plain(live);
        if live.qualifications.is_absent() && live.spec.completes.value().is_some() {
            written.remark("who is asked is not shown by the vendor and stays unmanaged");
        }
        if live.spec.template.value().is_none() {
            written.qualifications(live);
            written.quotas(live);
        } else if !live.quotas.is_empty() || live.qualifications.value().is_some_and(|list| !list.is_empty())
        {
            written.remark("quotas and qualifications came with the template and stay unmanaged");
        }
        written.attributes(live, is_default);
        written
    }

    fn remark(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.remarks.contains(&text) {
            self.remarks.push(text);
        }
    }

    fn put(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.fields.insert(key.to_owned(), value);
        }
    }

    fn plain(&mut self, live: &LiveSurvey) {
        let spec = &live.spec;
        let text = |field: &Field<String>| field.value().filter(|text| !text.trim().is_empty()).cloned();
        self.put("title", text(&spec.title).map(Value::from));
        self.put("locale", text(&spec.locale).map(Value::from));
        let count = |field: &Field<u64>| field.value().copied().filter(|count| *count > 0).map(Value::from);
        self.put("completes", count(&spec.completes));
        let rate = self.whole("incidence_rate", &spec.incidence_rate);
        self.put("incidence_rate", rate);
        let minutes = self.whole("length_of_interview", &spec.length_of_interview);
        self.put("length_of_interview", minutes);
        self.put("field_days", count(&spec.field_days));
        let time = |field: &Field<Timestamp>| field.value().map(|time| Value::from(time.to_string()));
        let mut times = Map::new();
        times.extend(time(&spec.start).map(|start| ("start".to_owned(), start)));
        times.extend(time(&spec.end).map(|end| ("end".to_owned(), end)));
        self.put("field", (!times.is_empty()).then_some(Value::Object(times)));
        let price = |field: &Field<crate::model::Money>| {
            field
                .value()
                .filter(|price| !price.amount.is_zero())
                .map(|price| Value::from(price.to_string()))
        };
        let market = matches!(spec.cpi, Field::Null).then(|| Value::from("market"));
        self.put("cpi", price(&spec.cpi).or(market));
        self.put("max_cpi", price(&spec.max_cpi));
        for (key, field) in [("live_url", &spec.live_url), ("test_url", &spec.test_url)] {
            let Some(url) = text(field) else { continue };
            if carries_secret(&url) {
                self.remark(format!(
                    "`{key}` is left out: it may carry a secret or somebody's address"
                ));
            } else {
                self.put(key, Some(Value::from(url)));
            }
        }
        match live.status {
            Some(status) => self.put("status", Some(Value::from(status.to_string()))),
            None if !live.status_text.is_empty() => self.remark(format!(
                "`status` is left out: infield does not know {:?}",
                live.status_text
            )),
            None => {}
        }
    }

    fn whole(&mut self, key: &str, field: &Field<Decimal>) -> Option<Value> {
        let number = field.value()?;
        match number
            .to_u64()
            .filter(|whole| *whole > 0 && Decimal::from(*whole) == *number)
        {
            Some(whole) => Some(Value::from(whole)),
            None => {
                self.remark(format!(
                    "`{key}` is left out: {} is no whole number above zero",
                    number.normalize()
                ));
                None
            }
        }
    }

    fn qualifications(&mut self, live: &LiveSurvey) {
        let Some(list) = live.qualifications.value().filter(|list| !list.is_empty()) else {
            return;
        };
        let criteria = self.criteria(list);
        self.put("qualifications", Some(Value::Object(criteria)));
    }

    fn quotas(&mut self, live: &LiveSurvey) {
        let mut quotas = Vec::new();
        let mut unnamed = 0;
        for (index, quota) in live.quotas.iter().enumerate() {
            if quota.hidden || quota.completes == 0 || quota.criteria.is_empty() {
                unnamed += usize::from(quota.hidden || quota.completes > 0);
                continue;
            }
            // Where the vendor keeps no names, any will do.
            let name = if quota.nameless {
                Some(self.quota_name(quota, index))
            } else {
                quota.name.clone()
            };
            let usable = name.filter(|name| {
                !name.is_empty()
                    && name.len() <= QUOTA_NAME_LENGTH
                    && name
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
            });
            let Some(name) = usable else {
                unnamed += 1;
                continue;
            };
            quotas.push(
                json!({"name": name, "completes": quota.completes, "where": self.criteria(&quota.criteria)}),
            );
        }
        if unnamed > 0 {
            self.remark(format!(
                "quotas that infield cannot name, or cannot see, stay unmanaged: {unnamed}"
            ));
        }
        self.put("quotas", (!quotas.is_empty()).then_some(Value::Array(quotas)));
    }

    fn quota_name(&self, quota: &LiveQuota, index: usize) -> String {
        let answers: Vec<String> = quota
            .criteria
            .iter()
            .flat_map(|criterion| self.words.describe(criterion).1)
            .collect();
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let name: String = answers.join("-").chars().map(plain).take(40).collect();
        format!("{}-{}", name.trim_matches('-'), index + 1)
            .trim_start_matches('-')
            .to_owned()
    }

    fn criteria(&mut self, criteria: &[Criterion]) -> Map<String, Value> {
        let mut map = Map::new();
        for criterion in criteria {
            let (name, answers) = self.words.describe(criterion);
            self.explain(criterion, name, &answers);
            let answers: Vec<Value> = answers.into_iter().map(Value::from).collect();
            let value = match <[Value; 1]>::try_from(answers) {
                Ok([only]) => only,
                Err(several) => Value::from(several),
            };
            map.insert(name.to_owned(), value);
        }
        map
    }

    /// Says what codes mean that stand for themselves, where that is known.
    fn explain(&mut self, criterion: &Criterion, name: &str, answers: &[String]) {
        let Some(question) = self.words.codebook.question(&criterion.question) else {
            return;
        };
        if question.name.is_empty() && !question.label.is_empty() {
            self.remark(format!("question {name} is {:?}", question.label));
        }
        for answer in question.answers.iter().filter(|answer| answer.name.is_empty()) {
            if answers.iter().any(|written| written == answer.code) {
                self.remark(format!("answer {} of {name} is {:?}", answer.code, answer.label));
            }
        }
    }

    fn attributes(&mut self, live: &LiveSurvey, is_default: super::IsDefault<'_>) {
        for (key, field) in &live.spec.attributes {
            let Some(value) = field.value() else { continue };
            let nothing = match value {
                Value::Null | Value::Bool(false) => true,
                Value::String(text) => text.is_empty(),
                Value::Array(items) => items.is_empty(),
                Value::Object(map) => map.is_empty(),
                Value::Bool(true) | Value::Number(_) => false,
            };
            if nothing || is_default(key, value, &live.id) {
                continue;
            }
            if names_somebody(value) {
                self.remark(format!("`{key}` is left out: it holds somebody's address"));
                continue;
            }
            self.block.insert(key.clone(), value.clone());
        }
    }
}
