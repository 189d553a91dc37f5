//! Lost creates of what is told apart by its name.

use super::*;

/// The state knows the projects `one` and `two`; creates of groups of one name in both were lost.
fn two_groups() -> Known {
    let mut known = known([
        intent(crate::marketplace::CINT, Address::group("one", "men"), "Men"),
        intent(crate::marketplace::CINT, Address::group("two", "men"), "Men"),
    ]);
    for (name, id) in [("one", "p1"), ("two", "p2")] {
        let project = resource(crate::marketplace::CINT, id, &[]);
        known.resources.insert(Address::survey(name), project);
    }
    known
}

#[tokio::test]
async fn something_of_that_name_is_looked_for_in_what_holds_it() {
    let group = |parent, id: &str| (Level::Group, Some(parent), draft(id, "Men"));
    // Ids count within what holds them, so that both are called 7.
    let vendor = Vendor::by_name([group("p1", "7"), group("p2", "7")]);
    let found = outcomes(&two_groups(), &readers(crate::marketplace::CINT, vendor)).await;
    for id in ["i0", "i1"] {
        assert_eq!(made_id(&found[id]), Some("7"), "{found:?}");
    }
    let vendor = Vendor::by_name([group("p2", "7")]);
    let found = outcomes(&two_groups(), &readers(crate::marketplace::CINT, vendor)).await;
    assert_eq!(found["i0"], Outcome::NotMade);
    assert_eq!(made_id(&found["i1"]), Some("7"));
}

#[tokio::test]
async fn what_is_in_something_that_the_state_does_not_know_is_not_concluded_about() {
    let mut known = two_groups();
    known.resources.remove(&Address::survey("one"));
    let found = outcomes(&known, &readers(crate::marketplace::CINT, Vendor::by_name([]))).await;
    assert!(
        why(&found["i0"]).contains("what holds it is not in the state"),
        "{found:?}"
    );
    assert_eq!(found["i1"], Outcome::NotMade);
}

#[tokio::test]
async fn two_lost_creates_of_one_name_cannot_be_told_apart() {
    let project = |name: &str| intent(crate::marketplace::CINT, Address::survey(name), "Soda");
    let known = known([project("one"), project("two")]);
    let soda = (Level::Container, None, draft("7", "Soda"));
    let found = outcomes(
        &known,
        &readers(crate::marketplace::CINT, Vendor::by_name([soda])),
    )
    .await;
    for outcome in found.values() {
        assert!(
            why(outcome).contains("7 could be the one of more than one"),
            "{outcome:?}"
        );
    }
}

#[tokio::test]
async fn a_group_and_what_holds_others_share_no_ids() {
    let mut known = two_groups();
    known.intents.remove("i1");
    let project = intent(crate::marketplace::CINT, Address::survey("three"), "Three");
    known.intents.insert("i1".to_owned(), project);
    // A project of the state has the id that the group has among groups.
    let claimed = resource(crate::marketplace::CINT, "7", &[]);
    known.resources.insert(Address::survey("four"), claimed);
    let vendor = Vendor::by_name([
        (Level::Group, Some("p1"), draft("7", "Men")),
        (Level::Container, None, draft("7", "Three")),
    ]);
    let found = outcomes(&known, &readers(crate::marketplace::CINT, vendor)).await;
    assert_eq!(made_id(&found["i0"]), Some("7"));
    assert_eq!(found["i1"], Outcome::NotMade, "it is the project `four`");
    // Nor does a group that is in nothing known stand where projects do.
    known.resources.remove(&Address::survey("four"));
    let lost = intent(crate::marketplace::CINT, Address::group("five", "men"), "Men");
    known.intents.insert("i2".to_owned(), lost);
    let vendor = Vendor::by_name([
        (Level::Group, None, draft("7", "Men")),
        (Level::Container, None, draft("7", "Three")),
    ]);
    let found = outcomes(&known, &readers(crate::marketplace::CINT, vendor)).await;
    assert_eq!(made_id(&found["i1"]), Some("7"));
}

#[tokio::test]
async fn something_of_that_name_that_the_state_answers_for_is_not_the_lost_one() {
    let sent = intent(crate::marketplace::CINT, Address::survey("soda"), "Soda");
    let mut known = known([sent]);
    let other = Address::survey("cola");
    known
        .resources
        .insert(other.clone(), resource(crate::marketplace::CINT, "7", &["8"]));
    let named = |id: &str| (Level::Container, None, draft(id, "Soda"));
    for (ids, made) in [
        (vec!["7", "8"], None),
        (vec!["9"], Some("9")),
        (vec!["8", "9"], Some("9")),
    ] {
        let vendor = Vendor::by_name(ids.iter().map(|id| named(id)));
        let found = outcomes(&known, &readers(crate::marketplace::CINT, vendor)).await;
        assert_eq!(made_id(&found["i0"]), made, "{ids:?}");
        assert_eq!(found["i0"] == Outcome::NotMade, made.is_none(), "{ids:?}");
    }
    known.resources.remove(&other);
    let vendor = Vendor::by_name(["7", "8"].iter().map(|id| named(id)));
    let found = outcomes(&known, &readers(crate::marketplace::CINT, vendor)).await;
    assert!(why(&found["i0"]).contains("7, 8 all have the name"), "{found:?}");
}

#[tokio::test]
async fn a_name_proves_nothing_either_before_lists_have_settled() {
    let sent = intent(crate::marketplace::CINT, Address::survey("soda"), "Soda");
    let soda = (Level::Container, None, draft("7", "Soda"));
    let half = Vendor {
        now: Some(at(0) + SignedDuration::from_secs(20)),
        ..Vendor::by_name([soda])
    };
    let readers = readers(crate::marketplace::CINT, half);
    let known = known([sent]);
    let after = |seconds| Some(SignedDuration::from_secs(seconds));
    let found = recover(&known, &readers, after(20)).await.remove(0);
    let wait = SignedDuration::from_secs(40);
    assert_eq!(found.outcome, Outcome::TooSoon { wait });
    let found = recover(&known, &readers, after(60)).await.remove(0);
    assert_eq!(made_id(&found.outcome), Some("7"));
}

#[tokio::test]
async fn lost_creates_of_different_names_have_nothing_to_do_with_each_other() {
    let project = |name: &str| intent(crate::marketplace::CINT, Address::survey(name), name);
    let vendor = Vendor::by_name([
        (Level::Container, None, draft("7", "one")),
        (Level::Container, None, draft("8", "two")),
    ]);
    let known = known([project("one"), project("two")]);
    let found = outcomes(&known, &readers(crate::marketplace::CINT, vendor)).await;
    assert_eq!(made_id(&found["i0"]), Some("7"));
    assert_eq!(made_id(&found["i1"]), Some("8"));
}

#[tokio::test]
async fn nothing_is_asked_where_nothing_can_be_found() {
    let vendor = Vendor::new(|_| Recognition::Never);
    let readers = readers(crate::marketplace::CINT, vendor);
    let found = outcomes(&two_groups(), &readers).await;
    for outcome in found.values() {
        assert!(why(outcome).contains("lists nothing of this kind"), "{outcome:?}");
    }
    let asked = readers[&crate::marketplace::CINT].asked.lock().unwrap();
    assert_eq!(*asked, [""; 0]);
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_leaves_open_only_what_it_could_be() {
    let here = crate::marketplace::INNOVATEMR;
    let job = |name: &str, title: &str| intent(here, Address::survey(name), title);
    for (name, open) in [(Some("Soda"), ["i0"].as_slice()), (None, &["i0", "i1"])] {
        let mut vendor = Vendor::by_name([]);
        vendor.unread = Some(Unread {
            name: name.map(str::to_owned),
            why: "an entry of the list cannot be read at /jobs/3".to_owned(),
            ..Unread::default()
        });
        let known = known([job("soda", "Soda"), job("cola", "Cola")]);
        for (id, outcome) in outcomes(&known, &readers(here, vendor)).await {
            if open.contains(&id.as_str()) {
                assert!(
                    why(&outcome).contains("cannot be read at /jobs/3"),
                    "{id}: {outcome:?}"
                );
            } else {
                assert_eq!(outcome, Outcome::NotMade, "{id}");
            }
        }
    }
}
