//! Names for what has none here yet: from titles, and unique.

use crate::model::Address;
use std::collections::BTreeSet;

/// Longest name.
const LONGEST: usize = 64;

/// Names that are taken.
#[derive(Debug, Clone, Default)]
pub struct Taken(BTreeSet<String>);

impl Taken {
    /// Takes a name.
    pub fn take(&mut self, name: &str) {
        self.0.insert(name.to_owned());
    }

    /// Whether a name is taken.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains(name)
    }

    /// A free name made of a title; where that is taken, with the vendor's id behind it. It is taken from then on.
    pub fn name(&mut self, title: &str, fallback: &str, id: &str) -> String {
        let base = first_choice(title, fallback);
        let id = slug(id, 40);
        let mut name = base.clone();
        let mut more = 1;
        while !Address::is_valid_name(&name) || self.0.contains(&name) {
            let tail = if more == 1 {
                format!("-{id}")
            } else {
                format!("-{id}-{more}")
            };
            name = format!("{}{tail}", slug(&base, LONGEST - tail.len()));
            more += 1;
        }
        self.take(&name);
        name
    }
}

/// The name that a title would like.
pub(super) fn first_choice(title: &str, fallback: &str) -> String {
    match slug(title, LONGEST) {
        name if name.is_empty() => slug(fallback, LONGEST),
        name => name,
    }
}

/// A text as a name: lower-case letters, digits and single dashes, at most so long.
fn slug(text: &str, longest: usize) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if out.len() >= longest {
            break;
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_titles_and_are_unique_and_valid() {
        let mut taken = Taken::default();
        assert_eq!(
            taken.name("Soda — tracker, Wave 3!", "survey", "7"),
            "soda-tracker-wave-3"
        );
        assert_eq!(
            taken.name("soda tracker wave 3", "survey", "8"),
            "soda-tracker-wave-3-8"
        );
        assert_eq!(taken.name("Лимонад", "survey-9", "9"), "survey-9");
        assert_eq!(taken.name("Ωμέγα", "survey-9", "9"), "survey-9-9");
        assert_eq!(taken.name("Ωμέγα", "survey-9", "9"), "survey-9-9-2");
        let long = taken.name(&"x".repeat(300), "", "01HZ");
        let again = taken.name(&"x".repeat(300), "", "01HZ");
        assert!(Address::is_valid_name(&long) && Address::is_valid_name(&again) && long != again);
    }
}
