//! Changing what a manifest says, in place: single values, answers, and quotas that go.
//!
//! Promises: every byte that does not belong to a changed value stays: comments, order, quotes, line ends; what cannot be
//! written without touching something else is not written, and the reason is told; nothing is written to disk here.
//! Whether the new text means what it should is left to the caller, who loads it again.

mod list;
mod place;
mod splice;
#[cfg(test)]
mod tests;
mod write;

use super::Index;
use super::index::Source;
use crate::model::Address;
use crate::yaml;
use place::{Document, Step};
use serde_json::Value;
use splice::{Splice, spliced};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Something that a manifest is to say from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The survey or group.
    pub address: Address,
    /// What.
    pub what: What,
}

/// What a manifest is to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A single value, at a pointer.
    Value {
        /// Where it stands in a survey.
        pointer: String,
        /// The value.
        value: Value,
    },
    /// The answers to a qualification; without any, it goes.
    Qualification(Asks),
    /// A quota.
    Quota {
        /// Its name.
        name: String,
        /// What becomes of it.
        becomes: QuotaBecomes,
    },
}

/// What becomes of a quota.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaBecomes {
    /// It goes.
    Gone,
    /// It is about other numbers or other people.
    Changed {
        /// Completes, where they change.
        completes: Option<u64>,
        /// Everything it asks, where that changes.
        asks: Option<Vec<Asks>>,
    },
}

/// A question with its answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// The ways in which a manifest may name the question; the first one is written where it is new.
    pub names: Vec<String>,
    /// The answers.
    pub answers: Vec<String>,
    /// Whether the answers are what the manifest says already.
    pub same: bool,
}

/// A file with its new text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// How it is shown.
    pub name: Arc<str>,
    /// Where it is, links followed.
    pub path: PathBuf,
    /// The text that was read.
    pub before: Arc<str>,
    /// The text it should have.
    pub after: String,
}

/// Why a value is not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// The file is not the one that was loaded.
    #[error("the file has changed since it was read")]
    Stale,
    /// No such key.
    #[error("it is not written in this manifest")]
    NotHere,
    /// `*name`.
    #[error("an alias (`*`) stands in its place")]
    Alias,
    /// `&name`, with aliases of it.
    #[error("it is repeated elsewhere by an alias (`*`), which would change with it")]
    Anchored,
    /// `<<`.
    #[error("it comes in by a merge key (`<<`)")]
    Merged,
    /// `!!str`.
    #[error("it has a tag (`!!`)")]
    Tagged,
    /// A default of several groups.
    #[error("other groups have it from their survey, and would change with it")]
    Inherited,
    /// `defaults.yaml`.
    #[error("it is a default of the folder, and other surveys have it too")]
    Defaults,
    /// `matrix:`.
    #[error("its document stands for several surveys, and would change all of them")]
    Matrix,
    /// Several blocks.
    #[error("it counts for all marketplaces of the survey")]
    Marketplaces,
    /// `{file: ...}`.
    #[error("its answers are in a file of their own")]
    ListFile,
    /// `49%`.
    #[error("it is a share of completes, which a number would no longer follow")]
    Share,
    /// A comment inside of a list.
    #[error("a comment stands inside of it, which would be lost")]
    Commented,
    /// A text over several lines.
    #[error("it is a text over several lines")]
    Lines,
    /// Everything else.
    #[error("it is laid out in a way that cannot be changed in place")]
    Layout,
    /// Two edits of the same bytes.
    #[error("it stands too close to another value that is written; run again for it")]
    Crowded,
}

/// The files with as many of the wishes as can be written, and what became of each wish, in their order.
pub fn edit(index: &Index, wishes: &[&Wish]) -> (Vec<Edited>, Vec<Result<(), Reason>>) {
    let mut outcomes: Vec<Result<(), Reason>> = vec![Err(Reason::Stale); wishes.len()];
    let mut files: BTreeMap<PathBuf, Vec<(usize, Source)>> = BTreeMap::new();
    for (at, wish) in wishes.iter().enumerate() {
        if let Some(source) = index.source_of(&wish.address) {
            let file = files.entry(source.found().real.clone()).or_default();
            file.push((at, source));
        }
    }
    let mut edited = Vec::new();
    for (path, sources) in files {
        let Some((_, first)) = sources.first() else {
            continue;
        };
        let (name, before) = (Arc::clone(&first.found().name), Arc::clone(&first.text));
        let (tree, _) = yaml::parse(&before, yaml::Options { comments: true });
        let mut splices: Vec<Splice> = Vec::new();
        for (at, source) in &sources {
            let root = tree.documents().nth(source.document());
            let same = |(other, there): &&(usize, Source)| {
                there.document() == source.document() && wishes[*other].what == wishes[*at].what
            };
            let alike = sources.iter().filter(same);
            let alike: Vec<&str> = alike.map(|(_, there)| there.place()).collect();
            let made = root.ok_or(Reason::Stale).and_then(|root| {
                let document = Document {
                    tree: &tree,
                    text: &before,
                    root,
                    place: source.place(),
                    alike: &alike,
                    written: &|pointer| source.written(pointer),
                };
                document.splices(&wishes[*at].what)
            });
            outcomes[*at] = made.and_then(|mut made| {
                // What several groups have from their survey is written once.
                made.retain(|new| !splices.contains(new));
                let crowded = made.iter().any(|new| splices.iter().any(|old| old.meets(new)));
                if crowded {
                    return Err(Reason::Crowded);
                }
                splices.extend(made);
                Ok(())
            });
        }
        if !splices.is_empty() {
            let after = spliced(&before, splices);
            edited.push(Edited {
                name,
                path,
                before,
                after,
            });
        }
    }
    (edited, outcomes)
}

impl Document<'_, '_> {
    /// The changes of the text that a wish takes.
    fn splices(&self, what: &What) -> Result<Vec<Splice>, Reason> {
        match what {
            What::Value { pointer, value } => {
                let steps: Vec<Step<'_>> = pointer.split('/').skip(1).map(Step::Key).collect();
                self.value(&self.writable(&steps)?, value)
            }
            What::Qualification(asks) => {
                let steps = [Step::Key("qualifications"), Step::Any(&asks.names)];
                let place = self.writable(&steps)?;
                match asks.answers.is_empty() {
                    true => self.remove(&place),
                    false => self.answers(&place, &asks.answers),
                }
            }
            What::Quota { name, becomes } => {
                let quota = [Step::Key("quotas"), Step::Named(name)];
                let QuotaBecomes::Changed { completes, asks } = becomes else {
                    return self.remove(&self.writable(&quota)?);
                };
                let mut splices = Vec::new();
                let inside = |key| [quota[0], quota[1], Step::Key(key)];
                if let Some(completes) = completes {
                    let place = self.writable(&inside("completes"))?;
                    let share = |text: &str| text.trim_end().ends_with('%');
                    if place.node.scalar().is_some_and(|scalar| share(&scalar.text)) {
                        return Err(Reason::Share);
                    }
                    splices.extend(self.value(&place, &Value::from(*completes))?);
                }
                if let Some(asks) = asks {
                    splices.extend(self.asks(&self.writable(&inside("where"))?, asks)?);
                }
                Ok(splices)
            }
        }
    }
}
