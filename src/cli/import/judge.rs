//! Whether a plan would have nothing to do after a draft was imported: the manifest is read, and planned against what the
//! vendor showed, before anything is written.

use crate::import::{Found, Verdict};
use crate::manifest;
use crate::model::{
    Address, DesiredSurvey, Known, KnownSurvey, Lexicon, Live, LiveSurvey, Reading, Resource, ResourceKind,
    Status, VendorId,
};
use crate::plan::{self, Choices, GuardRules, Inputs, Marketplaces, NoteKind};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What a draft is judged with.
pub(super) struct Judge<'a> {
    pub(super) environment: &'a str,
    pub(super) markets: &'a dyn Marketplaces,
    pub(super) found: &'a Found,
    /// Names of the groups, in the order in which they were found.
    pub(super) groups: &'a [String],
    pub(super) name: &'a str,
    pub(super) lexicons: &'a BTreeMap<String, Lexicon>,
    /// The file that it will be.
    pub(super) path: PathBuf,
    pub(super) options: manifest::Options,
}

/// A draft that was read.
pub(super) struct Read {
    pub(super) desired: crate::model::Desired,
    /// What is remembered of it once it is imported.
    pub(super) known: Known,
}

impl Judge<'_> {
    fn lives(&self) -> BTreeMap<Address, &LiveSurvey> {
        let groups = self.groups.iter().zip(&self.found.groups);
        let groups = groups.map(|(group, live)| (Address::group(self.name, group), live));
        let survey = (Address::survey(self.name), &self.found.survey);
        std::iter::once(survey).chain(groups).collect()
    }

    /// Reads a text as the manifest.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn read(&self, text: &str) -> Result<Read, Verdict> {
        let loaded = manifest::preview(&self.path, text, &self.options);
        if loaded.has_errors() {
            let errors = loaded.diagnostics.iter().filter(|problem| problem.is_error());
            return Err(Verdict::Refused(
                errors.map(|problem| problem.message.clone()).collect(),
            ));
        }
        let lives = self.lives();
        let mut known = Known::default();
        for (address, survey) in &loaded.desired.surveys {
            let Some(live) = lives.get(address) else {
                return Err(Verdict::Stuck(format!(
                    "a plan would make {address}, which is not there"
                )));
            };
            known
                .resources
                .insert(address.clone(), self.resource(survey, live));
        }
        if let Some(lost) = lives
            .keys()
            .find(|address| !known.resources.contains_key(address))
        {
            return Err(Verdict::Stuck(format!("the manifest would not manage {lost}")));
        }
        Ok(Read {
            desired: loaded.desired,
            known,
        })
    }

    fn resource(&self, survey: &DesiredSurvey, live: &LiveSurvey) -> Resource {
        let market = self.markets.of(survey.vendor);
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
                policy: survey.policy,
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
        let surveys = self.lives().into_iter();
        let vendor: VendorId = self.found.vendor;
        let live = Live {
            surveys: surveys
                .map(|(address, live)| (address, Reading::Present(live.clone())))
                .collect(),
            lexicons: self
                .lexicons
                .iter()
                .map(|(locale, lexicon)| ((vendor, locale.clone()), Reading::Present(lexicon.clone())))
                .collect(),
            as_of: Some(Timestamp::now()),
            ..Live::default()
        };
        let plan = plan::plan(&Inputs {
            environment: self.environment,
            desired: &read.desired,
            known: &read.known,
            live: &live,
            guards: &GuardRules::default(),
            choices: &Choices::default(),
            markets: self.markets,
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
