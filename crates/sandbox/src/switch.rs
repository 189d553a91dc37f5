//! Switches: what an emulator takes for granted, to be set to what else the vendor may do.
//!
//! An emulator declares its switches once, in its `switches.rs`, each as a constant: its name for the outside, where it
//! stands until somebody moves it, what it does, and where that is known from. The emulator and tests name the constant, so
//! a switch that does not exist does not compile. Whoever gives a name, a request or a store, is refused when there is no
//! such switch, and told which ones there are. The table in this crate's README is printed from the constants.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};

/// A switch whose positions are of type `T`: `bool`, `u64` or `&'static str`; or [`Position`], for any of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch<T> {
    /// The name for the outside, unique over all vendors.
    pub name: &'static str,
    /// Where it stands until somebody moves it.
    pub default: T,
    /// What it does, in a line of Markdown.
    pub what: &'static str,
    /// Where it is known from that the vendor may be either way.
    pub source: &'static str,
}

impl<T: Into<Position>> Switch<T> {
    /// Forgets which positions it has, to stand in a list with others.
    pub fn of_any_kind(self) -> Switch<Position> {
        Switch {
            name: self.name,
            default: self.default.into(),
            what: self.what,
            source: self.source,
        }
    }
}

/// Where a switch stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Position {
    /// On or off.
    On(bool),
    /// A number, 1 or more.
    Number(u64),
    /// A text; empty for none.
    Text(Cow<'static, str>),
}

impl From<bool> for Position {
    fn from(on: bool) -> Self {
        Self::On(on)
    }
}

impl From<u64> for Position {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<&'static str> for Position {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl Position {
    /// Reads a position of the same kind as this one.
    fn read(&self, value: &Value) -> Option<Self> {
        match self {
            Self::On(_) => value.as_bool().map(Self::On),
            Self::Number(_) => value.as_u64().filter(|number| *number >= 1).map(Self::Number),
            Self::Text(_) => value.as_str().map(|text| Self::Text(text.to_owned().into())),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::On(_) => "true or false",
            Self::Number(_) => "a whole number, 1 or more",
            Self::Text(_) => "a text",
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::On(true) => "on".to_owned(),
            Self::On(false) => "off".to_owned(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) if text.is_empty() => "empty".to_owned(),
            Self::Text(text) => format!("`{text}`"),
        }
    }
}

/// Why a switch cannot be moved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// There is none of that name.
    #[error("unknown switch {name:?}; known are {}", known.join(", "))]
    Unknown {
        /// The name given.
        name: String,
        /// The names that begin with the same word; all names where none does.
        known: Vec<&'static str>,
    },
    /// It has no such position.
    #[error("the switch {name} must be {kind}")]
    Position {
        /// The switch.
        name: &'static str,
        /// What its positions are.
        kind: &'static str,
    },
}

/// The switches of a sandbox, and which of them were moved.
#[derive(Debug, Clone)]
pub(super) struct Switches {
    known: BTreeMap<&'static str, Position>,
    moved: BTreeMap<&'static str, Position>,
}

impl Switches {
    pub(super) fn new(switches: impl IntoIterator<Item = Switch<Position>>) -> Self {
        let known = switches.into_iter().map(|switch| (switch.name, switch.default));
        Self {
            known: known.collect(),
            moved: BTreeMap::new(),
        }
    }

    /// The position of a switch that was moved.
    pub(super) fn moved(&self, name: &str) -> Option<&Position> {
        self.moved.get(name)
    }

    /// Every switch that was moved, as a store keeps it.
    pub(super) fn all_moved(&self) -> &BTreeMap<&'static str, Position> {
        &self.moved
    }

    /// Where every switch stands.
    pub(super) fn positions(&self) -> BTreeMap<&'static str, &Position> {
        let standing = self.known.iter().chain(&self.moved);
        standing.map(|(name, position)| (*name, position)).collect()
    }

    /// Moves all of these, or none where one cannot be.
    pub(super) fn with(mut self, wanted: &Map<String, Value>) -> Result<Self, SwitchError> {
        for (name, value) in wanted {
            let Some((name, default)) = self.known.get_key_value(name.as_str()) else {
                return Err(self.unknown(name));
            };
            let position = default.read(value).ok_or(SwitchError::Position {
                name,
                kind: default.kind(),
            })?;
            self.moved.insert(name, position);
        }
        Ok(self)
    }

    fn unknown(&self, name: &str) -> SwitchError {
        let first_word = name.split('_').next().unwrap_or_default();
        let alike = |known: &&&str| known.split('_').next() == Some(first_word);
        let mut known: Vec<&str> = self.known.keys().filter(alike).copied().collect();
        if known.is_empty() {
            known = self.known.keys().copied().collect();
        }
        SwitchError::Unknown {
            name: name.to_owned(),
            known,
        }
    }
}

/// Returns the table of an emulator's switches, in Markdown.
pub fn table(switches: &[Switch<Position>]) -> String {
    let mut table = String::from("| switch | default | what | known from |\n|---|---|---|---|\n");
    for switch in switches {
        let (name, default) = (switch.name, switch.default.shown());
        let _ = writeln!(
            table,
            "| `{name}` | {default} | {} | {} |",
            switch.what, switch.source
        );
    }
    table
}

/// Declares the switches of an emulator: what each does, its constant and type, its default, its name, its source.
macro_rules! switches {
    ($(
        $(#[doc = $what:literal])+
        $constant:ident: $kind:ty = $default:expr, $name:literal, $source:literal;
    )+) => {
        $(
            $(#[doc = $what])+
            pub const $constant: $crate::Switch<$kind> = $crate::Switch {
                name: $name,
                default: $default,
                what: concat!($($what),+).trim_ascii(),
                source: $source,
            };
        )+

        /// Returns all of them, in the order in which they are declared.
        pub fn all() -> Vec<$crate::Switch<$crate::Position>> {
            vec![$($constant.of_any_kind()),+]
        }
    };
}
pub(crate) use switches;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn switches() -> Switches {
        let on = Switch {
            name: "vendor_gzip",
            default: true,
            what: "",
            source: "",
        };
        let looks = Switch {
            name: "vendor_looks",
            default: 2_u64,
            what: "",
            source: "",
        };
        let failure = Switch {
            name: "failure",
            default: "",
            what: "",
            source: "",
        };
        Switches::new([on.of_any_kind(), looks.of_any_kind(), failure.of_any_kind()])
    }

    fn moved(wanted: &Value) -> Result<Switches, SwitchError> {
        switches().with(wanted.as_object().unwrap())
    }

    #[test]
    fn what_was_moved_stands_before_the_defaults() {
        let moved = moved(&json!({"vendor_gzip": false, "failure": "Rejected"})).unwrap();
        assert_eq!(
            json!(moved.positions()),
            json!({"failure": "Rejected", "vendor_gzip": false, "vendor_looks": 2})
        );
        assert_eq!(
            json!(moved.all_moved()),
            json!({"failure": "Rejected", "vendor_gzip": false})
        );
    }

    #[test]
    fn an_unknown_switch_is_told_those_that_begin_alike() {
        let error = moved(&json!({"vendor_gzp": false})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown switch \"vendor_gzp\"; known are vendor_gzip, vendor_looks"
        );
        let error = moved(&json!({"colour": true})).unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown switch \"colour\"; known are failure, vendor_gzip, vendor_looks"
        );
    }

    #[test]
    fn a_position_of_another_kind_is_refused() {
        for (wrong, said) in [
            (
                json!({"vendor_gzip": 1}),
                "the switch vendor_gzip must be true or false",
            ),
            (
                json!({"vendor_looks": 0}),
                "the switch vendor_looks must be a whole number, 1 or more",
            ),
            (json!({"failure": null}), "the switch failure must be a text"),
        ] {
            assert_eq!(moved(&wrong).unwrap_err().to_string(), said);
        }
    }
}
