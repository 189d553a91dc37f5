//! Lost creates at vendors where nothing but its title tells one survey from another.
//!
//! A survey is only created while no other one has its title, so one that has it afterwards is the one. Where the vendor
//! does not even list what there is, a person has to look.

use super::{Outcome, made, settling_for};
use crate::model::{Intent, Known, Level, LiveSurvey, Status};
use crate::vendor::{Reader, Recognition};
use jiff::{SignedDuration, Timestamp};

/// What became of each intent, in their order.
pub(super) async fn recover(
    reader: &Reader,
    intents: &[(&String, &Intent)],
    known: &Known,
    now: Timestamp,
    alone_since: Option<Timestamp>,
) -> Vec<Outcome> {
    let vendor = reader.vendor();
    let level = |intent: &Intent| Level::of(vendor, &intent.address);
    let by_title = |intent: &Intent| reader.recognition(level(intent)) == Recognition::Title;
    let listed = if intents.iter().any(|(_, intent)| by_title(intent)) {
        reader.titled().await.map_err(|error| error.to_string())
    } else {
        Ok(Vec::new())
    };
    let settle = SignedDuration::try_from(reader.lists_settle_after()).unwrap_or(SignedDuration::MAX);
    let outcome = |intent: &Intent| {
        if !by_title(intent) {
            let why = format!("{} lists nothing of this kind; look for it there", vendor.name());
            return Outcome::Undecided { why };
        }
        let all = match &listed {
            Ok(all) => all,
            Err(error) => {
                let why = format!("the vendor's list could not be read: {error}");
                return Outcome::Undecided { why };
            }
        };
        let wait = settle - settling_for(intent.at.parse().ok(), now, alone_since);
        if wait > SignedDuration::ZERO {
            return Outcome::TooSoon { wait };
        }
        let title = intent.wanted.title.value();
        let shared = intents
            .iter()
            .filter(|(_, other)| by_title(other) && other.wanted.title.value() == title)
            .count();
        let same: Vec<&LiveSurvey> = all
            .iter()
            .filter(|live| live.spec.title.value() == title)
            .filter(|live| !known.claims(vendor, level(intent), &live.id))
            .collect();
        decide(intent, &same, shared)
    };
    intents.iter().map(|(_, intent)| outcome(intent)).collect()
}

fn decide(intent: &Intent, same: &[&LiveSurvey], shared: usize) -> Outcome {
    match same {
        [] => Outcome::NotMade,
        [live] if shared > 1 => Outcome::Undecided {
            why: format!("{} could be the one of more than one lost create", live.id),
        },
        [live] if live.status != Some(Status::Draft) => Outcome::Undecided {
            why: format!(
                "{} has the title that was sent, but it is {} already",
                live.id, live.status_text
            ),
        },
        [live] => made(intent, live),
        several => {
            let ids: Vec<&str> = several.iter().map(|live| live.id.as_str()).collect();
            Outcome::Undecided {
                why: format!("{} all have the title that was sent", ids.join(", ")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Field, SurveySpec, VendorId};

    #[test]
    fn only_the_single_draft_of_that_title_is_taken_over() {
        let intent = Intent {
            address: Address::survey("lift"),
            vendor: VendorId::InnovateMr,
            step: "lift:create".to_owned(),
            at: "2026-11-21T08:00:00Z".to_owned(),
            call: "POST /pega/job".to_owned(),
            body: None,
            wanted: SurveySpec {
                title: Field::Set("Lift".to_owned()),
                ..SurveySpec::default()
            },
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
