//! What an editor can do about a problem: help that says exactly what to type is carried out, other help is only shown.

use super::Diagnostic;

/// A change that help asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix<'a> {
    /// This, in the place of what is labelled.
    Replace(&'a str),
    /// This key with this value, beside what is labelled or in it, whatever the key says now.
    Set {
        /// The key.
        key: &'a str,
        /// The value, as it is written.
        value: &'a str,
    },
    /// What is labelled, with its key, goes.
    Remove,
    /// This key goes, with its value.
    RemoveKey(&'a str),
}

/// What stands between two ways out.
const OR: &str = ", or ";

impl Diagnostic {
    /// The changes that its help asks for, each of which is a way out; none where help has no exact text.
    pub fn fixes(&self) -> Vec<Fix<'_>> {
        let (Some(help), Some(_)) = (self.help.as_deref(), self.span()) else {
            return Vec::new();
        };
        if let Some(one) = self.replacement() {
            return vec![Fix::Replace(one)];
        }
        let words = choices(help);
        if !words.is_empty() {
            return words.into_iter().map(Fix::Replace).collect();
        }
        if help == "remove it" || help.starts_with("remove it; ") {
            return vec![Fix::Remove];
        }
        let asks_for_text = help.starts_with("write ");
        let ways = help.split(OR).enumerate();
        ways.filter_map(|(at, way)| match at {
            // What follows such help is another text for the same place, or an example.
            _ if asks_for_text && at == 0 && help.contains(OR) => None,
            _ if asks_for_text && at > 0 => key_to_remove(way),
            _ => setting(way).or_else(|| key_to_remove(way)),
        })
        .collect()
    }
}

/// The texts of help that names several for one place: ``write `a`, `b` or `c` ``.
fn choices(help: &str) -> Vec<&str> {
    let Some(mut rest) = help.strip_prefix("write ") else {
        return Vec::new();
    };
    let mut all = Vec::new();
    loop {
        let Some((text, after)) = rest.strip_prefix('`').and_then(|rest| rest.split_once('`')) else {
            return Vec::new();
        };
        if text.is_empty() || text.contains([' ', ':', '$', '{']) || text.contains("...") {
            return Vec::new();
        }
        all.push(text);
        rest = match after {
            "" => return all,
            after => match [", ", " or "]
                .iter()
                .find_map(|between| after.strip_prefix(between))
            {
                Some(rest) => rest,
                None => return Vec::new(),
            },
        };
    }
}

/// What stands between the first two backticks behind a word, where nothing but a remark follows.
fn told<'a>(way: &'a str, words: &[&str]) -> Option<&'a str> {
    let rest = words.iter().find_map(|word| way.strip_prefix(word))?;
    let (text, after) = rest.strip_prefix('`')?.split_once('`')?;
    let whole = after.is_empty() || after.starts_with("; ") || after.starts_with(" if ");
    (whole && !text.contains("...") && !after.contains('`')).then_some(text)
}

fn setting(way: &str) -> Option<Fix<'_>> {
    let (key, value) = told(way, &["add ", "set ", "write "])?.split_once(": ")?;
    let is_key = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    (is_key && !key.is_empty() && !value.is_empty()).then_some(Fix::Set { key, value })
}

fn key_to_remove(way: &str) -> Option<Fix<'_>> {
    let key = told(way, &["remove "])?;
    let is_key = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    (is_key && !key.is_empty()).then_some(Fix::RemoveKey(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Span, code};

    #[test]
    fn help_with_an_exact_text_is_a_change_and_other_help_is_none() {
        let fixes = |help: &str| -> String {
            let problem = Diagnostic::error(code::SHAPE_VALUE, "")
                .at(Span::new(0, 1), "")
                .help(help);
            format!("{:?}", problem.fixes())
        };
        for (help, wanted) in [
            ("write `en-US`", vec![Fix::Replace("en-US")]),
            ("did you mean `gender`?", vec![Fix::Replace("gender")]),
            (
                "write `allow`, `ask` or `deny`",
                vec![Fix::Replace("allow"), Fix::Replace("ask"), Fix::Replace("deny")],
            ),
            (
                "add `kind: Survey`",
                vec![Fix::Set {
                    key: "kind",
                    value: "Survey",
                }],
            ),
            (
                "add `live_url: https://...`, or write `status: draft`",
                vec![Fix::Set {
                    key: "status",
                    value: "draft",
                }],
            ),
            (
                "rename that one too, or write `moved_from: none`",
                vec![Fix::Set {
                    key: "moved_from",
                    value: "none",
                }],
            ),
            ("remove it", vec![Fix::Remove]),
            ("remove it; nothing can stand here", vec![Fix::Remove]),
            ("add `quotas`, or remove `qlc`", vec![Fix::RemoveKey("qlc")]),
            (
                "write the name it had before, or remove `moved_from`",
                vec![Fix::RemoveKey("moved_from")],
            ),
            (
                "write `file: rejects.csv`, or `transactions:` with a list; one of the two",
                vec![],
            ),
            (
                "rename that one too, or write `moved_from: none` here or there",
                vec![],
            ),
            (
                "add `completes: ...` to the survey, or write a number here",
                vec![],
            ),
            ("remove one of them", vec![]),
            ("write whole numbers such as `18-34`", vec![]),
            ("known here: `a`, `b`", vec![]),
        ] {
            assert_eq!(fixes(help), format!("{wanted:?}"), "{help}");
        }
        let nowhere = Diagnostic::error(code::SHAPE_VALUE, "").help("remove it");
        assert!(nowhere.fixes().is_empty());
    }
}
