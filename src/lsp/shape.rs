//! What the shape of manifests says of a place in one: which keys and values can stand there, and what they mean.
//!
//! Promises: it is the schema that documents are checked with, so what is offered is accepted and what is told is true.

use crate::manifest::schema::{self, Kind};
use crate::manifest::{DEFAULTS_FILES, PROJECT_FILE};
use serde_json::Value;
use std::fmt::Write as _;
use std::path::Path;

/// What a schema says of one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape(&'static Value);

/// The kind of the document with these lines; where it says none, the kind that its file is for.
pub(super) fn kind(document: &str, path: &Path) -> Option<Kind> {
    let word = document.lines().find_map(|line| line.strip_prefix("kind:"));
    match word {
        Some(word) => {
            let word = word.split(" #").next().unwrap_or_default();
            Kind::from_word(word.trim().trim_matches(['"', '\'']))
        }
        None => kind_of_file(path),
    }
}

/// The kind of the documents that a file is for.
pub(super) fn kind_of_file(path: &Path) -> Option<Kind> {
    let name = path.file_name()?.to_str()?;
    if name == PROJECT_FILE {
        Some(Kind::Project)
    } else {
        DEFAULTS_FILES.contains(&name).then_some(Kind::Defaults)
    }
}

/// What stands at the end of a way through documents of a kind. `-` and numbers are items of lists.
pub(super) fn at<S: AsRef<str>>(kind: Kind, path: &[S]) -> Option<Shape> {
    let root = Shape(schema::of(kind));
    path.iter().try_fold(root, |shape, key| shape.below(key.as_ref()))
}

impl Shape {
    fn get(self, key: &str) -> Option<&'static Value> {
        self.0.get(key)
    }

    fn list(self, key: &str) -> &'static [Value] {
        self.get(key)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// What stands at a key, or as an item of a list.
    pub(super) fn below(self, key: &str) -> Option<Self> {
        let named = self.get("properties").and_then(|fields| fields.get(key));
        let is_place = key == "-" || key.bytes().all(|b| b.is_ascii_digit());
        let item = || self.get("items").filter(|_| is_place);
        let other = || self.get("additionalProperties").filter(|_| key != "-");
        let found = named.or_else(item).or_else(other)?;
        found.is_object().then_some(Self(found))
    }

    /// The keys that can stand here, those that are required first, each with what it is.
    pub(super) fn keys(self) -> Vec<(&'static str, Self, bool)> {
        let fields = self.get("properties").and_then(Value::as_object);
        let mut keys: Vec<_> = fields
            .into_iter()
            .flatten()
            .map(|(key, field)| (key.as_str(), Self(field), self.requires(key)))
            .collect();
        keys.sort_by_key(|(_, _, required)| !required);
        keys
    }

    fn types(self) -> Vec<&'static str> {
        schema::types(self.0)
    }

    /// Whether a value of a type can stand here.
    pub(super) fn takes(self, name: &str) -> bool {
        self.types().contains(&name)
    }

    /// Whether only a mapping or a list can stand here.
    pub(super) fn holds(self) -> Option<Holds> {
        let single = ["string", "integer", "number", "boolean"];
        let types = self.types();
        if types.iter().any(|name| single.contains(name)) {
            None
        } else if types.contains(&"array") {
            Some(Holds::Items)
        } else {
            types.contains(&"object").then_some(Holds::Keys)
        }
    }

    /// Whether it is marked as something that a type does not say.
    pub(super) fn is(self, mark: &str) -> bool {
        self.get(mark).is_some()
    }

    /// The only words that can stand here.
    pub(super) fn words(self) -> Vec<&'static str> {
        let fixed = self.get("const").into_iter();
        let words = self.list("enum").iter().chain(fixed);
        words.filter_map(Value::as_str).collect()
    }

    /// Values as an example.
    pub(super) fn examples(self) -> &'static [Value] {
        self.list("examples")
    }

    /// The names of currencies can be keys here.
    pub(super) fn is_by_currency(self) -> bool {
        self.takes("object") && self.is_money()
    }

    /// Whether an amount with its currency can stand here.
    pub(super) fn is_money(self) -> bool {
        let money = |value: &Value| {
            let text = value.as_str().and_then(|text| text.split_once(' '));
            text.is_some_and(|(amount, currency)| {
                amount.starts_with(|c: char| c.is_ascii_digit())
                    && currency.len() == 3
                    && currency.bytes().all(|b| b.is_ascii_uppercase())
            })
        };
        self.examples().iter().any(money)
    }

    /// What it is in a few words: `a whole number, 1 to 1440`.
    pub(super) fn in_short(self) -> String {
        let words = self.words();
        if !words.is_empty() {
            return words.join(", ");
        }
        let word = |name: &&str| {
            Some(match *name {
                "string" => "a text",
                "integer" => "a whole number",
                "number" => "a number",
                "boolean" => "true or false",
                "array" => "a list",
                "object" => "a mapping",
                _ => return None,
            })
        };
        let mut short = self
            .types()
            .iter()
            .filter_map(word)
            .collect::<Vec<_>>()
            .join(" or ");
        let bound = |key: &str| self.get(key).filter(|bound| bound.is_number());
        let _ = match (bound("minimum"), bound("maximum")) {
            (Some(least), Some(most)) => write!(short, ", {least} to {most}"),
            (Some(least), None) => write!(short, ", {least} or more"),
            (None, Some(most)) => write!(short, ", {most} at most"),
            (None, None) => Ok(()),
        };
        short
    }

    /// What it means, for people.
    pub(super) fn says(self) -> Option<&'static str> {
        self.get("description").and_then(Value::as_str)
    }

    /// Everything about a key, as Markdown.
    pub(super) fn about(self, key: &str, required: bool) -> String {
        let needed = if required { ", required" } else { "" };
        let mut parts = vec![match self.in_short().as_str() {
            "" => format!("**{key}**{needed}"),
            short => format!("**{key}**: {short}{needed}"),
        }];
        parts.extend(self.says().map(str::to_owned));
        if let Some(usual) = self.get("default") {
            parts.push(format!("If left out: `{}`", crate::yaml::flow(usual, false)));
        }
        let examples: Vec<String> = self
            .examples()
            .iter()
            .map(|value| format!("`{}`", crate::yaml::flow(value, false)))
            .collect();
        if !examples.is_empty() && self.words().is_empty() {
            parts.push(format!("For example {}", examples.join(", ")));
        }
        parts.join("\n\n")
    }

    /// Whether a key has to be there.
    pub(super) fn requires(self, key: &str) -> bool {
        self.list("required").iter().any(|other| other == key)
    }
}

/// What stands inside of a value that is no single one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    /// Keys of a mapping.
    Keys,
    /// Items of a list.
    Items,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_depth_of_every_kind_has_its_keys() {
        for (kind, path, key) in [
            (Kind::Survey, &[] as &[&str], "completes"),
            (Kind::Survey, &["quotas", "-"], "where"),
            (Kind::Survey, &["quotas", "12"], "completes"),
            (Kind::Survey, &["groups", "-", "quotas", "-"], "name"),
            (Kind::Survey, &["windows"], "timezone"),
            (Kind::Survey, &["stages", "-", "when"], "drop_off"),
            (Kind::Defaults, &[], "field_days"),
            (Kind::SurveyGroup, &[], "exclusion_days"),
            (Kind::Reconciliation, &["transactions", "-"], "outcome"),
            (Kind::Project, &["defaults", "quotas", "-"], "where"),
            (Kind::Project, &["environments", "production", "guards"], "launch"),
            (
                Kind::Project,
                &["environments", "production", "notify", "-"],
                "url",
            ),
        ] {
            let keys = at(kind, path).unwrap().keys();
            assert!(keys.iter().any(|(own, _, _)| *own == key), "{path:?}");
        }
        assert!(at(Kind::Survey, &["nonsense"]).is_none());
        assert!(at(Kind::Survey, &["title", "x"]).is_none());
    }

    #[test]
    fn what_is_required_comes_first_and_the_rest_as_it_is_written() {
        let keys: Vec<_> = at(Kind::Survey, &[] as &[&str]).unwrap().keys();
        let names: Vec<&str> = keys.iter().map(|(key, _, _)| *key).take(4).collect();
        assert_eq!(names, ["kind", "name", "moved_from", "matrix"]);
        assert!(keys[1].2 && !keys[2].2);
    }

    #[test]
    fn a_key_is_told_with_its_type_its_bounds_and_an_example() {
        let survey = at(Kind::Survey, &[] as &[&str]).unwrap();
        let told = at(Kind::Survey, &["length_of_interview"])
            .unwrap()
            .about("length_of_interview", survey.requires("length_of_interview"));
        assert_eq!(
            told,
            "**length_of_interview**: a number, 0.1 to 1440\n\nExpected length of the interview, minutes.\n\nFor example `5`"
        );
        let status = at(Kind::Survey, &["status"]).unwrap();
        assert_eq!(status.in_short(), "draft, live, paused, closed");
        assert!(at(Kind::Survey, &["cpi"]).unwrap().is_money());
        let most = at(Kind::Project, &["environments", "x", "guards", "max_cpi"]).unwrap();
        assert!(most.is_money() && most.is_by_currency());
        assert!(!at(Kind::Survey, &["cpi"]).unwrap().is_by_currency());
        assert!(!at(Kind::Survey, &["title"]).unwrap().is_money());
    }

    #[test]
    fn a_document_says_its_kind_or_its_file_does() {
        for (text, path, found) in [
            ("kind: Survey # x\nname: a", "infield.yaml", Some(Kind::Survey)),
            ("name: a", "infield.yaml", Some(Kind::Project)),
            ("name: a", "x/defaults.yml", Some(Kind::Defaults)),
            ("name: a", "a.yaml", None),
            ("kind: Nothing", "infield.yaml", None),
        ] {
            assert_eq!(kind(text, Path::new(path)), found, "{text}");
        }
    }
}
