//! The fields of a survey or group as a manifest writes them.

use super::names::Taken;
use super::private::{carries_secret, names_somebody};
use crate::model::fields::{Datum, Form, ROWS, Row};
use crate::model::{Answers, Criterion, Field, FieldName, LiveQuota, LiveSurvey, Quota, Words};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Whether a value is worth writing: blank texts, and numbers and prices of zero are how vendors show nothing.
fn says_something(datum: &Datum<'_>) -> bool {
    match datum {
        Datum::Text(text) => !text.trim().is_empty(),
        Datum::Count(count) => **count > 0,
        Datum::Price(price) => !price.amount.is_zero(),
        _ => true,
    }
}

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

    /// Writes what is one value, and the status.
    fn plain(&mut self, live: &LiveSurvey) {
        for row in ROWS {
            let shown = live.spec.get(&row.name);
            let value = match (row.form, shown.value()) {
                (Form::Template | Form::Criteria | Form::Quotas, _) => continue,
                (Form::Status, _) => self.status(live),
                (Form::Price, None) => {
                    let market = row.name == FieldName::Cpi && shown == Field::Null;
                    market.then(|| Value::from("market"))
                }
                (_, None) => None,
                // No vendor shows whom a list names.
                (Form::Respondents, Some(_)) => None,
                (Form::Number, Some(Datum::Decimal(number))) => self.number(row, **number),
                (Form::Url, Some(Datum::Text(url))) if carries_secret(url) => {
                    self.remark(format!(
                        "`{}` is left out: it may carry a secret or somebody's address",
                        row.last_key()
                    ));
                    None
                }
                (_, Some(datum)) => says_something(datum).then(|| shown.json()),
            };
            if let Some(value) = value {
                self.put(row, value);
            }
        }
    }

    /// Puts a value where its field stands: under its key, or in the mapping there.
    fn put(&mut self, row: &Row, value: Value) {
        let (key, last) = (row.key(), row.last_key());
        if key == last {
            self.fields.insert(key.to_owned(), value);
        } else if let Value::Object(map) = self.fields.entry(key).or_insert_with(|| json!({})) {
            map.insert(last.to_owned(), value);
        }
    }

    fn status(&mut self, live: &LiveSurvey) -> Option<Value> {
        if live.status.is_none() && !live.status_text.is_empty() {
            self.remark(format!(
                "`status` is left out: infield does not know {:?}",
                live.status_text
            ));
        }
        live.status.map(|status| Value::from(status.to_string()))
    }

    fn number(&mut self, row: &Row, number: Decimal) -> Option<Value> {
        if number > Decimal::ZERO {
            return serde_json::from_str(&number.normalize().to_string()).ok();
        }
        self.remark(format!(
            "`{}` is left out: {} is no number above zero",
            row.last_key(),
            number.normalize()
        ));
        None
    }

    fn qualifications(&mut self, live: &LiveSurvey) {
        let Some(list) = live.qualifications.value().filter(|list| !list.is_empty()) else {
            return;
        };
        let criteria = self.criteria(list);
        self.fields
            .insert("qualifications".to_owned(), Value::Object(criteria));
    }

    fn quotas(&mut self, live: &LiveSurvey) {
        let mut quotas = Vec::new();
        let mut unnamed = 0;
        let mut names = Taken::default();
        let mut keys: BTreeSet<&str> = BTreeSet::new();
        // A key that is a name stays one, whatever is made of others.
        let seen = live.quotas.iter().filter_map(|quota| quota.name.as_deref());
        seen.filter(|key| Quota::is_name(key))
            .for_each(|key| names.take(key));
        for (index, quota) in live.quotas.iter().enumerate() {
            if quota.hidden || quota.completes == 0 || quota.criteria.is_empty() {
                unnamed += usize::from(quota.hidden || quota.completes > 0);
                continue;
            }
            let fits = |key: &&str| !key.is_empty() && key.chars().count() <= Quota::LONGEST_KEY;
            let key = quota.name.as_deref().filter(fits).filter(|key| keys.insert(key));
            // Where the vendor keeps no names, any will do.
            if key.is_none() && !quota.nameless {
                unnamed += 1;
                continue;
            }
            let asked = self.quota_name(quota, index);
            let name = match key {
                Some(key) if Quota::is_name(key) => key.to_owned(),
                key => {
                    let says = key.filter(|key| key.bytes().any(|b| b.is_ascii_alphabetic()));
                    names.name(says.unwrap_or(&asked), &asked, &(index + 1).to_string())
                }
            };
            let mut entry = Map::new();
            entry.insert("name".to_owned(), Value::from(name));
            if let Some(key) = key.filter(|key| !Quota::is_name(key)) {
                entry.insert("id".to_owned(), Value::from(key.replace("${", "$${")));
            }
            entry.insert("completes".to_owned(), Value::from(quota.completes));
            let criteria = self.criteria(&quota.criteria);
            entry.insert("where".to_owned(), Value::Object(criteria));
            quotas.push(Value::Object(entry));
        }
        if unnamed > 0 {
            self.remark(format!(
                "quotas that infield cannot name, or cannot see, stay unmanaged: {unnamed}"
            ));
        }
        if !quotas.is_empty() {
            self.fields.insert("quotas".to_owned(), Value::Array(quotas));
        }
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
            let answers: Vec<Value> = match &criterion.answers {
                // A unit that no manifest asks in stays said.
                Answers::Ranges(ranges) if answers.iter().all(|text| !text.contains(' ')) => {
                    let written = |range| self.words.codebook.range(&criterion.question, range);
                    ranges.iter().map(written).map(Value::from).collect()
                }
                _ => answers.into_iter().map(Value::from).collect(),
            };
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
