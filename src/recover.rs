//! Settling creates whose outcome is not known: was the survey made, or was it not?
//!
//! A create that may have been carried out is never repeated. Its intent holds what was sent and when; this module
//! looks for a survey that has exactly that content, was made since, and is nobody's yet. Nothing is concluded before
//! the lists had time to settle: until then the right survey may be missing and a copy of it may be there. Then one
//! such survey is adopted, and none at all proves that nothing was made. Everything else is for a person to decide.
//!
//! Creates with the same content are interchangeable: two of them and two surveys are paired in any order.
//!
//! Promises: only readers are used; nothing is written here: `plan` shows what `apply` then records.

use crate::model::{
    Address, Intent, Known, KnownSurvey, LiveSurvey, Resource, ResourceKind, Status, VendorId,
};
use crate::plan::diff::{Memory, diff};
use crate::refresh::Readers;
use crate::state::Op;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How much our clock and the vendor's may differ.
const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// How long after its intent a create may still leave this program: it waits for its turn, and for as long as the
/// vendor asks with 429, several times. Generous, because being wrong makes a survey twice.
const LONGEST_SEND: SignedDuration = SignedDuration::from_hours(1);

/// In how many places a survey may differ from what was sent and still be taken for one that somebody edited since.
const NEARLY: usize = 2;

/// What was found out about one intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// The intent's id.
    pub intent: String,
    /// What it was for.
    pub address: Address,
    /// Whether it happened.
    pub outcome: Outcome,
}

/// Whether a create was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was: this is the survey.
    Made {
        /// What to remember from now on.
        resource: Box<Resource>,
    },
    /// It was not: it may be sent.
    NotMade,
    /// Its answer was recorded; only the intent was left open.
    Recorded,
    /// It cannot be told yet; the lists need this much more time to settle.
    TooSoon {
        /// How long to wait.
        wait: SignedDuration,
    },
    /// It cannot be told; a person has to look.
    Undecided {
        /// Why, for people.
        why: String,
    },
}

impl Recovery {
    /// What to write into the state; nothing where it could not be told.
    pub fn ops(&self) -> Vec<Op> {
        let close = Op::CloseIntent {
            id: self.intent.clone(),
        };
        match &self.outcome {
            Outcome::Made { resource } => {
                vec![
                    Op::Put {
                        address: self.address.clone(),
                        resource: resource.clone(),
                    },
                    close,
                ]
            }
            Outcome::NotMade | Outcome::Recorded => vec![close],
            Outcome::TooSoon { .. } | Outcome::Undecided { .. } => Vec::new(),
        }
    }

    /// Applies the finding to what is known, without writing anything.
    pub fn apply_to(&self, known: &mut Known) {
        match &self.outcome {
            Outcome::Made { resource } => {
                known.resources.insert(self.address.clone(), (**resource).clone());
                known.intents.remove(&self.intent);
            }
            Outcome::NotMade | Outcome::Recorded => drop(known.intents.remove(&self.intent)),
            Outcome::TooSoon { .. } | Outcome::Undecided { .. } => {}
        }
    }

    /// The finding in one line, without the address.
    pub fn describe(&self) -> String {
        match &self.outcome {
            Outcome::Made { resource } => {
                format!(
                    "survey {} is the one whose create lost its answer; it is taken over",
                    resource.id
                )
            }
            Outcome::NotMade => "the create that lost its answer was not carried out".to_owned(),
            Outcome::Recorded => "the create was carried out, and its survey is in the state".to_owned(),
            Outcome::TooSoon { wait } => {
                format!(
                    "whether it was created shows in about {} s",
                    wait.as_secs().max(1)
                )
            }
            Outcome::Undecided { why } => format!("whether it was created cannot be told: {why}"),
        }
    }
}

/// Looks for the outcome of every open intent.
///
/// `alone_since` is when the state was locked: whoever sent those creates cannot send any more since then. Without a
/// lock a create under way cannot be told from a lost one, and the answer is good for showing only.
pub async fn recover(
    known: &Known,
    readers: &Readers,
    now: Timestamp,
    alone_since: Option<Timestamp>,
) -> Vec<Recovery> {
    let mut by_vendor: BTreeMap<VendorId, Vec<(&String, &Intent)>> = BTreeMap::new();
    let mut all = Vec::new();
    for (id, intent) in &known.intents {
        if is_recorded(known, intent) {
            all.push(Recovery {
                intent: id.clone(),
                address: intent.address.clone(),
                outcome: Outcome::Recorded,
            });
        } else {
            by_vendor.entry(intent.vendor).or_default().push((id, intent));
        }
    }
    for (vendor, intents) in by_vendor {
        let outcomes = recover_vendor(vendor, &intents, known, readers, now, alone_since).await;
        all.extend(
            intents
                .into_iter()
                .zip(outcomes)
                .map(|((id, intent), outcome)| Recovery {
                    intent: id.clone(),
                    address: intent.address.clone(),
                    outcome,
                }),
        );
    }
    all
}

/// Whether the survey that the create made is in the state already: a write of both was cut off in between.
fn is_recorded(known: &Known, intent: &Intent) -> bool {
    known
        .resources
        .get(&intent.address)
        .is_some_and(|resource| !intent.former.contains(&resource.id))
}

/// One intent with everything needed to decide about it.
struct Case<'a> {
    intent: &'a Intent,
    /// Until when the lists prove nothing.
    wait: SignedDuration,
    /// Surveys with exactly the content that was sent.
    exact: Vec<&'a LiveSurvey>,
    /// Surveys with almost that content, which somebody may have edited since.
    near: Vec<&'a LiveSurvey>,
}

async fn recover_vendor(
    vendor: VendorId,
    intents: &[(&String, &Intent)],
    known: &Known,
    readers: &Readers,
    now: Timestamp,
    alone_since: Option<Timestamp>,
) -> Vec<Outcome> {
    let undecided = |why: String| vec![Outcome::Undecided { why }; intents.len()];
    let Some(reader) = readers.get(&vendor) else {
        return undecided(format!(
            "this environment configures no {} account",
            vendor.name()
        ));
    };
    let starts: Vec<Option<Timestamp>> = intents.iter().map(|(_, intent)| intent.at.parse().ok()).collect();
    let Some(earliest) = starts.iter().flatten().min() else {
        return undecided("the state does not say when it was sent".to_owned());
    };
    let surveys = match reader.surveys_since(*earliest - CLOCK_SKEW).await {
        Ok(surveys) => surveys,
        Err(error) => return undecided(format!("the list of surveys could not be read: {error}")),
    };
    let ours = ours(known, vendor);
    let settle = SignedDuration::try_from(reader.lists_settle_after()).unwrap_or(SignedDuration::MAX);
    let cases: Vec<Case<'_>> = intents
        .iter()
        .zip(&starts)
        .map(|((_, intent), start)| {
            let since: Vec<&LiveSurvey> = surveys
                .iter()
                .filter(|(live, _)| !ours.contains(live.id.as_str()))
                .filter(|(_, made)| may_be_of(*made, *start, settle))
                .map(|(live, _)| live)
                .collect();
            let with = |differences: std::ops::RangeInclusive<usize>| {
                let fits = |live: &&&LiveSurvey| differences.contains(&distance(intent, live));
                since.iter().filter(fits).copied().collect()
            };
            Case {
                intent,
                wait: settle - settling_for(*start, now, alone_since),
                exact: with(0..=0),
                near: with(1..=NEARLY),
            }
        })
        .collect();
    (0..cases.len()).map(|index| decide(&cases, index)).collect()
}

/// The surveys the state answers for.
fn ours(known: &Known, vendor: VendorId) -> BTreeSet<&str> {
    known
        .resources
        .values()
        .filter(|resource| resource.vendor == vendor)
        .flat_map(|resource| {
            let former = resource
                .survey()
                .into_iter()
                .flat_map(|survey| survey.former.iter());
            std::iter::once(&resource.id).chain(former)
        })
        .map(String::as_str)
        .collect()
}

/// For how long the lists have been settling since the create was sent at the latest. A start that seems to lie ahead,
/// written by a clock that differs a little from ours, counts as now.
fn settling_for(start: Option<Timestamp>, now: Timestamp, alone_since: Option<Timestamp>) -> SignedDuration {
    let sent = match (start, alone_since) {
        (None, None) => now,
        (None, Some(alone)) => alone,
        (Some(start), None) => start,
        (Some(start), Some(alone)) => alone.min(start.saturating_add(LONGEST_SEND).unwrap_or(alone)),
    };
    now.duration_since(sent).max(SignedDuration::ZERO)
}

/// Whether a survey made then can be the one of a create with an intent written at `start`.
fn may_be_of(made: Option<Timestamp>, start: Option<Timestamp>, settle: SignedDuration) -> bool {
    let (Some(made), Some(start)) = (made, start) else {
        return true;
    };
    let latest = LONGEST_SEND.saturating_add(settle).saturating_add(CLOCK_SKEW);
    let age = made.duration_since(start);
    -CLOCK_SKEW <= age && age <= latest
}

/// In how many places a survey differs from what was sent. What a template brought does not count against it.
fn distance(intent: &Intent, live: &LiveSurvey) -> usize {
    let wanted = &intent.wanted;
    if wanted.template.value() != live.spec.template.value() {
        return usize::MAX;
    }
    let found = diff(wanted, Memory::of(intent.vendor, wanted), live);
    found.fields.len() + found.qualifications.len() + found.quotas.len()
}

fn decide(cases: &[Case<'_>], index: usize) -> Outcome {
    let case = &cases[index];
    if case.wait > SignedDuration::ZERO {
        return Outcome::TooSoon { wait: case.wait };
    }
    // Creates of the same content: it does not matter which of them made which survey.
    let alike = |other: &Case<'_>| other.intent.wanted == case.intent.wanted && other.exact == case.exact;
    let place = cases[..index].iter().filter(|other| alike(other)).count();
    let count = cases.iter().filter(|other| alike(other)).count();
    let contested = case.exact.iter().find(|live| {
        // Also by one of the same content, started so far apart that the two do not see the same surveys.
        cases
            .iter()
            .any(|other| !alike(other) && other.exact.iter().any(|theirs| theirs.id == live.id))
    });
    if let Some(live) = contested {
        return Outcome::Undecided {
            why: format!("survey {} could be the one of more than one lost create", live.id),
        };
    }
    if let Some(live) = case.exact.iter().find(|live| live.status != Some(Status::Draft)) {
        return Outcome::Undecided {
            why: format!(
                "survey {} has the content that was sent, but it is {} already",
                live.id, live.status_text
            ),
        };
    }
    // Nearly the content that was sent, and not the one of another create: perhaps ours, edited since.
    let edited: Vec<&LiveSurvey> = case
        .near
        .iter()
        .copied()
        .filter(|live| {
            cases
                .iter()
                .all(|other| other.exact.iter().all(|theirs| theirs.id != live.id))
        })
        .collect();
    if case.exact.len() > count {
        let ids: Vec<&str> = case.exact.iter().map(|live| live.id.as_str()).collect();
        return Outcome::Undecided {
            why: format!("surveys {} all have the content that was sent", ids.join(", ")),
        };
    }
    // Which of them is the one, and which a copy somebody made, cannot be told from their number either.
    if !edited.is_empty() {
        let ids: Vec<&str> = edited.iter().map(|live| live.id.as_str()).collect();
        return Outcome::Undecided {
            why: format!(
                "made since, and little different from what was sent: {}; somebody may have edited it",
                ids.join(", ")
            ),
        };
    }
    match case.exact.get(place) {
        Some(live) => made(case.intent, live),
        None => Outcome::NotMade,
    }
}

fn made(intent: &Intent, live: &LiveSurvey) -> Outcome {
    // What the vendor does not show may never have been written: the next plan writes it again.
    let mut applied = intent.wanted.clone();
    applied
        .attributes
        .retain(|name, _| live.spec.attributes.contains_key(name));
    let survey = KnownSurvey {
        applied,
        unsure: intent.hidden.iter().cloned().collect(),
        former: intent.former.clone(),
        ..KnownSurvey::default()
    };
    Outcome::Made {
        resource: Box::new(Resource {
            vendor: intent.vendor,
            kind: ResourceKind::Survey(Box::new(survey)),
            id: live.id.clone(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Field, SurveySpec};

    fn intent(title: &str) -> Intent {
        Intent {
            address: Address::survey("soda"),
            vendor: VendorId::PureSpectrum,
            step: "soda:create".to_owned(),
            at: "2026-11-21T08:00:00Z".to_owned(),
            call: "POST /surveys".to_owned(),
            body: None,
            wanted: SurveySpec {
                title: Field::Set(title.to_owned()),
                ..SurveySpec::default()
            },
            hidden: Vec::new(),
            former: Vec::new(),
        }
    }

    fn draft(id: &str) -> LiveSurvey {
        LiveSurvey {
            id: id.to_owned(),
            status: Some(Status::Draft),
            ..LiveSurvey::default()
        }
    }

    fn case<'a>(intent: &'a Intent, exact: &[&'a LiveSurvey], near: &[&'a LiveSurvey]) -> Case<'a> {
        Case {
            intent,
            wait: SignedDuration::ZERO,
            exact: exact.to_vec(),
            near: near.to_vec(),
        }
    }

    fn made_id(outcome: &Outcome) -> Option<&str> {
        match outcome {
            Outcome::Made { resource } => Some(&resource.id),
            _ => None,
        }
    }

    #[test]
    fn nothing_is_concluded_before_the_lists_have_settled() {
        let (sent, copy) = (intent("a"), draft("1"));
        let mut early = case(&sent, &[&copy], &[]);
        early.wait = SignedDuration::from_secs(5);
        assert!(matches!(decide(&[early], 0), Outcome::TooSoon { .. }));
        assert_eq!(made_id(&decide(&[case(&sent, &[&copy], &[])], 0)), Some("1"));
        assert_eq!(decide(&[case(&sent, &[], &[])], 0), Outcome::NotMade);
    }

    #[test]
    fn creates_of_one_content_are_paired_and_never_share_a_survey() {
        let (one, two, first, second) = (intent("a"), intent("a"), draft("1"), draft("2"));
        let both = [
            case(&one, &[&first, &second], &[]),
            case(&two, &[&first, &second], &[]),
        ];
        assert_eq!(made_id(&decide(&both, 0)), Some("1"));
        assert_eq!(made_id(&decide(&both, 1)), Some("2"));
        let half = [case(&one, &[&first], &[]), case(&two, &[&first], &[])];
        assert_eq!(made_id(&decide(&half, 0)), Some("1"));
        assert_eq!(decide(&half, 1), Outcome::NotMade);
        let long_ago = [case(&one, &[], &[]), case(&two, &[&second], &[])];
        assert_eq!(decide(&long_ago, 0), Outcome::NotMade);
        assert_eq!(made_id(&decide(&long_ago, 1)), Some("2"));
        let apart = [case(&one, &[&second], &[]), case(&two, &[&first, &second], &[])];
        for index in 0..2 {
            assert!(matches!(decide(&apart, index), Outcome::Undecided { .. }));
        }
    }

    #[test]
    fn a_survey_that_somebody_may_have_edited_is_not_made_again() {
        let (sent, edited) = (intent("a"), draft("1"));
        assert!(matches!(
            decide(&[case(&sent, &[], &[&edited])], 0),
            Outcome::Undecided { .. }
        ));
        // Nor is a copy beside it taken for the one.
        let copy = draft("2");
        assert!(matches!(
            decide(&[case(&sent, &[&copy], &[&edited])], 0),
            Outcome::Undecided { .. }
        ));
        // Unless it is the one of another create.
        let other = intent("b");
        let cases = [case(&sent, &[], &[&edited]), case(&other, &[&edited], &[])];
        assert_eq!(decide(&cases, 0), Outcome::NotMade);
    }

    #[test]
    fn a_survey_made_long_before_or_after_is_not_the_one() {
        let start: Timestamp = "2026-11-21T08:00:00Z".parse().unwrap();
        let fits = |minutes: i64| {
            let made = start + SignedDuration::from_mins(minutes);
            may_be_of(Some(made), Some(start), SignedDuration::ZERO)
        };
        assert!(fits(-9) && fits(0) && fits(69));
        assert!(!fits(-11) && !fits(71));
    }

    #[test]
    fn a_create_may_have_been_sent_until_its_sender_is_gone() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let start = Some(at("2026-11-21T08:00:00Z"));
        let now = at("2026-11-21T08:10:00Z");
        assert_eq!(
            settling_for(start, now, Some(now)),
            SignedDuration::ZERO,
            "429 may have held it back until the moment its sender went"
        );
        let ahead = Some(at("2026-11-21T08:10:01Z"));
        assert_eq!(
            settling_for(ahead, now, None),
            SignedDuration::ZERO,
            "a start ahead of us makes nobody wait longer than a start now"
        );
        let later = at("2026-11-21T10:00:00Z");
        assert_eq!(
            settling_for(start, later, Some(later)),
            SignedDuration::from_hours(1),
            "and not for ever"
        );
    }
}
