//! The fields of a survey: one table.
//!
//! A line of it declares a field of [`SurveySpec`] and its [`FieldName`], and says how a manifest writes it. Whatever is
//! done alike to all fields goes through the table: reading a manifest, blocks of marketplaces, differences, drift, what a
//! survey will be once edits are done, and imports. Only the few fields that mean something of their own there (prices,
//! completes, the status) are named anywhere else.
//!
//! Promises: a further field is a line here, a line in the shape of manifests, and its words in the folders of the
//! marketplaces that have it.

use super::attributes::{Attributes, Settings};
use super::{Criteria, Field, Money, Quotas, Respondents, Status, Suppliers, VendorId};
use crate::text::normal;
use jiff::Timestamp;
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a field holds, and how a manifest writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Any text.
    Text,
    /// A BCP 47 tag.
    Locale,
    /// An http or https URL, which may carry a secret.
    Url,
    /// A whole number.
    Count,
    /// A decimal that manifests write as a number.
    Number,
    /// A time, UTC.
    Time,
    /// Money per complete.
    Price,
    /// Who sends respondents, on which terms.
    Suppliers,
    /// A list of respondents, which stands in a file.
    Respondents,
    /// Where it is in its life. It is not ours alone, so it has rules of its own.
    Status,
    /// A template, which can be applied only once.
    Template,
    /// Criteria, compared one by one.
    Criteria,
    /// Quotas, compared one by one.
    Quotas,
}

impl Form {
    /// Whether the field is compared and written as one value. The others have rules of their own.
    pub fn is_one_value(self) -> bool {
        !matches!(
            self,
            Self::Status | Self::Template | Self::Criteria | Self::Quotas
        )
    }
}

/// Whether the groups of a survey usually have the same value. Where they do, an import writes it once for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InGroups {
    /// They usually have.
    Alike,
    /// Each has its own.
    Apart,
}

/// A line of the table.
#[derive(Debug)]
pub struct Row {
    /// Which field.
    pub name: FieldName,
    /// Where it stands in a manifest, as a JSON pointer; `*` is the block of the marketplace.
    pub path: &'static str,
    /// What it holds.
    pub form: Form,
    /// Whether groups have it alike.
    pub in_groups: InGroups,
    /// How soon an import gives it up for a manifest that plans nothing: the lower, the sooner.
    pub given_up: u8,
    get: fn(&SurveySpec) -> Field<Datum<'_>>,
    copy: fn(&mut SurveySpec, &SurveySpec),
    read: fn(&mut SurveySpec, Value) -> serde_json::Result<()>,
}

impl Row {
    /// The key of a manifest under which it stands.
    pub fn key(&self) -> &'static str {
        self.path[1..].split('/').next().unwrap_or_default()
    }

    /// The last part of its path.
    pub fn last_key(&self) -> &'static str {
        self.path.rsplit('/').next().unwrap_or_default()
    }
}

/// The keys of a manifest under which fields stand, each once, in the order in which the fields come.
pub fn keys(rows: impl IntoIterator<Item = &'static Row>) -> Vec<&'static str> {
    let mut keys: Vec<_> = rows.into_iter().map(Row::key).filter(|key| *key != "*").collect();
    keys.dedup();
    keys
}

/// Declares what a field may hold, so that all of them can be handled alike.
macro_rules! data {
    ($($name:ident($type:ty),)*) => {
        /// The value of a field, whatever it holds.
        #[derive(Debug, Clone, Copy, PartialEq, Serialize)]
        #[serde(untagged)]
        #[expect(missing_docs, reason = "named after what they hold")]
        pub enum Datum<'a> {
            $($name(&'a $type),)*
        }

        $(impl<'a> From<&'a $type> for Datum<'a> {
            fn from(value: &'a $type) -> Self {
                Self::$name(value)
            }
        })*
    };
}

data! {
    Text(String),
    Count(u64),
    Decimal(Decimal),
    Time(Timestamp),
    Price(Money),
    Suppliers(Suppliers),
    Respondents(Respondents),
    Status(Status),
    Criteria(Criteria),
    Quotas(Quotas),
    Setting(Value),
}

impl Datum<'_> {
    /// Whether two values of a field mean the same, however they are written: texts that look alike, addresses with their
    /// host in capitals, a list of settings in another order, a number that comes back as a text.
    fn is_like(self, other: Self, form: Option<Form>) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => match form {
                Some(Form::Text) => normal::folded(one) == normal::folded(other),
                Some(Form::Url) => address(one) == address(other),
                Some(Form::Locale) => one.eq_ignore_ascii_case(other),
                _ => one == other,
            },
            (Self::Setting(one), Self::Setting(other)) => settings_alike(one, other),
            (one, other) => one == other,
        }
    }
}

/// A URL as it is compared: scheme and host in small letters. Placeholders such as `[%%token%%]` are no URL syntax, so
/// nothing behind the host is touched.
fn address(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let path = if path == "/" { "" } else { path };
    format!("{}://{}{path}", scheme.to_lowercase(), host.to_lowercase())
}

fn settings_alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            let mut left: Vec<&Value> = other.iter().collect();
            let taken = |wanted: &Value| {
                let at = left.iter().position(|value| settings_alike(wanted, value));
                at.map(|at| left.swap_remove(at)).is_some()
            };
            one.len() == other.len() && one.iter().all(taken)
        }
        (Value::Object(one), Value::Object(other)) => {
            let alike = |(key, value)| other.get(key).is_some_and(|other| settings_alike(value, other));
            one.len() == other.len() && one.iter().all(alike)
        }
        (Value::String(one), Value::String(other)) => normal::folded(one) == normal::folded(other),
        (Value::Number(number), Value::String(text)) | (Value::String(text), Value::Number(number)) => {
            number.to_string() == text.trim()
        }
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (one, other) => one == other,
    }
}

impl Field<Datum<'_>> {
    /// Whether both say the same of a field.
    pub fn is_like(&self, other: &Self, field: &FieldName) -> bool {
        match (self, other) {
            (Self::Set(one), Self::Set(other)) => one.is_like(*other, field.form()),
            (one, other) => one == other,
        }
    }

    /// The value as JSON; both nothings are `null`.
    pub fn json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }
}

/// Declares the survey, the names of its fields and the table from one list. `as` names the type that the JSON Schema
/// shows, and `[...]` the builds that have the field.
macro_rules! survey_fields {
    ($(
        $(#[$doc:meta])*
        $name:ident $field:ident: $type:ty $(as $shown:literal)? $([$build:meta])?
            => $path:literal, $form:ident, $in_groups:ident, $given_up:literal;
    )*) => {
        /// The fields of a survey. See [`Field`] for what a missing one means, which depends on who speaks.
        #[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
        #[serde(default)]
        pub struct SurveySpec {
            $(
                $(#[$doc])*
                $(#[cfg($build)])?
                #[serde(skip_serializing_if = "Field::is_absent")]
                $(#[schemars(with = $shown)])?
                pub $field: Field<$type>,
            )*
            /// The vendor's own settings.
            #[serde(skip_serializing_if = "Settings::is_empty")]
            pub attributes: Attributes,
        }

        /// A field of a survey by its name.
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FieldName {
            $($(#[$doc])* $(#[cfg($build)])? $name,)*
            /// A setting of the vendor's own block.
            Attribute(String),
        }

        /// The table. Its order is the order of everything that is made from it.
        pub static ROWS: &[Row] = &[
            $(
                $(#[cfg($build)])?
                Row {
                    name: FieldName::$name,
                    path: $path,
                    form: Form::$form,
                    in_groups: InGroups::$in_groups,
                    given_up: $given_up,
                    get: |spec| spec.$field.as_ref().map(Datum::from),
                    copy: |spec, from| spec.$field = from.$field.clone(),
                    read: |spec, value| {
                        spec.$field = serde_json::from_value(value)?;
                        Ok(())
                    },
                },
            )*
        ];
    };
}

survey_fields! {
    // name, field and type                                in a manifest         form      groups  given up
    /// Title at the vendor.
    Title title: String                                 => "/title",               Text,     Apart, 14;
    /// BCP 47 tag, `en-US`.
    Locale locale: String                               => "/locale",              Locale,   Alike, 9;
    /// Completes wanted.
    Completes completes: u64                            => "/completes",           Count,    Apart, 12;
    /// Expected incidence rate, percent.
    IncidenceRate incidence_rate: Decimal as "Option<String>"
                                                        => "/incidence_rate",      Number,   Alike, 7;
    /// Expected length of interview, minutes.
    LengthOfInterview length_of_interview: Decimal as "Option<String>"
                                                        => "/length_of_interview", Number,   Alike, 8;
    /// Time in field, days.
    FieldDays field_days: u64                           => "/field_days",          Count,    Apart, 1;
    /// When it should go in field, UTC; at vendors that take dates.
    Start start: Timestamp as "Option<String>"          => "/field/start",         Time,     Alike, 2;
    /// When it should go out of field, UTC; at vendors that take dates.
    End end: Timestamp as "Option<String>"              => "/field/end",           Time,     Alike, 2;
    /// Price per complete; `Null` is the vendor's market price.
    Cpi cpi: Money                                      => "/cpi",                 Price,    Alike, 5;
    /// Highest price per complete, where a vendor tells the offered price and its ceiling apart.
    MaxCpi max_cpi: Money                               => "/max_cpi",             Price,    Alike, 6;
    /// Who sends respondents, on which terms.
    Suppliers suppliers: Suppliers                      => "/suppliers",           Suppliers, Alike, 0;
    /// The only respondents who are invited, by their ids; never shown by a vendor, so what was sent counts.
    Recontact recontact: Respondents                    => "/recontact",           Respondents, Apart, 0;
    /// Respondents who are kept out, by their ids; never shown either.
    ExcludeRespondents exclude_respondents: Respondents => "/exclude_respondents", Respondents, Apart, 0;
    /// Entry URL for respondents.
    LiveUrl live_url: String                            => "/live_url",            Url,      Alike, 3;
    /// Entry URL for tests.
    TestUrl test_url: String                            => "/test_url",            Url,      Alike, 4;
    /// In builds of unit tests only, to show what a further field takes: this line.
    Wave wave: String [test]                            => "/wave",                Text,     Alike, 0;
    /// Wanted or seen status.
    Status status: Status                               => "/status",              Status,   Apart, 13;
    /// The vendor's template the survey is made from; create-only at vendors that have templates.
    Template template: u64                              => "/*/template_id",       Template, Apart, 0;
    /// All must hold; canonical order.
    Qualifications qualifications: Criteria             => "/qualifications",      Criteria, Alike, 11;
    /// In manifest order.
    QuotaCriteria quotas: Quotas                        => "/quotas",              Quotas,   Apart, 10;
}

impl FieldName {
    /// Its line in the table; none for a setting, which only the vendor's folder knows.
    pub fn row(&self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.name == *self)
    }

    /// Where the field stands in a manifest, as a JSON pointer.
    pub fn path(&self, vendor: VendorId) -> String {
        match self {
            Self::Attribute(name) => format!("/{}/{name}", vendor.key()),
            name => {
                let path = name.row().map_or("", |row| row.path);
                path.replacen('*', vendor.key(), 1)
            }
        }
    }

    /// What the field holds; `None` for a setting.
    pub fn form(&self) -> Option<Form> {
        self.row().map(|row| row.form)
    }

    /// Whether the field says what a complete costs.
    pub fn is_price(&self) -> bool {
        matches!(self.form(), Some(Form::Price | Form::Suppliers))
    }

    /// Whether the field is a list of respondents.
    pub fn is_list_of_respondents(&self) -> bool {
        self.form() == Some(Form::Respondents)
    }

    /// Whether the field is compared and written as one value, as settings are.
    pub fn is_one_value(&self) -> bool {
        self.form().is_none_or(Form::is_one_value)
    }
}

impl SurveySpec {
    /// The fields it mentions, in the order of the table, and its settings.
    pub fn mentioned(&self) -> impl Iterator<Item = FieldName> {
        let rows = ROWS.iter().filter(|row| !(row.get)(self).is_absent());
        let settings = self.attributes.keys().cloned().map(FieldName::Attribute);
        rows.map(|row| row.name.clone()).chain(settings)
    }

    /// What it says of a field.
    pub fn get(&self, field: &FieldName) -> Field<Datum<'_>> {
        match field {
            FieldName::Attribute(name) => {
                let value = self.attributes.get(name);
                value.map_or(Field::Absent, |value| value.as_ref().map(Datum::from))
            }
            name => name.row().map_or(Field::Absent, |row| (row.get)(self)),
        }
    }

    /// Takes a field over as another statement has it. A setting that the other does not have stays.
    pub fn take(&mut self, field: &FieldName, from: &Self) {
        if let FieldName::Attribute(name) = field {
            let value = from.attributes.get_key_value(name);
            self.attributes
                .extend(value.map(|(name, value)| (name.clone(), value.clone())));
        } else if let Some(row) = field.row() {
            (row.copy)(self, from);
        }
    }

    /// Sets a list of respondents, with its ids: written as JSON it would lose them.
    pub fn list(&mut self, field: &FieldName, list: Respondents) {
        match field {
            FieldName::Recontact => self.recontact = Field::Set(list),
            FieldName::ExcludeRespondents => self.exclude_respondents = Field::Set(list),
            _ => {}
        }
    }

    /// Sets a field of the table to what was read.
    ///
    /// # Errors
    /// When the value is not what the field holds.
    pub fn read(&mut self, row: &Row, value: Value) -> serde_json::Result<()> {
        (row.read)(self, value)
    }

    /// Only these fields of it.
    pub fn only<'n>(&self, fields: impl IntoIterator<Item = &'n FieldName>) -> Self {
        let mut only = Self::default();
        for field in fields {
            only.take(field, self);
        }
        only
    }

    /// This statement laid over another: what it does not mention is as the other has it.
    pub fn over(&self, base: &Self) -> Self {
        let mut laid = base.clone();
        for row in ROWS.iter().filter(|row| !(row.get)(self).is_absent()) {
            (row.copy)(&mut laid, self);
        }
        let settings = base.attributes.iter().chain(&self.attributes);
        laid.attributes = settings
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        laid
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_name_and_no_two_share_a_place() {
        let mut paths = std::collections::BTreeSet::new();
        for row in ROWS {
            assert_eq!(row.name.row().unwrap().path, row.path);
            assert!(paths.insert(row.path), "{}", row.path);
        }
        let vendor = crate::marketplace::CINT;
        assert_eq!(FieldName::End.path(vendor), "/field/end");
        assert_eq!(FieldName::Template.path(vendor), "/cint/template_id");
        assert_eq!(FieldName::Attribute("tags".to_owned()).path(vendor), "/cint/tags");
    }

    #[test]
    fn values_in_other_clothes_are_the_same() {
        let spec = |json: Value| serde_json::from_value::<SurveySpec>(json).unwrap();
        let one = spec(serde_json::json!({
            "title": "Caf\u{e9} a", "live_url": "https://Survey.Example.com/S?t=[%%token%%]", "locale": "en-US",
            "attributes": {"emails": ["a@x", "b@x"], "category": 232, "tree": {"a": ["1", 2]}},
        }));
        let same = spec(serde_json::json!({
            "title": "Cafe\u{301}  a ", "live_url": "HTTPS://survey.example.com/S?t=[%%token%%]", "locale": "en-us",
            "attributes": {"emails": ["b@x", "a@x"], "category": "232", "tree": {"a": [2.0, "1"]}},
        }));
        let other = spec(serde_json::json!({
            "title": "Cafe a", "live_url": "https://survey.example.com/s?t=[%%token%%]", "locale": "en-GB",
            "attributes": {"emails": ["b@x", "b@x"], "category": "0232", "tree": {"a": [2, 1]}},
        }));
        for field in one.mentioned() {
            assert!(one.get(&field).is_like(&same.get(&field), &field), "{field:?}");
            let differs = field != FieldName::Attribute("tree".to_owned());
            assert_eq!(
                one.get(&field).is_like(&other.get(&field), &field),
                !differs,
                "{field:?}"
            );
        }
    }

    #[test]
    fn statements_are_laid_over_each_other_field_by_field() {
        let spec = |json: Value| serde_json::from_value::<SurveySpec>(json).unwrap();
        let base = spec(serde_json::json!({
            "title": "a", "completes": 5, "cpi": "3 USD", "attributes": {"tags": ["x"], "note": "n"},
        }));
        let over =
            spec(serde_json::json!({"completes": 7, "cpi": null, "wave": "3", "attributes": {"tags": null}}));
        let both = spec(serde_json::json!({
            "title": "a", "completes": 7, "cpi": null, "wave": "3", "attributes": {"tags": null, "note": "n"},
        }));
        assert_eq!(over.over(&base), both);
        let mentioned: Vec<FieldName> = over.mentioned().collect();
        assert_eq!(both.only(&mentioned), over);
        let names = [FieldName::Completes, FieldName::Cpi, FieldName::Wave];
        assert_eq!(mentioned[..3], names);
    }
}
