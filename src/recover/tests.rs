//! What becomes of lost creates, from the intents in the state to what is written into it.

use super::outcome::{Announced, settling_for};
use super::*;
use crate::marketplace::shelf::inventory::{Made, Unread};
use crate::marketplace::{Sought, VendorError};
use crate::model::{
    Field, KnownSurvey, LiveGroup, LiveSurvey, Reading, Resource, ResourceKind, Status, SurveySpec,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::sync::Mutex;
use std::time::Duration;

mod content;
mod groups;
mod names;

/// A survey with the time it was made, where the vendor says.
type Dated = (LiveSurvey, Option<Timestamp>);

/// A vendor with what it would list.
struct Vendor {
    recognition: fn(Level) -> Recognition,
    settle: Duration,
    /// Its own time.
    now: Option<Timestamp>,
    surveys: Made,
    /// What is told apart by its title, with its level and the id of what holds it.
    named: Vec<(Level, Option<&'static str>, LiveSurvey)>,
    /// What is in the list of names and cannot be read.
    unread: Option<Unread>,
    /// The exclusion group that there is.
    group: Option<LiveGroup>,
    broken: bool,
    asked: Mutex<Vec<String>>,
}

impl Vendor {
    fn new(recognition: fn(Level) -> Recognition) -> Self {
        Self {
            recognition,
            settle: Duration::from_secs(60),
            now: Some(at(120)),
            surveys: Vec::new(),
            named: Vec::new(),
            unread: None,
            group: None,
            broken: false,
            asked: Mutex::default(),
        }
    }

    /// One whose surveys are recognised by their content.
    fn by_content(surveys: impl IntoIterator<Item = Dated>) -> Self {
        Self {
            surveys: surveys.into_iter().map(Ok).collect(),
            ..Self::new(|_| Recognition::Content)
        }
    }

    /// One whose surveys are recognised by their name.
    fn by_name(named: impl IntoIterator<Item = (Level, Option<&'static str>, LiveSurvey)>) -> Self {
        Self {
            named: named.into_iter().collect(),
            ..Self::new(|_| Recognition::Name)
        }
    }

    fn ask(&self, what: String) -> Result<(), VendorError> {
        self.asked.lock().unwrap().push(what);
        match self.broken {
            true => Err(VendorError::RateLimited("Vendor")),
            false => Ok(()),
        }
    }
}

impl Search for Vendor {
    fn recognition(&self, level: Level) -> Recognition {
        (self.recognition)(level)
    }

    fn lists_settle_after(&self) -> Duration {
        self.settle
    }

    fn vendor_now(&self) -> Option<Timestamp> {
        self.now
    }

    async fn surveys_since(&self, since: Timestamp) -> Result<Made, VendorError> {
        self.ask(since.to_string())?;
        let recent = |entry: &&Result<Dated, Unread>| {
            let made = entry
                .as_ref()
                .map_or_else(|unread| unread.made, |(_, made)| *made);
            made.is_none_or(|made| made >= since)
        };
        Ok(self.surveys.iter().filter(recent).cloned().collect())
    }

    async fn group(&self, reference: &str) -> Reading<LiveGroup> {
        match self.ask(format!("group {reference}")) {
            Err(error) => error.unknown(),
            Ok(()) => self.group.clone().map_or_else(
                || Reading::Absent {
                    proof: "no group".to_owned(),
                },
                Reading::Present,
            ),
        }
    }

    async fn name_collisions(&self, sought: &[Sought<'_>]) -> Vec<Reading<Vec<LiveSurvey>>> {
        if let Err(error) = self.ask(format!("{} names", sought.len())) {
            return sought.iter().map(|_| error.unknown()).collect();
        }
        let same = |sought: &Sought<'_>| {
            let here = |level: Level, parent: Option<&str>| (level, parent) == (sought.level, sought.parent);
            let named = self.named.iter().filter(|(level, parent, live)| {
                here(*level, *parent) && live.spec.title == sought.wanted.title
            });
            let found = Reading::Present(named.map(|(_, _, live)| live.clone()).collect());
            let unread = self
                .unread
                .iter()
                .find(|unread| unread.could_be(sought.wanted.title.value()));
            unread.map_or(found, |unread| Reading::Unknown {
                why: unread.why.clone(),
            })
        };
        sought.iter().map(same).collect()
    }
}

/// Minutes after the create's intent was written.
fn at(minutes: i64) -> Timestamp {
    "2026-11-21T08:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_mins(minutes)
}

fn spec(title: &str) -> SurveySpec {
    SurveySpec {
        title: Field::Set(title.to_owned()),
        ..SurveySpec::default()
    }
}

fn intent(vendor: VendorId, address: Address, title: &str) -> Intent {
    Intent {
        continues: false,
        step: format!("{address}:create"),
        address,
        vendor,
        at: at(0).to_string(),
        vendor_at: Some(at(0).to_string()),
        call: "POST /surveys".to_owned(),
        body: None,
        wanted: spec(title),
        group: None,
        hidden: Vec::new(),
        former: Vec::new(),
    }
}

fn soda() -> Intent {
    intent(crate::marketplace::PURESPECTRUM, Address::survey("soda"), "Soda")
}

fn draft(id: &str, title: &str) -> LiveSurvey {
    LiveSurvey {
        id: id.to_owned(),
        status: Some(Status::Draft),
        status_text: "draft".to_owned(),
        spec: spec(title),
        ..LiveSurvey::default()
    }
}

fn resource(vendor: VendorId, id: &str, former: &[&str]) -> Resource {
    let survey = KnownSurvey {
        former: former.iter().map(|id| (*id).to_owned()).collect(),
        ..KnownSurvey::default()
    };
    Resource {
        vendor,
        kind: ResourceKind::Survey(Box::new(survey)),
        id: id.to_owned(),
    }
}

fn known(intents: impl IntoIterator<Item = Intent>) -> Known {
    let named = intents.into_iter().enumerate();
    Known {
        intents: named
            .map(|(index, intent)| (format!("i{index}"), intent))
            .collect(),
        ..Known::default()
    }
}

fn readers(vendor: VendorId, reader: Vendor) -> BTreeMap<VendorId, Vendor> {
    BTreeMap::from([(vendor, reader)])
}

/// What became of each intent, by its id, two hours later and alone since an hour.
async fn outcomes(known: &Known, readers: &BTreeMap<VendorId, Vendor>) -> BTreeMap<String, Outcome> {
    let found = recover(known, readers, Some(SignedDuration::from_mins(60))).await;
    assert_eq!(found.len(), known.intents.len(), "one finding an intent");
    for recovery in &found {
        assert_eq!(recovery.address, known.intents[&recovery.intent].address);
    }
    let pairs = found
        .into_iter()
        .map(|recovery| (recovery.intent, recovery.outcome));
    pairs.collect()
}

/// What becomes of a lost create of the survey `soda` at a vendor that lists these.
async fn soda_among(surveys: impl IntoIterator<Item = Dated>) -> Outcome {
    let readers = readers(crate::marketplace::PURESPECTRUM, Vendor::by_content(surveys));
    outcomes(&known([soda()]), &readers).await.remove("i0").unwrap()
}

fn made_id(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Made { resource } => Some(&resource.id),
        _ => None,
    }
}

fn why(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Undecided { why } => why,
        other => panic!("it was decided: {other:?}"),
    }
}

#[tokio::test]
async fn a_create_whose_survey_is_in_the_state_is_settled_without_asking_anybody() {
    let mut known = known([soda()]);
    let address = Address::survey("soda");
    known
        .resources
        .insert(address, resource(crate::marketplace::PURESPECTRUM, "7", &[]));
    // Lists that were not read, or have not settled, do not matter: no vendor is there at all.
    let nobody = BTreeMap::<VendorId, Vendor>::new();
    let found = recover(&known, &nobody, None).await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].outcome, Outcome::Recorded);
    assert_eq!(
        found[0].ops(),
        [Op::CloseIntent { id: "i0".to_owned() }],
        "what is known of the survey stays as it is"
    );
}

#[tokio::test]
async fn the_survey_that_is_to_be_replaced_is_no_sign_of_the_new_one() {
    let mut known = known([Intent {
        former: vec!["7".to_owned()],
        ..soda()
    }]);
    let address = Address::survey("soda");
    known
        .resources
        .insert(address, resource(crate::marketplace::PURESPECTRUM, "7", &[]));
    let mut readers = readers(crate::marketplace::PURESPECTRUM, Vendor::by_content([]));
    assert_eq!(outcomes(&known, &readers).await["i0"], Outcome::NotMade);
    let surveys = &mut readers
        .get_mut(&crate::marketplace::PURESPECTRUM)
        .unwrap()
        .surveys;
    surveys.push(Ok((draft("8", "Soda"), Some(at(0)))));
    assert_eq!(made_id(&outcomes(&known, &readers).await["i0"]), Some("8"));
}

#[test]
fn what_was_found_is_written_down_and_closes_the_intent_unless_it_cannot_be_told() {
    let survey = resource(crate::marketplace::PURESPECTRUM, "7", &[]);
    let put = Op::Put {
        address: Address::survey("soda"),
        resource: Box::new(survey.clone()),
    };
    let close = Op::CloseIntent { id: "i0".to_owned() };
    let made = Outcome::Made {
        resource: Box::new(survey.clone()),
    };
    let wait = SignedDuration::from_secs(30);
    let why = "two of them".to_owned();
    for (outcome, ops, is_open, is_there) in [
        (made, vec![put, close.clone()], false, true),
        (Outcome::NotMade, vec![close.clone()], false, false),
        (Outcome::Recorded, vec![close], false, false),
        (Outcome::TooSoon { wait }, Vec::new(), true, false),
        (Outcome::Undecided { why }, Vec::new(), true, false),
    ] {
        let recovery = Recovery {
            intent: "i0".to_owned(),
            address: Address::survey("soda"),
            outcome,
        };
        assert_eq!(recovery.ops(), ops, "{recovery:?}");
        let mut known = known([soda()]);
        recovery.apply_to(&mut known);
        assert_eq!(known.intents.contains_key("i0"), is_open, "{recovery:?}");
        let found = known.resources.get(&recovery.address);
        assert_eq!(found, is_there.then_some(&survey), "{recovery:?}");
    }
}

#[test]
fn a_finding_says_what_became_of_the_create() {
    let say = |outcome: Outcome| {
        let recovery = Recovery {
            intent: "i0".to_owned(),
            address: Address::survey("soda"),
            outcome,
        };
        recovery.describe()
    };
    let made = say(Outcome::Made {
        resource: Box::new(resource(crate::marketplace::PURESPECTRUM, "7", &[])),
    });
    assert!(made.contains("survey 7") && made.contains("taken over"), "{made}");
    assert!(say(Outcome::NotMade).contains("not carried out"));
    assert!(say(Outcome::Recorded).contains("in the state"));
    let soon = |seconds: i64| {
        say(Outcome::TooSoon {
            wait: SignedDuration::from_millis(seconds * 1000 - 900),
        })
    };
    assert!(soon(61).contains("about 60 s"), "{}", soon(61));
    assert!(soon(1).contains("about 1 s"), "never none at all: {}", soon(1));
    let undecided = say(Outcome::Undecided {
        why: "two of them".to_owned(),
    });
    assert!(undecided.ends_with("cannot be told: two of them"), "{undecided}");
}

#[tokio::test]
async fn what_is_taken_over_is_remembered_as_far_as_it_shows() {
    let mut sent = soda();
    let attributes = [("exclusions", json!([1])), ("device", json!("any"))];
    sent.wanted.attributes = attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Field::Set(value)))
        .collect();
    sent.hidden = vec!["/cpi".to_owned()];
    sent.former = vec!["5".to_owned(), "6".to_owned()];
    let mut live = draft("7", "Soda");
    let device = ("device".to_owned(), Field::Set(json!("any")));
    live.spec.attributes = [device.clone()].into();
    let readers = readers(
        crate::marketplace::PURESPECTRUM,
        Vendor::by_content([(live, Some(at(0)))]),
    );
    let mut known = known([sent.clone()]);
    let mut before = resource(crate::marketplace::PURESPECTRUM, "6", &["5"]);
    if let crate::model::ResourceKind::Survey(survey) = &mut before.kind {
        survey.moved_from = Some(crate::model::Address::survey("cola"));
        survey.replaced.completes = 40;
    }
    known.resources.insert(sent.address.clone(), before);
    let found = outcomes(&known, &readers).await;
    let Outcome::Made { resource } = &found["i0"] else {
        panic!("not taken over: {found:?}");
    };
    assert_eq!(
        (resource.vendor, resource.id.as_str()),
        (crate::marketplace::PURESPECTRUM, "7")
    );
    let survey = resource.survey().unwrap();
    assert_eq!(survey.applied.title, sent.wanted.title);
    assert_eq!(
        survey.applied.attributes,
        BTreeMap::from([device]),
        "what the vendor does not show may never have been written"
    );
    assert_eq!(survey.unsure.iter().collect::<Vec<_>>(), ["/cpi"]);
    assert_eq!(survey.former, ["5", "6"], "they are still to be closed");
    let left = (
        survey.moved_from.as_ref().map(ToString::to_string),
        survey.replaced.completes,
    );
    assert_eq!(
        left,
        (Some("cola".to_owned()), 40),
        "what it stands in for leaves that behind"
    );
    assert!(!survey.in_field);
}

#[tokio::test]
async fn a_vendor_that_cannot_be_asked_leaves_everything_open() {
    let here = crate::marketplace::PURESPECTRUM;
    let nobody = BTreeMap::<VendorId, Vendor>::new();
    for (vendor, name) in [(here, "PureSpectrum"), (crate::marketplace::CINT, "Cint")] {
        let sent = intent(vendor, Address::survey("soda"), "Soda");
        let found = outcomes(&known([sent]), &nobody).await;
        let why = why(&found["i0"]);
        assert!(why.contains(&format!("configures no {name} account")), "{why}");
    }
    let broken = Vendor {
        broken: true,
        ..Vendor::by_content([])
    };
    let found = outcomes(&known([soda()]), &readers(here, broken)).await;
    assert!(
        why(&found["i0"]).contains("surveys could not be read: Vendor"),
        "{found:?}"
    );
    let broken = Vendor {
        broken: true,
        ..Vendor::by_name([])
    };
    let found = outcomes(&known([soda()]), &readers(here, broken)).await;
    assert!(
        why(&found["i0"]).contains("list could not be read: Vendor"),
        "{found:?}"
    );
}

#[tokio::test]
async fn every_vendor_and_kind_of_thing_gets_its_own_finding() {
    // One vendor with all three ways of recognising, beside another.
    let mixed = Vendor {
        surveys: vec![Ok((draft("1", "Job"), Some(at(0))))],
        named: vec![(Level::Container, None, draft("2", "Project"))],
        ..Vendor::new(|level| match level {
            Level::Container => Recognition::Name,
            Level::Group => Recognition::Never,
            Level::Survey => Recognition::Content,
        })
    };
    let readers = BTreeMap::from([
        (crate::marketplace::CINT, mixed),
        (
            crate::marketplace::PURESPECTRUM,
            Vendor::by_content([(draft("3", "Soda"), Some(at(0)))]),
        ),
    ]);
    let cint = |address: Address, title: &str| intent(crate::marketplace::CINT, address, title);
    let known = known([
        cint(Address::group("project", "men"), "Men"),
        soda(),
        cint(Address::survey("project"), "Project"),
    ]);
    let found = outcomes(&known, &readers).await;
    assert!(
        why(&found["i0"]).contains("Cint lists nothing of this kind"),
        "{found:?}"
    );
    assert_eq!(made_id(&found["i1"]), Some("3"));
    assert_eq!(made_id(&found["i2"]), Some("2"));
    let asked = readers[&crate::marketplace::CINT].asked.lock().unwrap();
    assert_eq!(
        *asked,
        ["1 names"],
        "what cannot be found is not looked for, nor by its content"
    );
}

#[test]
fn only_the_vendors_time_is_compared_and_only_with_itself() {
    let announced = |minutes: i64, by_vendor| {
        Some(Announced {
            at: at(minutes),
            by_vendor,
        })
    };
    let mins = |minutes: i64| Some(SignedDuration::from_mins(minutes));
    let settling = |announced, now, alone| settling_for(announced, now, alone).as_secs() / 60;
    assert_eq!(
        settling(None, Some(at(5)), None),
        0,
        "it may have been sent until now"
    );
    assert_eq!(
        settling(None, Some(at(5)), mins(3)),
        3,
        "or until its sender was gone"
    );
    assert_eq!(settling(announced(0, true), Some(at(5)), None), 5);
    assert_eq!(
        settling(announced(0, true), Some(at(90)), mins(0)),
        30,
        "an hour after it at the latest"
    );
    // A machine whose clock is ninety minutes behind, or ahead, has proved nothing by it.
    for minutes in [-90, 90] {
        assert_eq!(settling(announced(minutes, false), Some(at(0)), mins(1)), 1);
        assert_eq!(settling(announced(minutes, false), Some(at(0)), None), 0);
    }
    assert_eq!(
        settling(announced(0, true), None, mins(1)),
        1,
        "nor has one that hears no time"
    );
}
