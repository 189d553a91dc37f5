//! Lost creates at vendors that give no key to look them up by: drafts are matched by content and time.
//!
//! A survey with exactly the content that was sent is the one that the create made. A survey with other content may be it
//! as well, where it was made since and belongs to nobody: a person or the vendor may have changed it. Then nothing is
//! made again, and a person decides. Only what cannot change rules a survey out: the time it was made at, and the template
//! it was made from.

use super::outcome::{Announced, LONGEST_SEND, Outcome, made, settling_for, undecided};
use super::search::Search;
use crate::model::{Intent, Known, LiveSurvey, Resource, Status, VendorId};
use crate::plan::diff::{Memory, diff};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// The most differences with which a survey still counts as the one that was sent and edited since.
const NEARLY: usize = 2;

/// One intent with everything needed to decide about it.
struct Case<'a> {
    intent: &'a Intent,
    /// Until when the lists prove nothing.
    wait: SignedDuration,
    /// Surveys with exactly the content that was sent.
    exact: Vec<&'a LiveSurvey>,
    /// Surveys with almost that content, which somebody may have edited since.
    near: Vec<&'a LiveSurvey>,
    /// Surveys of any other content, which somebody may have changed altogether.
    other: Vec<&'a LiveSurvey>,
    /// Why nothing can be told of another survey that was made about then and could not be read.
    unread: Option<&'a str>,
}

/// What became of each intent, in their order.
pub(super) async fn recover<S: Search>(
    vendor: VendorId,
    intents: &[(&String, &Intent)],
    known: &Known,
    reader: Option<&S>,
    alone_for: Option<SignedDuration>,
) -> Vec<Outcome> {
    let all = |why: String| vec![undecided(why); intents.len()];
    let Some(reader) = reader else {
        return all(format!(
            "this environment configures no {} account",
            vendor.name()
        ));
    };
    // Where one of them has no time, any survey may be its own, and none can be told to be another's.
    let starts: Option<Vec<Announced>> = intents.iter().map(|(_, intent)| Announced::of(intent)).collect();
    let Some(starts) = starts else {
        return all("the state does not say when it was sent".to_owned());
    };
    let earliest = starts
        .iter()
        .map(|start| start.at.saturating_sub(start.skew()).unwrap_or(Timestamp::MIN));
    let since = earliest.min().unwrap_or(Timestamp::MIN);
    let surveys = match reader.surveys_since(since).await {
        Ok(surveys) => surveys,
        Err(error) => return all(format!("the list of surveys could not be read: {error}")),
    };
    let ours = ours(known, vendor);
    let mut unread = Vec::new();
    let read = surveys
        .into_iter()
        .map(|entry| entry.map_err(|entry| unread.push(entry)));
    let surveys: Vec<(LiveSurvey, Option<Timestamp>)> = read.filter_map(Result::ok).collect();
    unread.retain(|entry| entry.id.as_deref().is_none_or(|id| !ours.contains(id)));
    let settle = SignedDuration::try_from(reader.lists_settle_after()).unwrap_or(SignedDuration::MAX);
    let vendor_now = reader.vendor_now();
    let cases: Vec<Case<'_>> = intents
        .iter()
        .zip(&starts)
        .map(|((_, intent), start)| {
            let since: Vec<&LiveSurvey> = surveys
                .iter()
                .filter(|(live, _)| !ours.contains(live.id.as_str()))
                .filter(|(live, _)| !known.is_another(&intent.address, &live.id))
                .filter(|(_, made)| may_be_of(*made, *start, settle))
                .map(|(live, _)| live)
                .collect();
            let with = |differences: std::ops::RangeInclusive<usize>| {
                let fits =
                    |live: &&&LiveSurvey| distance(intent, live).is_some_and(|n| differences.contains(&n));
                since.iter().filter(fits).copied().collect()
            };
            Case {
                intent,
                wait: settle.saturating_sub(settling_for(Some(*start), vendor_now, alone_for)),
                exact: with(0..=0),
                near: with(1..=NEARLY),
                other: with(1..=usize::MAX),
                unread: unread
                    .iter()
                    .find(|entry| may_be_of(entry.made, *start, settle))
                    .map(|entry| entry.why.as_str()),
            }
        })
        .collect();
    (0..cases.len()).map(|index| decide(&cases, index)).collect()
}

/// The surveys the state answers for.
fn ours(known: &Known, vendor: VendorId) -> BTreeSet<&str> {
    let resources = known.resources.values();
    let ours = resources.filter(|resource| resource.vendor == vendor);
    ours.flat_map(Resource::ids).collect()
}

/// Whether a survey made then can be the one of a create with an intent written at `start`.
fn may_be_of(made: Option<Timestamp>, start: Announced, settle: SignedDuration) -> bool {
    let Some(made) = made else {
        return true; // the vendor does not say when: then the time rules nothing out
    };
    let latest = LONGEST_SEND.saturating_add(settle).saturating_add(start.skew());
    let age = made.duration_since(start.at);
    -start.skew() <= age && age <= latest
}

/// In how many places a survey differs from what was sent; `None` where it was made from another template, which rules it
/// out. What a template brought does not count against it.
fn distance(intent: &Intent, live: &LiveSurvey) -> Option<usize> {
    let wanted = &intent.wanted;
    if wanted.template.value() != live.spec.template.value() {
        return None;
    }
    let found = diff(wanted, Memory::of(intent.vendor, wanted), live);
    Some(found.fields.len() + found.qualifications.len() + found.quotas.len())
}

/// Not the one of another create: perhaps of this one, changed since.
fn nobodys(cases: &[Case<'_>], found: &[&LiveSurvey]) -> Vec<String> {
    let exact = |live: &LiveSurvey| {
        let mut all = cases.iter().flat_map(|case| &case.exact);
        all.any(|theirs| theirs.id == live.id)
    };
    let left = found.iter().filter(|live| !exact(live));
    left.map(|live| live.id.clone()).collect()
}

fn decide(cases: &[Case<'_>], index: usize) -> Outcome {
    let case = &cases[index];
    if case.wait > SignedDuration::ZERO {
        return Outcome::TooSoon { wait: case.wait };
    }
    // It may be the one, or a second one beside it.
    if let Some(why) = case.unread {
        return undecided(format!("one of the surveys made about then may be it: {why}"));
    }
    // Creates of the same content: it does not matter which of them made which survey. One that stays open takes none, so
    // that what is left to the others is not too little, and none of them counts as not made.
    let takes = |other: &Case<'_>| {
        let told = other.wait <= SignedDuration::ZERO && other.unread.is_none();
        told && nobodys(cases, &other.near).is_empty()
    };
    let alike = |other: &Case<'_>| other.intent.wanted == case.intent.wanted && other.exact == case.exact;
    let shares = |other: &&Case<'_>| alike(other) && takes(other);
    let count = cases.iter().filter(shares).count();
    // First take those of which nothing else can be: where somebody may have changed what another one made, that one waits.
    let turn = |at: usize| (!nobodys(cases, &cases[at].other).is_empty(), at);
    let mine = turn(index);
    let before = |at: &usize| shares(&&cases[*at]) && turn(*at) < mine;
    let place = (0..cases.len()).filter(before).count();
    let contested = case.exact.iter().find(|live| {
        // Also by one of the same content, started so far apart that the two do not see the same surveys.
        cases
            .iter()
            .any(|other| !alike(other) && other.exact.iter().any(|theirs| theirs.id == live.id))
    });
    if let Some(live) = contested {
        return undecided(format!(
            "survey {} could be the one of more than one lost create",
            live.id
        ));
    }
    if let Some(live) = case.exact.iter().find(|live| live.status != Some(Status::Draft)) {
        return undecided(format!(
            "survey {} has the content that was sent, but it is {} already",
            live.id, live.status_text
        ));
    }
    // Which is the one, and which a copy that somebody made, cannot be told where there is one of other content, too.
    let edited = nobodys(cases, &case.near);
    if !edited.is_empty() {
        return undecided(format!(
            "made since, and little different from what was sent: {}; somebody may have edited it",
            edited.join(", ")
        ));
    }
    if case.exact.len() > count {
        let ids: Vec<&str> = case.exact.iter().map(|live| live.id.as_str()).collect();
        return undecided(format!(
            "surveys {} all have the content that was sent",
            ids.join(", ")
        ));
    }
    if let Some(live) = case.exact.get(place) {
        return made(case.intent, live);
    }
    let strange = nobodys(cases, &case.other);
    if strange.is_empty() {
        return Outcome::NotMade;
    }
    undecided(format!(
        "made about then, of other content and not in the state: {}; one of them may be it, changed since",
        strange.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Answers, Criterion, Field, Quota, SurveySpec};

    fn intent(title: &str) -> Intent {
        Intent {
            continues: false,
            address: Address::survey("soda"),
            vendor: crate::marketplace::PURESPECTRUM,
            step: "soda:create".to_owned(),
            at: "2026-11-21T08:00:00Z".to_owned(),
            vendor_at: None,
            call: "POST /surveys".to_owned(),
            body: None,
            wanted: SurveySpec {
                title: Field::Set(title.to_owned()),
                ..SurveySpec::default()
            },
            group: None,
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
            other: Vec::new(),
            unread: None,
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
        let other = intent("b");
        let different = [case(&one, &[&first], &[]), case(&other, &[&second], &[])];
        assert_eq!(made_id(&decide(&different, 0)), Some("1"));
        assert_eq!(made_id(&decide(&different, 1)), Some("2"));
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
    fn a_create_that_stays_open_takes_no_survey_from_one_of_the_same_content() {
        let (first, later, edited, found) = (intent("a"), intent("a"), draft("1"), draft("2"));
        // The later one does not see what was made long before it.
        let cases = [case(&first, &[&found], &[&edited]), case(&later, &[&found], &[])];
        assert!(matches!(decide(&cases, 0), Outcome::Undecided { .. }));
        assert_eq!(made_id(&decide(&cases, 1)), Some("2"));
        let unread = Case {
            unread: Some("it could not be read"),
            ..case(&first, &[&found], &[])
        };
        let cases = [unread, case(&later, &[&found], &[])];
        assert!(matches!(decide(&cases, 0), Outcome::Undecided { .. }));
        assert_eq!(made_id(&decide(&cases, 1)), Some("2"));
    }

    #[test]
    fn what_was_made_about_then_and_is_nobodys_is_not_made_again() {
        let (sent, strange, copy) = (intent("a"), draft("1"), draft("2"));
        let with = |exact: &[&'static str]| {
            let exact: Vec<&LiveSurvey> = if exact.is_empty() { Vec::new() } else { vec![&copy] };
            Case {
                other: vec![&strange],
                ..case(&sent, &exact, &[])
            }
        };
        assert!(matches!(decide(&[with(&[])], 0), Outcome::Undecided { .. }));
        assert_eq!(
            made_id(&decide(&[with(&["2"])], 0)),
            Some("2"),
            "the exact one is there"
        );
        let other = intent("b");
        let cases = [with(&[]), case(&other, &[&strange], &[])];
        assert_eq!(
            decide(&cases, 0),
            Outcome::NotMade,
            "it is the one of another create"
        );
    }

    #[test]
    fn what_fits_goes_to_the_one_that_can_have_made_nothing_else() {
        let (first, later, strange, found) = (intent("a"), intent("a"), draft("1"), draft("2"));
        // The first one's was changed altogether; what fits was made by the later one, which does not see the other.
        let long_ago = Case {
            other: vec![&strange],
            ..case(&first, &[&found], &[])
        };
        let cases = [long_ago, case(&later, &[&found], &[])];
        assert!(matches!(decide(&cases, 0), Outcome::Undecided { .. }));
        assert_eq!(made_id(&decide(&cases, 1)), Some("2"));
    }

    #[test]
    fn a_survey_made_long_before_or_after_is_not_the_one() {
        let start = Announced {
            at: "2026-11-21T08:00:00Z".parse().unwrap(),
            by_vendor: true,
        };
        let fits = |minutes: i64| {
            let made = start.at + SignedDuration::from_mins(minutes);
            may_be_of(Some(made), start, SignedDuration::ZERO)
        };
        assert!(fits(-10) && fits(0) && fits(70));
        assert!(!fits(-11) && !fits(71));
        assert!(
            may_be_of(None, start, SignedDuration::ZERO),
            "nobody says when it was made"
        );
    }

    #[test]
    fn a_survey_is_as_far_away_as_it_has_other_fields_questions_and_quotas() {
        let criterion = |question: &str| Criterion {
            question: question.to_owned(),
            unit: None,
            answers: Answers::codes(["1".to_owned()]),
        };
        let mut sent = intent("a");
        sent.wanted.locale = Field::Set("en-US".to_owned());
        sent.wanted.qualifications = Field::Set(vec![criterion("211"), criterion("212")].into());
        let quota = |name: &str| Quota {
            name: name.to_owned(),
            completes: 10,
            criteria: vec![criterion(name)].into(),
        };
        sent.wanted.quotas = Field::Set(vec![quota("men"), quota("women"), quota("old")].into());
        let mut live = draft("1");
        live.spec = SurveySpec {
            quotas: Field::Absent,
            ..sent.wanted.clone()
        };
        live.qualifications = sent.wanted.qualifications.clone();
        assert_eq!(distance(&sent, &live), Some(3), "three quotas");
        live.qualifications = Field::Set(Vec::new().into());
        assert_eq!(distance(&sent, &live), Some(5), "and two questions");
        live.spec.title = Field::Null;
        live.spec.locale = Field::Null;
        assert_eq!(distance(&sent, &live), Some(7), "and two fields");
        live.spec.template = Field::Set(7);
        assert_eq!(distance(&sent, &live), None);
    }
}
