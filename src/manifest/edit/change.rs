//! From wishes to the texts that fulfil them.

use super::place::{Document, Step};
use super::splice::{Splice, spliced};
use super::wish::{Edited, QuotaBecomes, Reason, What, Wish};
use crate::manifest::index::{Index, Source};
use crate::yaml;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// The files with as many of the wishes as can be written, and what became of each wish, in their order.
pub fn edit(index: &Index, wishes: &[&Wish]) -> (Vec<Edited>, Vec<Result<(), Reason>>) {
    let mut outcomes: Vec<Result<(), Reason>> = vec![Err(Reason::Stale); wishes.len()];
    let mut files: BTreeMap<PathBuf, Vec<(usize, Source)>> = BTreeMap::new();
    for (at, wish) in wishes.iter().enumerate() {
        if let Some(source) = index.source_of(&wish.address) {
            let file = files.entry(source.found().real.to_path_buf()).or_default();
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
    pub(super) fn splices(&self, what: &What) -> Result<Vec<Splice>, Reason> {
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
