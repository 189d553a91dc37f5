//! Whether a plan would have nothing to do after a draft was imported: the manifest is read, and planned against what the
//! vendor showed, before anything is written.

use crate::import::{Found, Problem, Verdict};
use crate::manifest;
use crate::model::{
    Address, DesiredSurvey, Known, KnownSurvey, Lexicon, Live, LiveSurvey, Reading, Resource, ResourceKind,
    Status,
};
use crate::plan::{self, Choices, GuardRules, Inputs, Marketplaces, NoteKind};
use crate::text::pointer::below;
use crate::yaml::{self, Node};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Where a manifest would be.
pub(super) struct Case<'a> {
    pub(super) environment: &'a str,
    pub(super) markets: &'a dyn Marketplaces,
    /// The file that it will be.
    pub(super) path: PathBuf,
    pub(super) options: manifest::Options,
}

/// What drafts of one survey are checked with.
pub(super) struct ImportCheck<'a> {
    case: Case<'a>,
    /// What the vendor showed of the survey and its groups.
    live: Live,
    lexicons: &'a BTreeMap<String, Lexicon>,
}

/// A draft that was read.
pub(super) struct Read {
    pub(super) desired: crate::model::Desired,
    /// What is remembered of it once it is imported.
    pub(super) known: Known,
}

impl<'a> ImportCheck<'a> {
    /// A check of the manifests that a survey may get, at this time.
    pub(super) fn new(
        case: Case<'a>,
        found: &Found,
        name: &str,
        groups: &[String],
        lexicons: &'a BTreeMap<String, Lexicon>,
        now: Timestamp,
    ) -> Self {
        let groups = groups.iter().zip(&found.groups);
        let groups = groups.map(|(group, live)| (Address::group(name, group), live));
        let surveys = std::iter::once((Address::survey(name), &found.survey)).chain(groups);
        let live = Live {
            surveys: surveys
                .map(|(address, live)| (address, Reading::Present(live.clone())))
                .collect(),
            lexicons: lexicons
                .iter()
                .map(|(locale, lexicon)| ((found.vendor, locale.clone()), Reading::Present(lexicon.clone())))
                .collect(),
            as_of: Some(now),
            ..Live::default()
        };
        Self { case, live, lexicons }
    }

    /// Reads a text as the manifest.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(&self, text: &str) -> Result<Read, Verdict> {
        let loaded = manifest::preview(&self.case.path, text, &self.case.options);
        if loaded.has_errors() {
            let (tree, _) = yaml::parse(text, yaml::Options::default());
            let draft = tree.documents().next();
            let errors = loaded.diagnostics.iter().filter(|problem| problem.is_error());
            let problems = errors.map(|problem| Problem {
                message: problem.message.clone(),
                place: match (draft, &problem.primary) {
                    (Some(draft), Some(label)) => place(draft, label.span.start),
                    _ => String::new(),
                },
            });
            return Err(Verdict::Refused(problems.collect()));
        }
        let mut known = Known::default();
        for (address, survey) in &loaded.desired.surveys {
            let Some(live) = self.live.surveys.get(address).and_then(Reading::present) else {
                return Err(Verdict::Stuck(format!(
                    "a plan would make {address}, which is not there"
                )));
            };
            known
                .resources
                .insert(address.clone(), self.resource(survey, live));
        }
        let mut lives = self.live.surveys.keys();
        if let Some(lost) = lives.find(|address| !known.resources.contains_key(address)) {
            return Err(Verdict::Stuck(format!("the manifest would not manage {lost}")));
        }
        Ok(Read {
            desired: loaded.desired,
            known,
        })
    }

    fn resource(&self, survey: &DesiredSurvey, live: &LiveSurvey) -> Resource {
        let market = self.case.markets.of(survey.vendor);
        let lexicon = survey
            .spec
            .locale
            .value()
            .and_then(|locale| self.lexicons.get(locale));
        let resolved = lexicon.and_then(|lexicon| market.resolve(&survey.spec, lexicon).ok());
        Resource {
            vendor: survey.vendor,
            id: live.id.clone(),
            kind: ResourceKind::Survey(Box::new(KnownSurvey {
                applied: resolved.unwrap_or_else(|| survey.spec.clone()),
                in_field: live.status == Some(Status::Live),
                policy: survey.policy.clone(),
                links: live.links.clone(),
                ..KnownSurvey::default()
            })),
        }
    }

    /// What a plan would do after the import.
    pub(super) fn verdict(&self, text: &str) -> Verdict {
        let read = match self.read(text) {
            Ok(read) => read,
            Err(verdict) => return verdict,
        };
        let plan = plan::plan(&Inputs {
            environment: self.case.environment,
            desired: &read.desired,
            known: &read.known,
            live: &self.live,
            guards: &GuardRules::default(),
            choices: &Choices::default(),
            markets: self.case.markets,
        });
        let mut changes = Vec::new();
        for step in &plan.steps {
            for change in &step.changes {
                let why = format!(
                    "a plan would change it from {} to {}",
                    change.before, change.after
                );
                changes.push((step.address.clone(), change.path.clone(), why));
            }
            if step.changes.is_empty() {
                return Verdict::Stuck(format!("a plan would {} it: {}", step.action, step.reason));
            }
        }
        for note in &plan.notes {
            if matches!(
                note.kind,
                NoteKind::Blocked | NoteKind::Refused | NoteKind::Unsupported
            ) {
                match &note.path {
                    Some(path) => changes.push((note.address.clone(), path.clone(), note.message.clone())),
                    None => return Verdict::Stuck(note.message.clone()),
                }
            }
        }
        if changes.is_empty() {
            Verdict::Settled
        } else {
            Verdict::Changes(changes)
        }
    }
}

/// The innermost value of a document that a byte belongs to, as a pointer; a key belongs to its value.
fn place(document: Node<'_, '_>, byte: u32) -> String {
    let mut pointer = String::new();
    let mut node = document;
    loop {
        let entries = node.entries().iter().map(|entry| {
            let value = node.of(entry);
            let end = entry.key_span.end.max(value.span().end);
            (entry.key.to_string(), entry.key_span.start..end, value)
        });
        let items = node.items().enumerate().map(|(index, item)| {
            let span = item.span();
            (index.to_string(), span.start..span.end, item)
        });
        let Some((key, _, inner)) = entries.chain(items).find(|(_, bytes, _)| bytes.contains(&byte)) else {
            return pointer;
        };
        pointer = below(&pointer, key);
        node = inner;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_of_a_draft_has_the_place_of_the_innermost_value_around_it() {
        let text =
            "title: x\nquotas:\n  - name: men\n    where: {age: 18-34}\n  - name: women\nlive_url: nowhere\n";
        let (tree, problems) = yaml::parse(text, yaml::Options::default());
        assert!(problems.is_empty());
        let document = tree.documents().next().unwrap();
        for (what, pointer) in [
            ("title", "/title"),
            ("x\n", "/title"),
            ("quotas", "/quotas"),
            ("men", "/quotas/0/name"),
            ("age", "/quotas/0/where/age"),
            ("18", "/quotas/0/where/age"),
            ("women", "/quotas/1/name"),
            ("nowhere", "/live_url"),
        ] {
            let byte = u32::try_from(text.find(what).unwrap()).unwrap();
            assert_eq!(place(document, byte), pointer, "{what}");
        }
    }
}
