//! What was expected beside what is.

use crate::diag::Span;
use crate::fieldwork::Fieldwork;
use crate::flow::{Stop, selection};
use crate::manifest::test::{Fielded, Planned, Sum};
use crate::model::{Address, Money, Named};
use crate::plan::{Guard, GuardRules, Plan, Rule};
use std::collections::BTreeSet;

/// Something that is not as it was expected.
#[derive(Debug)]
pub(super) struct Different {
    /// Where it is expected.
    pub(super) span: Span,
    /// What it is.
    pub(super) what: String,
    /// What was expected.
    pub(super) expected: String,
    /// What there is.
    pub(super) found: String,
}

/// What a name means: what has exactly this address, or else what commands would take it for.
fn meant(name: &str, all: &[Named<'_>]) -> Result<BTreeSet<Address>, Stop> {
    let exact = all.iter().find(|named| named.address.as_str() == name);
    match exact {
        Some(exact) => Ok([exact.address.clone()].into()),
        None => selection::meant(&[name.to_owned()], all, "", selection::OTHERWISE),
    }
}

/// Words in a row, or that there is none.
fn listed(words: &[String]) -> String {
    match words.is_empty() {
        true => "nothing".to_owned(),
        false => words.join(", "),
    }
}

/// Compares what is expected of what a name means, word by word, with what `is` so of each.
fn of_each(
    (name, expected, span): (&str, &[String], Span),
    (all, what): (&[Named<'_>], &str),
    is: impl Fn(&Address) -> Vec<String>,
) -> Result<Vec<Different>, Stop> {
    let mut different = Vec::new();
    for address in meant(name, all)? {
        let found = is(&address);
        if found != expected {
            different.push(Different {
                span,
                what: format!("{what} `{address}`"),
                expected: listed(expected),
                found: listed(&found),
            });
        }
    }
    Ok(different)
}

fn sorted(words: impl IntoIterator<Item = String>) -> Vec<String> {
    let words: BTreeSet<String> = words.into_iter().collect();
    words.into_iter().collect()
}

/// What of a plan is not as expected.
///
/// # Errors
/// When a name means nothing.
pub(super) fn plan(
    wanted: &[(Planned, Span)],
    plan: &Plan,
    rules: &GuardRules,
    all: &[Named<'_>],
) -> Result<Vec<Different>, Stop> {
    let mut different = Vec::new();
    for (wanted, span) in wanted {
        let one = |what: &str, expected: String, found: String| Different {
            span: *span,
            what: what.to_owned(),
            expected,
            found,
        };
        match wanted {
            Planned::Actions(name, actions) => {
                let done = |address: &Address| {
                    let steps = plan.steps.iter().filter(|step| step.address == *address);
                    steps.map(|step| step.action.to_string()).collect()
                };
                let own = (name.as_str(), actions.as_slice(), *span);
                different.extend(of_each(own, (all, "what is done with"), done)?);
            }
            Planned::Notes(name, kinds) => {
                let noted = |address: &Address| {
                    let notes = plan.notes.iter().filter(|note| note.address == *address);
                    sorted(notes.map(|note| note.kind.to_string()))
                };
                let kinds = sorted(kinds.iter().cloned());
                let own = (name.as_str(), kinds.as_slice(), *span);
                different.extend(of_each(own, (all, "notes about"), noted)?);
            }
            Planned::Rules(name, rules) => {
                let said = |address: &Address| {
                    let notes = plan.notes.iter().filter(|note| note.address == *address);
                    sorted(notes.filter_map(|note| note.rule.as_deref().map(str::to_owned)))
                };
                let rules = sorted(rules.iter().cloned());
                let own = (name.as_str(), rules.as_slice(), *span);
                different.extend(of_each(own, (all, "own rules about"), said)?);
            }
            Planned::Calls(calls) => {
                let found = plan.summary().calls;
                if u64::try_from(found).ok() != Some(*calls) {
                    different.push(one("calls of the plan", calls.to_string(), found.to_string()));
                }
            }
            Planned::Guards(guards) => {
                let asked = plan.steps.iter().flat_map(|step| step.guards.iter().copied());
                let asked: BTreeSet<Guard> = asked.filter(|guard| rules.rule(*guard) == Rule::Ask).collect();
                let found = sorted(asked.iter().map(ToString::to_string));
                let expected = sorted(guards.iter().cloned());
                if found != expected {
                    different.push(one("guards that ask", listed(&expected), listed(&found)));
                }
            }
            Planned::Exposure(sum, money) => {
                let found = exposure(plan, *sum, *money);
                if found != *money {
                    let what = match sum {
                        Sum::Before => "exposure before the plan",
                        Sum::After => "exposure after the plan",
                        Sum::Change => "change of the exposure",
                    };
                    different.push(one(what, money.to_string(), found.to_string()));
                }
            }
        }
    }
    Ok(different)
}

/// A sum in the currency of `money`; nothing where nothing in field costs any.
fn exposure(plan: &Plan, sum: Sum, money: Money) -> Money {
    let mut all = plan.exposure.iter();
    let own = all.find(|exposure| exposure.after.currency == money.currency);
    own.map_or_else(
        || Money::zero(money.currency),
        |own| match sum {
            Sum::Before => own.before,
            Sum::After => own.after,
            Sum::Change => own.change(),
        },
    )
}

/// What of surveys in field is not as expected.
///
/// # Errors
/// When a name means nothing that is fielded.
pub(super) fn status(
    wanted: &[(String, Fielded, Span)],
    rows: &[Fieldwork],
    all: &[Named<'_>],
) -> Result<Vec<Different>, Stop> {
    let fielded: Vec<Named<'_>> = all
        .iter()
        .copied()
        .filter(|named| rows.iter().any(|row| row.address == *named.address))
        .collect();
    let mut different = Vec::new();
    for (name, wanted, span) in wanted {
        let meant = meant(name, &fielded)?;
        for row in rows.iter().filter(|row| meant.contains(&row.address)) {
            let number = |number: Option<u64>| number.map(|number| number.to_string());
            let (what, expected, found) = match wanted {
                Fielded::Verdict(word) => ("verdict", word.clone(), Some(row.verdict.key())),
                Fielded::Completes(count) => ("completes", count.to_string(), number(row.completes)),
                Fielded::Goal(count) => ("goal", count.to_string(), number(row.goal)),
                Fielded::Status(word) => ("status", word.clone(), row.status.clone()),
                Fielded::Stage(name) => {
                    let stage = row.stage.as_ref().map(|stage| stage.name.clone());
                    ("stage", name.clone(), stage)
                }
                Fielded::Cost(money) => ("cost", money.to_string(), row.cost.map(|cost| cost.to_string())),
            };
            let why = match wanted {
                Fielded::Verdict(_) => format!(" ({})", row.why),
                _ => String::new(),
            };
            if found.as_ref() != Some(&expected) {
                different.push(Different {
                    span: *span,
                    what: format!("{what} of `{}`", row.address),
                    expected,
                    found: found.map_or_else(|| "not known".to_owned(), |found| format!("{found}{why}")),
                });
            }
        }
    }
    Ok(different)
}
