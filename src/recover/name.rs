//! Lost creates at vendors that find a thing by the name that infield gave it: a title, or a reference.
//!
//! Infield creates a thing only while nothing else has its name. Whatever has the name afterwards is what the create
//! made. Where the vendor does not even list what there is, a person has to look.

use super::outcome::{Announced, Outcome, made, settling_for, undecided};
use super::search::Search;
use crate::marketplace::Sought;
use crate::model::marketplace::Recognition;
use crate::model::{Intent, Known, Level, LiveSurvey, Reading, Status, VendorId};
use jiff::SignedDuration;

/// What became of each intent, in their order.
pub(super) async fn recover<S: Search>(
    vendor: VendorId,
    intents: &[(&String, &Intent)],
    known: &Known,
    reader: &S,
    alone_for: Option<SignedDuration>,
) -> Vec<Outcome> {
    let level = |intent: &Intent| Level::of(vendor, &intent.address);
    let by_name = |intent: &Intent| reader.recognition(level(intent)) == Recognition::Name;
    let parent = |intent: &Intent| {
        let parent = known.resources.get(&intent.address.parent()?)?;
        Some(parent.id.as_str())
    };
    let named: Vec<&Intent> = intents
        .iter()
        .map(|(_, intent)| *intent)
        .filter(|intent| by_name(intent))
        .collect();
    let sought: Vec<Sought<'_>> = named
        .iter()
        .map(|intent| Sought {
            level: level(intent),
            parent: parent(intent),
            wanted: &intent.wanted,
        })
        .collect();
    let found = if sought.is_empty() {
        Vec::new()
    } else {
        reader.name_collisions(&sought).await
    };
    let settle = SignedDuration::try_from(reader.lists_settle_after()).unwrap_or(SignedDuration::MAX);
    let outcome = |intent: &Intent| {
        if !by_name(intent) {
            return undecided(format!(
                "{} lists nothing of this kind; look for it there",
                vendor.name()
            ));
        }
        // What is in nothing is found nowhere, and that proves nothing.
        if level(intent) == Level::Group && parent(intent).is_none() {
            return undecided("what holds it is not in the state, so nobody can look for it there");
        }
        let own = named.iter().position(|other| std::ptr::eq(*other, intent));
        let own = match own.and_then(|index| found.get(index)) {
            Some(Reading::Present(own)) => own,
            Some(Reading::Absent { proof: why } | Reading::Unknown { why }) => {
                return undecided(format!("the vendor's list could not be read: {why}"));
            }
            None => {
                return undecided("the vendor's list could not be read: the reader did not answer for it");
            }
        };
        let settling = settling_for(Announced::of(intent), reader.vendor_now(), alone_for);
        let wait = settle.saturating_sub(settling);
        if wait > SignedDuration::ZERO {
            return Outcome::TooSoon { wait };
        }
        let nobodys = |live: &&LiveSurvey| {
            !known.claims(vendor, level(intent), &live.id) && !known.is_another(&intent.address, &live.id)
        };
        let same: Vec<&LiveSurvey> = own.iter().filter(nobodys).collect();
        // Two lost creates of one name in one place cannot be told apart.
        let place = |intent: &Intent| (level(intent), parent(intent));
        let shared = named
            .iter()
            .zip(&found)
            .filter(|(other, _)| place(other) == place(intent))
            .filter_map(|(_, found)| found.present())
            .filter(|found| {
                same.iter()
                    .any(|live| found.iter().any(|twin| twin.id == live.id))
            })
            .count();
        decide(intent, &same, shared)
    };
    intents.iter().map(|(_, intent)| outcome(intent)).collect()
}

fn decide(intent: &Intent, same: &[&LiveSurvey], shared: usize) -> Outcome {
    match same {
        [] => Outcome::NotMade,
        [live] if shared > 1 => undecided(format!(
            "{} could be the one of more than one lost create",
            live.id
        )),
        [live] if live.status != Some(Status::Draft) => undecided(format!(
            "{} has the name that was sent, but it is {} already",
            live.id, live.status_text
        )),
        [live] => made(intent, live),
        several => {
            let ids: Vec<&str> = several.iter().map(|live| live.id.as_str()).collect();
            undecided(format!("{} all have the name that was sent", ids.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Field, SurveySpec};

    #[test]
    fn only_the_single_draft_of_that_name_is_taken_over() {
        let intent = Intent {
            continues: false,
            address: Address::survey("lift"),
            vendor: crate::marketplace::INNOVATEMR,
            step: "lift:create".to_owned(),
            at: "2026-11-21T08:00:00Z".to_owned(),
            vendor_at: None,
            call: "POST /pega/job".to_owned(),
            body: None,
            wanted: SurveySpec {
                title: Field::Set("Lift".to_owned()),
                ..SurveySpec::default()
            },
            group: None,
            hidden: vec!["/innovatemr/extra".to_owned()],
            former: Vec::new(),
        };
        let job = |status| LiveSurvey {
            id: "7".to_owned(),
            status: Some(status),
            ..LiveSurvey::default()
        };
        let draft = job(Status::Draft);
        let Outcome::Made { resource } = decide(&intent, &[&draft], 1) else {
            panic!("not taken over");
        };
        let survey = resource.survey().unwrap();
        assert!(
            survey.unsure.contains("/innovatemr/extra"),
            "what is not shown is written again"
        );
        assert_eq!(decide(&intent, &[], 1), Outcome::NotMade);
        for (same, shared) in [
            (vec![&draft, &draft], 1),
            (vec![&draft], 2),
            (vec![&job(Status::Live)], 1),
        ] {
            assert!(matches!(
                decide(&intent, &same, shared),
                Outcome::Undecided { .. }
            ));
        }
    }
}
