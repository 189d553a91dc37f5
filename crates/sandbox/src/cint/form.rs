//! Reads the fields of a request into those of a target group; drafts and launched ones have the same rules for them.

use super::prelude::*;
use super::project::{REFERENCE_RULE, is_name, is_reference};

pub(super) const LENGTH: &str = "expected_length_of_interview_minutes";
pub(super) const RATE: &str = "expected_incidence_rate";
pub(super) const REFERENCE: &str = "target_group_customer_reference_number";
pub(super) const NOTE: &str = "client_cost_per_interview_note";

const URL_RULE: &str = "must be an HTTPS URL of at most 3000 characters";

/// How a text is read: required or optional.
type Reads<'a> = fn(&mut Form<'a>, &str, fn(&str) -> bool, &str);

/// A request that is being read.
pub(super) struct Form<'a> {
    pub(super) body: &'a Map<String, Value>,
    pub(super) fields: Map<String, Value>,
    pub(super) problems: Problems,
}

impl<'a> Form<'a> {
    /// Begins with the fields that are there already.
    pub(super) fn new(body: &'a Map<String, Value>, fields: Map<String, Value>) -> Self {
        let problems = Problems::default();
        Self {
            body,
            fields,
            problems,
        }
    }

    /// Keeps a field, or says what is wrong with it.
    pub(super) fn keep(&mut self, key: &str, found: Option<impl Serialize>, reason: impl Into<String>) {
        match found {
            Some(value) => self.fields.put(key, value),
            None => self.problems.add(key, reason),
        }
    }

    /// A text that has to be there.
    pub(super) fn required(&mut self, key: &str, is_right: fn(&str) -> bool, reason: &str) {
        let text = self.body.text(key).filter(|text| is_right(text));
        self.keep(key, text.map(str::trim), reason);
    }

    /// A text that may be left out.
    pub(super) fn optional(&mut self, key: &str, is_right: fn(&str) -> bool, reason: &str) {
        if let Some(value) = self.body.field(key) {
            let text = value.as_str().filter(|text| is_right(text));
            self.keep(key, text, reason);
        }
    }

    /// A code that a list has, or the default where one is given.
    pub(super) fn code(&mut self, key: &str, default: Option<&str>, list: &str) {
        let text = self.body.field(key).map_or(default, Value::as_str);
        let known = text.filter(|text| definitions::has(list, text));
        self.keep(key, known, format!("must be one of the {list}"));
    }

    /// Name, length and incidence rate.
    pub(super) fn plain(&mut self) {
        self.required("name", is_name, "must have 5 to 128 characters");
        let minutes = self.body.get(LENGTH).and_then(whole);
        let minutes = minutes.filter(|minutes| (1..=45).contains(minutes));
        self.keep(LENGTH, minutes, "must be from 1 to 45");
        let rate = self.body.get(RATE).and_then(decimal).map(|rate| rate.normalize());
        let rate = rate.filter(|rate| (Decimal::ZERO..=Decimal::ONE).contains(rate) && rate.scale() <= 2);
        self.keep(RATE, rate.map(number), "must be from 0 to 1 in steps of 0.01");
    }

    /// The customer's own number.
    pub(super) fn reference(&mut self) {
        self.optional(REFERENCE, is_reference, REFERENCE_RULE);
    }

    /// Live and test URL.
    pub(super) fn urls(&mut self, read: Reads<'a>) {
        read(self, "live_url", is_url, URL_RULE);
        read(self, "test_url", is_url, URL_RULE);
    }
}

/// Text that may be a URL; the respondent's id stands in it as `[%RID%]`.
fn is_url(text: &str) -> bool {
    text.len() <= 3000 && text.starts_with("https://") && text.len() > "https://".len()
}
