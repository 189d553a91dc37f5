//! Lost creates of what is told apart by its content.

use super::*;

#[tokio::test]
async fn the_search_begins_before_the_earliest_intent_by_as_much_as_clocks_differ() {
    let early = draft("7", "Soda");
    assert_eq!(
        made_id(&soda_among([(early.clone(), Some(at(-10)))]).await),
        Some("7"),
        "made when our clock was ten minutes ahead"
    );
    assert_eq!(soda_among([(early, Some(at(-11)))]).await, Outcome::NotMade);
    let later = Intent {
        vendor_at: Some(at(30).to_string()),
        ..intent(crate::marketplace::PURESPECTRUM, Address::survey("cola"), "Cola")
    };
    let readers = readers(crate::marketplace::PURESPECTRUM, Vendor::by_content([]));
    outcomes(&known([later, soda()]), &readers).await;
    let asked = readers[&crate::marketplace::PURESPECTRUM].asked.lock().unwrap();
    assert_eq!(*asked, [at(-10).to_string()], "one search for both");
}

#[tokio::test]
async fn a_time_that_no_clock_can_be_taken_off_is_searched_from_the_beginning() {
    let first = Intent {
        vendor_at: Some(Timestamp::MIN.to_string()),
        ..soda()
    };
    let readers = readers(crate::marketplace::PURESPECTRUM, Vendor::by_content([]));
    assert_eq!(outcomes(&known([first]), &readers).await["i0"], Outcome::NotMade);
}

#[tokio::test]
async fn where_one_intent_has_no_time_nothing_is_concluded_about_any() {
    let timeless = Intent {
        at: "yesterday".to_owned(),
        vendor_at: None,
        ..intent(crate::marketplace::PURESPECTRUM, Address::survey("cola"), "Cola")
    };
    let surveys = [(draft("7", "Cola"), Some(at(-60)))];
    let readers = readers(crate::marketplace::PURESPECTRUM, Vendor::by_content(surveys));
    let found = outcomes(&known([soda(), timeless]), &readers).await;
    for outcome in found.values() {
        assert!(why(outcome).contains("does not say when"), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_survey_that_the_state_answers_for_is_nobodys_lost_one() {
    let here = crate::marketplace::PURESPECTRUM;
    let surveys = ["7", "8"].map(|id| (draft(id, "Soda"), Some(at(0))));
    let readers = readers(here, Vendor::by_content(surveys));
    // One is a survey of the state, the other one that a replacement left behind.
    let mut known = known([soda()]);
    let other = Address::survey("cola");
    known.resources.insert(other.clone(), resource(here, "7", &["8"]));
    assert_eq!(outcomes(&known, &readers).await["i0"], Outcome::NotMade);
    known.resources.insert(other.clone(), resource(here, "7", &[]));
    assert_eq!(made_id(&outcomes(&known, &readers).await["i0"]), Some("8"));
    known.resources.insert(other.clone(), resource(here, "9", &["8"]));
    assert_eq!(made_id(&outcomes(&known, &readers).await["i0"]), Some("7"));
    // Ids of another vendor are other ids.
    known
        .resources
        .insert(other, resource(crate::marketplace::CINT, "7", &["8"]));
    assert!(why(&outcomes(&known, &readers).await["i0"]).contains("7, 8"));
}

#[tokio::test]
async fn a_survey_from_another_template_is_not_the_one() {
    let mut other = draft("7", "Soda");
    other.spec.template = Field::Set(21);
    assert_eq!(soda_among([(other, Some(at(0)))]).await, Outcome::NotMade);
}

#[tokio::test]
async fn a_survey_of_no_known_time_may_be_the_one() {
    assert_eq!(
        made_id(&soda_among([(draft("7", "Soda"), None)]).await),
        Some("7")
    );
}

#[tokio::test]
async fn only_a_draft_is_taken_over() {
    for status in [
        None,
        Some(Status::Live),
        Some(Status::Paused),
        Some(Status::Closed),
    ] {
        let live = LiveSurvey {
            status,
            status_text: "elsewhere".to_owned(),
            ..draft("7", "Soda")
        };
        let found = soda_among([(live, Some(at(0)))]).await;
        let why = why(&found);
        assert!(
            why.contains("survey 7") && why.contains("it is elsewhere already"),
            "{why}"
        );
    }
}

#[tokio::test]
async fn of_more_surveys_than_creates_none_is_taken_over() {
    let two = ["7", "8"].map(|id| (draft(id, "Soda"), Some(at(0))));
    let found = soda_among(two).await;
    assert!(why(&found).contains("7, 8 all have the content"), "{found:?}");
}

#[tokio::test]
async fn one_that_is_little_different_leaves_doubt_and_a_strange_one_only_where_there_is_no_exact_one() {
    let edited = |fields: usize| {
        let mut sent = soda();
        let names = ["a", "b", "c"].map(|name| (name.to_owned(), Field::Set(json!(1))));
        sent.wanted.attributes = names.clone().into_iter().collect();
        let exact = LiveSurvey {
            spec: sent.wanted.clone(),
            ..draft("7", "Soda")
        };
        let mut copy = LiveSurvey {
            id: "8".to_owned(),
            ..exact.clone()
        };
        for (name, _) in names.into_iter().take(fields) {
            copy.spec.attributes.insert(name, Field::Set(json!(2)));
        }
        (sent, exact, copy)
    };
    for fields in 1..=3 {
        let (sent, exact, copy) = edited(fields);
        let both = Vendor::by_content([(exact, Some(at(0))), (copy.clone(), Some(at(0)))]);
        let beside = outcomes(
            &known([sent.clone()]),
            &readers(crate::marketplace::PURESPECTRUM, both),
        )
        .await;
        let only = Vendor::by_content([(copy, Some(at(0)))]);
        let alone = outcomes(&known([sent]), &readers(crate::marketplace::PURESPECTRUM, only)).await;
        if fields < 3 {
            for found in [&beside, &alone] {
                assert!(why(&found["i0"]).contains("may have edited it"), "{found:?}");
            }
        } else {
            assert_eq!(made_id(&beside["i0"]), Some("7"));
            assert!(
                why(&alone["i0"]).contains("of other content and not in the state: 8"),
                "{alone:?}"
            );
        }
    }
}

#[tokio::test]
async fn lists_prove_nothing_before_they_have_settled() {
    let known = known([soda()]);
    let after = |now: Option<Timestamp>, alone: Option<i64>| {
        let vendor = Vendor {
            now,
            ..Vendor::by_content([])
        };
        let readers = readers(crate::marketplace::PURESPECTRUM, vendor);
        let known = &known;
        let alone = alone.map(SignedDuration::from_secs);
        async move { recover(known, &readers, alone).await.remove(0).outcome }
    };
    let half = Some(at(0) + SignedDuration::from_secs(20));
    let wait = SignedDuration::from_secs(40);
    assert_eq!(after(half, Some(20)).await, Outcome::TooSoon { wait });
    assert_eq!(after(half, None).await, Outcome::TooSoon { wait });
    assert_eq!(after(None, Some(20)).await, Outcome::TooSoon { wait });
    assert_eq!(after(half, Some(60)).await, Outcome::NotMade);
    assert_eq!(after(Some(at(1)), None).await, Outcome::NotMade);
    assert_eq!(after(Some(at(61)), Some(0)).await, Outcome::NotMade);
}

#[tokio::test]
async fn a_clock_that_goes_wrong_hides_no_survey_and_settles_no_list() {
    // The machine that wrote the intent was two hours behind, or ahead, and the vendor had not told its time.
    for hours in [-2, 2] {
        let sent = Intent {
            at: (at(0) + SignedDuration::from_hours(hours)).to_string(),
            vendor_at: None,
            ..soda()
        };
        let vendor = || Vendor::by_content([(draft("7", "Soda"), Some(at(0)))]);
        let here = crate::marketplace::PURESPECTRUM;
        let known = known([sent]);
        assert_eq!(
            made_id(&outcomes(&known, &readers(here, vendor())).await["i0"]),
            Some("7")
        );
        let soon = recover(&known, &readers(here, vendor()), Some(SignedDuration::ZERO)).await;
        assert!(matches!(soon[0].outcome, Outcome::TooSoon { .. }), "{soon:?}");
    }
}

#[tokio::test]
async fn what_a_person_has_said_to_be_another_is_not_the_one() {
    let here = crate::marketplace::PURESPECTRUM;
    let mut known = known([soda()]);
    known
        .others
        .insert(Address::survey("soda"), ["7".to_owned()].into());
    let surveys = || ["7"].map(|id| (draft(id, "Soda"), Some(at(0))));
    let found = outcomes(&known, &readers(here, Vendor::by_content(surveys()))).await;
    assert_eq!(found["i0"], Outcome::NotMade);
    known.rename(&[(Address::survey("soda"), Address::survey("cola"))]);
    let found = outcomes(&known, &readers(here, Vendor::by_content(surveys()))).await;
    assert_eq!(found["i0"], Outcome::NotMade, "also under another name");
}

#[tokio::test]
async fn a_survey_of_the_list_that_cannot_be_read_may_be_the_one_unless_its_id_or_its_time_rule_it_out() {
    let here = crate::marketplace::PURESPECTRUM;
    let unread = |made| Unread {
        id: Some("8".to_owned()),
        made,
        why: "an entry of the list cannot be read at /1/ps".to_owned(),
        ..Unread::default()
    };
    let soda_beside = async |unread: Unread, known: &Known| {
        let mut vendor = Vendor::by_content([(draft("7", "Soda"), Some(at(0)))]);
        vendor.surveys.push(Err(unread));
        outcomes(known, &readers(here, vendor)).await["i0"].clone()
    };
    let mut state = known([soda()]);
    for made in [None, Some(at(1))] {
        let outcome = soda_beside(unread(made), &state).await;
        assert!(why(&outcome).contains("cannot be read at /1/ps"), "{outcome:?}");
    }
    let long_after = soda_beside(unread(Some(at(600))), &state).await;
    assert_eq!(made_id(&long_after), Some("7"), "made at another time");
    state
        .resources
        .insert(Address::survey("cola"), resource(here, "8", &[]));
    let ours = soda_beside(unread(None), &state).await;
    assert_eq!(made_id(&ours), Some("7"), "the state answers for it");
}
