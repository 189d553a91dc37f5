//! Questions as written, resolved against a vendor's codebook. Their answers are left to `answers`.
//!
//! Promises: a question that cannot be resolved without guessing is an error on its key; everything resolved
//! remembers where it stood.

use super::answers::{Context, Reader};
use super::questions::{is_key, is_number};
use crate::diag::code;
use crate::diag::suggest;
use crate::diag::text::short;
use crate::manifest::check::draft::Resolved;
use crate::manifest::expand::scope::Scope;
use crate::model::codebook::{Kind, Question};
use crate::model::{Criterion, VendorId};
use crate::text::pointer::below;
use indexmap::IndexMap;
use serde_json::Value;
use std::collections::BTreeMap;

/// Resolves a mapping; what cannot be resolved is reported and left out.
pub(crate) fn resolve(
    scope: &mut Scope<'_>,
    context: &Context<'_>,
    map: &IndexMap<String, Value>,
    base: &str,
) -> Vec<Resolved> {
    let mut out: Vec<Resolved> = Vec::with_capacity(map.len());
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    for (key, value) in map {
        let pointer = below(base, key);
        let Some((code, question)) = find_question(scope, context, key, &pointer) else {
            continue;
        };
        if let Some(first) = seen.get(&code) {
            scope
                .error(code::TARGETING_REPEATED_QUESTION)
                .says(format!("`{key}` and another key here are the same question"))
                .key(&pointer, "again")
                .also_key(first, "first")
                .help("write all answers under one of them");
            continue;
        }
        seen.insert(code.clone(), pointer.clone());
        let reader = Reader::new(scope, context, question, key);
        let answers = match context.codebook.grouping(key) {
            Some(grouping) => reader.sets(scope, grouping, value, &pointer),
            None => reader.answers(scope, value, &pointer),
        };
        let Some(answers) = answers else {
            continue;
        };
        let unit = match question.map(|q| q.kind) {
            Some(Kind::Number { unit, .. }) => Some(unit.to_owned()),
            _ => None,
        };
        out.push(Resolved {
            pointer,
            key: key.clone(),
            criterion: Criterion {
                question: code,
                unit,
                answers,
            },
        });
    }
    out
}

fn find_question(
    scope: &mut Scope<'_>,
    context: &Context<'_>,
    key: &str,
    pointer: &str,
) -> Option<(String, Option<&'static Question>)> {
    let grouping = context.codebook.grouping(key);
    let of = grouping.map_or(key, |grouping| grouping.question);
    if let Some(question) = context.codebook.question(of) {
        if question.quota_only && !context.in_quota {
            scope
                .error(code::TARGETING_QUOTA_ONLY)
                .says(format!("`{}` can only stand in quotas", short(key)))
                .key(pointer, format!("{} takes it in quotas only", context.vendor))
                .help(format!(
                    "move it into the `where` of a quota ({})",
                    question.source
                ));
            return None;
        }
        return Some((question.code.to_owned(), Some(question)));
    }
    let digits = is_number(key);
    if context.library && (digits || is_key(key)) {
        return Some((key.to_owned(), None));
    }
    if digits {
        let plain = key.trim_start_matches('0');
        if plain.len() != key.len() {
            scope
                .error(code::TARGETING_UNKNOWN_QUESTION)
                .says(format!("codes of questions have no leading zeros: `{key}`"))
                .key(pointer, "leading zero")
                .help(format!("write `\"{plain}\"`"));
            return None;
        }
        scope
            .warning(code::TARGETING_UNLISTED_QUESTION)
            .says(format!("the question {key} is not in infield's codebook"))
            .key(pointer, "sent as it is")
            .help("check the code with the vendor; `questions:` in infield.yaml can give it a name");
        return Some((key.to_owned(), None));
    }
    let names: Vec<_> = context
        .codebook
        .questions
        .iter()
        .map(|q| q.name)
        .filter(|name| !name.is_empty())
        .chain(context.codebook.groupings.iter().map(|grouping| grouping.name))
        .collect();
    let elsewhere = context.books.that_name(key);
    if !elsewhere.is_empty() {
        let elsewhere: Vec<&str> = elsewhere.into_iter().map(VendorId::name).collect();
        scope
            .error(code::TARGETING_UNKNOWN_QUESTION)
            .says(format!(
                "`{key}` has a code for {} in infield.yaml, and none for {}",
                elsewhere.join(" and "),
                context.vendor
            ))
            .key(pointer, format!("no code for {}", context.vendor))
            .help(format!(
                "add `{}: {{question: ...}}` to `{key}` under `questions:` in infield.yaml",
                context.key
            ));
        return None;
    }
    let known = || {
        let code = if context.library {
            "its key in the vendor's library, in capitals"
        } else {
            "the vendor's code, quoted"
        };
        format!(
            "infield has no name for it: write {code}, or give it one under `questions:` in infield.yaml; its names are {}",
            suggest::list(names.iter().copied())
        )
    };
    let help = match context.codebook.meant(key) {
        Some(name) => suggest::ask(name),
        None => suggest::help(key, names.iter().copied(), known),
    };
    scope
        .error(code::TARGETING_UNKNOWN_QUESTION)
        .says(format!(
            "there is no name `{}` for a question of {}",
            short(key),
            context.vendor
        ))
        .key(pointer, "unknown question")
        .help(help);
    None
}
