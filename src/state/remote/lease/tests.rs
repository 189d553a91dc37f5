use super::super::fake::{Put, info, pair};
use super::*;
use crate::state::Store as _;
use jiff::SignedDuration;
use tokio::time::sleep;

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// Why the state cannot be locked.
async fn refusal(store: &RemoteStore) -> String {
    match store.take_lease(&info("bob@two")).await {
        Ok(_) => panic!("locked twice"),
        Err(error) => {
            assert!(error.is_contention(), "{error}");
            error.to_string()
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_excludes_names_its_holder_and_is_given_back() {
    let (ours, theirs, _) = pair();
    let lock = ours.lock(&info("ada@one")).await.unwrap();
    let why = refusal(&theirs).await;
    assert!(
        why.contains("ada@one") && why.contains("until 2026-11-21T00:02:00Z"),
        "{why}"
    );
    lock.check(Duration::ZERO).unwrap();
    lock.release().await;
    theirs.take_lease(&info("bob@two")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_renewed_for_as_long_as_it_is_held() {
    let (ours, theirs, _) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    for _ in 0..100 {
        sleep(seconds(37)).await;
        lease.check(Duration::ZERO).unwrap();
        refusal(&theirs).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_renews_is_taken_over_after_a_whole_period_and_the_longest_request() {
    let (ours, theirs, _) = pair();
    drop(ours.take_lease(&info("ada@one")).await.unwrap());
    sleep(seconds(119)).await;
    let why = refusal(&theirs).await;
    assert!(
        why.contains("ada@one"),
        "by the store's times it has not run out: {why}"
    );
    sleep(seconds(1)).await;
    let began = Instant::now();
    let taken = theirs.take_lease(&info("bob@two")).await.unwrap();
    assert_eq!(began.elapsed(), LEASE + LONGEST_REQUEST);
    taken.check(LONGEST_REQUEST).unwrap();
    let why = refusal(&ours).await;
    assert!(why.contains("bob@two"), "a full period from now: {why}");
}

/// A clock of the taker that is so much ahead of the others.
fn ahead(store: RemoteStore, by: SignedDuration) -> RemoteStore {
    let now = Arc::clone(&store.now);
    RemoteStore {
        now: Arc::new(move || now() + by),
        ..store
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_is_ahead_or_behind_takes_nothing_that_is_renewed() {
    for by in [-86_400, -130, 130, 86_400] {
        let (ours, theirs, _) = pair();
        let lease = ours.take_lease(&info("ada@one")).await.unwrap();
        let theirs = ahead(theirs, SignedDuration::from_secs(by));
        for _ in 0..10 {
            refusal(&theirs).await;
            sleep(seconds(31)).await;
        }
        lease.check(LONGEST_REQUEST).unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_wakes_while_its_lease_is_being_taken_over_keeps_it() {
    let (ours, theirs, _) = pair();
    let (_, version) = {
        let lease = ours.take_lease(&info("ada@one")).await.unwrap();
        let found = ours.read(LEASE_OBJECT).await.unwrap().unwrap();
        drop(lease);
        found
    };
    sleep(seconds(150)).await;
    let renewed = async {
        sleep(seconds(100)).await;
        let (bytes, _) = ours.read(LEASE_OBJECT).await.unwrap().unwrap();
        let mut lease = LeaseFile::parse(&bytes).unwrap();
        lease.beat += 1;
        ours.write(LEASE_OBJECT, &lease.to_bytes(), Some(version))
            .await
            .unwrap();
    };
    let ((), why) = tokio::join!(renewed, refusal(&theirs));
    assert!(why.contains("ada@one"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn a_machine_that_slept_knows_that_its_lease_ran_out() {
    let (ours, _, _) = pair();
    let asleep = Arc::new(Mutex::new(SignedDuration::ZERO));
    let (slept, now) = (Arc::clone(&asleep), Arc::clone(&ours.now));
    let ours = RemoteStore {
        now: Arc::new(move || now() + *slept.lock().unwrap()),
        ..ours
    };
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    lease.check(LONGEST_REQUEST).unwrap();
    // Tokio's clock stands still meanwhile, as the steady clock of a machine that sleeps.
    *asleep.lock().unwrap() = SignedDuration::from_secs(51);
    lease.check(Duration::ZERO).unwrap();
    lease.check(LONGEST_REQUEST).unwrap_err();
    *asleep.lock().unwrap() = SignedDuration::from_secs(121);
    lease.check(Duration::ZERO).unwrap_err();
    // A clock that is set back makes a lease no longer.
    *asleep.lock().unwrap() = SignedDuration::from_secs(-86_400);
    lease.beat.abort();
    sleep(seconds(51)).await;
    lease.check(LONGEST_REQUEST).unwrap_err();
}

#[tokio::test(start_paused = true)]
async fn whoever_lost_the_lease_finds_out_and_leaves_the_new_one_alone() {
    let (ours, theirs, _) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    assert!(theirs.unlock().await.unwrap().unwrap().contains("ada@one"));
    let taken = theirs.take_lease(&info("bob@two")).await.unwrap();
    sleep(seconds(16)).await;
    let error = lease.check(Duration::ZERO).unwrap_err();
    assert!(error.is_contention(), "{error}");
    assert!(error.to_string().contains("took the lock over"), "{error}");
    Box::new(lease).release().await;
    sleep(seconds(300)).await;
    taken.check(Duration::ZERO).unwrap();
    assert!(
        theirs.read(LEASE_OBJECT).await.unwrap().is_some(),
        "the old holder deleted the new holder's lease"
    );
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_was_taken_away_is_not_put_back() {
    let (ours, theirs, _) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    theirs.unlock().await.unwrap();
    sleep(seconds(16)).await;
    lease.check(Duration::ZERO).unwrap_err();
    assert!(theirs.read(LEASE_OBJECT).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_cannot_renew_stops_when_its_time_is_over() {
    let (ours, theirs, store) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    store.puts.lock().unwrap().extend([Put::Fails; 100]);
    sleep(seconds(50)).await;
    lease.check(LONGEST_REQUEST).unwrap();
    sleep(Duration::from_millis(1)).await;
    lease.check(LONGEST_REQUEST).unwrap_err();
    sleep(seconds(70) - Duration::from_millis(1)).await;
    lease.check(Duration::ZERO).unwrap();
    sleep(Duration::from_millis(1)).await;
    let error = lease.check(Duration::ZERO).unwrap_err();
    assert!(error.is_contention(), "{error}");
    assert!(error.to_string().contains("our lease ran out"), "{error}");
    store.puts.lock().unwrap().clear();
    refusal(&theirs).await;
}

#[tokio::test(start_paused = true)]
async fn a_store_that_comes_back_in_time_costs_nothing() {
    let (ours, theirs, store) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    store.puts.lock().unwrap().extend([Put::Fails; 3]);
    sleep(seconds(100)).await;
    lease.check(Duration::ZERO).unwrap();
    refusal(&theirs).await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_and_its_renewals_are_known_as_our_own_when_their_answers_were_lost() {
    let (ours, theirs, store) = pair();
    store.puts.lock().unwrap().extend([Put::LosesAnswer; 3]);
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    sleep(seconds(100)).await;
    lease.check(Duration::ZERO).unwrap();
    refusal(&theirs).await;
}

#[tokio::test(start_paused = true)]
async fn a_renewal_of_our_own_that_seemed_to_fail_is_not_somebody_elses_lease() {
    let (ours, theirs, store) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    // It is stored, and neither its answer comes back nor can anybody look.
    store.puts.lock().unwrap().push_back(Put::LosesAnswer);
    store.reads.lock().unwrap().push_back(false);
    sleep(seconds(16)).await;
    lease.check(Duration::ZERO).unwrap();
    sleep(seconds(15)).await;
    lease.check(Duration::ZERO).unwrap();
    let why = refusal(&theirs).await;
    assert!(
        why.contains("until 2026-11-21T00:02:30Z"),
        "renewed at once, and not only found: {why}"
    );
    sleep(seconds(300)).await;
    lease.check(Duration::ZERO).unwrap();
}

#[tokio::test(start_paused = true)]
async fn of_two_that_take_over_the_same_lease_one_gets_it() {
    let (ours, theirs, store) = pair();
    drop(ours.take_lease(&info("ada@one")).await.unwrap());
    sleep(seconds(120)).await;
    let rival = LeaseFile {
        id: "rival".to_owned(),
        holder: info("eve@three"),
        expires: ours.lease_end(),
        beat: 0,
    };
    // Both have read the one that ran out; the other one is faster. Our first write is the one that finds it there.
    let (bytes, version) = theirs.read(LEASE_OBJECT).await.unwrap().unwrap();
    assert!(LeaseFile::parse(&bytes).is_some());
    let mine = LeaseFile {
        id: "mine".to_owned(),
        ..rival.clone()
    };
    let faster = async {
        sleep(LEASE + LONGEST_REQUEST - seconds(1)).await;
        let place = theirs.object(LEASE_OBJECT);
        *store.before.lock().unwrap() = Some((place, rival.to_bytes()));
    };
    let ((), error) = tokio::join!(faster, theirs.take_over(&mine));
    let error = error.unwrap_err();
    assert!(error.is_contention(), "{error}");
    assert!(error.to_string().contains("another process"), "{error}");
    let (bytes, found) = theirs.read(LEASE_OBJECT).await.unwrap().unwrap();
    assert_eq!(LeaseFile::parse(&bytes), Some(rival));
    assert_ne!(found, version);
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_given_back_while_we_look_is_left_for_the_next_try() {
    let (ours, _, _) = pair();
    let lease = LeaseFile {
        id: "mine".to_owned(),
        holder: info("ada@one"),
        expires: ours.lease_end(),
        beat: 0,
    };
    let error = ours.take_over(&lease).await.unwrap_err();
    assert!(error.is_contention(), "{error}");
    assert!(ours.read(LEASE_OBJECT).await.unwrap().is_none());
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_can_read_is_taken_over_or_taken_away() {
    let (ours, theirs, store) = pair();
    let rubbish = || async {
        let place = ours.object(LEASE_OBJECT);
        *store.before.lock().unwrap() = Some((place, b"{".to_vec()));
        let _ = ours.write("else", b"", None).await;
    };
    rubbish().await;
    let lease = theirs.take_lease(&info("bob@two")).await.unwrap();
    lease.check(Duration::ZERO).unwrap();
    drop(lease);
    rubbish().await;
    assert_eq!(theirs.unlock().await.unwrap().as_deref(), Some("somebody"));
    assert_eq!(theirs.unlock().await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn unlock_takes_a_lease_away_or_says_why_not() {
    let (ours, theirs, store) = pair();
    assert_eq!(ours.unlock().await.unwrap(), None);
    let _lock = ours.lock(&info("ada@one")).await.unwrap();
    let failed = |gone: bool| match gone {
        true => ObjectError::NotFound {
            path: String::new(),
            source: "gone".into(),
        },
        false => ObjectError::Generic {
            store: "shaky",
            source: "connection reset".into(),
        },
    };
    *store.removal.lock().unwrap() = Some(failed(false));
    let error = theirs.unlock().await.unwrap_err();
    assert!(
        matches!(
            error,
            StateError::Io {
                doing: "unlocked",
                ..
            }
        ),
        "{error}"
    );
    *store.removal.lock().unwrap() = Some(failed(true));
    let holder = theirs.unlock().await.unwrap().unwrap();
    assert!(
        holder.contains("ada@one"),
        "somebody else was faster, which is as good: {holder}"
    );
    theirs.unlock().await.unwrap().unwrap();
    theirs.lock(&info("bob@two")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_cannot_be_written_or_looked_at_is_not_taken() {
    let (ours, theirs, store) = pair();
    for (puts, reads) in [(vec![Put::Fails], vec![]), (vec![Put::LosesAnswer], vec![false])] {
        *store.puts.lock().unwrap() = puts.into();
        *store.reads.lock().unwrap() = reads.into();
        let error = ours.take_lease(&info("ada@one")).await.err().unwrap();
        assert!(
            matches!(error, StateError::Io { doing: "written", .. }),
            "{error}"
        );
    }
    let why = refusal(&theirs).await;
    assert!(why.contains("ada@one"), "the second one was stored: {why}");
    sleep(seconds(120)).await;
    // It ran out, but taking it over fails: neither our lease nor its clock, but what takes the old one's place.
    store
        .puts
        .lock()
        .unwrap()
        .extend([Put::Works, Put::Works, Put::Fails]);
    let error = theirs.take_lease(&info("bob@two")).await.err().unwrap();
    assert!(
        matches!(error, StateError::Io { doing: "written", .. }),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn no_two_renewals_have_the_same_bytes_whatever_the_clock_says() {
    let (ours, _, _) = pair();
    let stopped = (ours.now)();
    let ours = RemoteStore {
        now: Arc::new(move || stopped),
        ..ours
    };
    let _lease = ours.take_lease(&info("ada@one")).await.unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let (bytes, _) = ours.read(LEASE_OBJECT).await.unwrap().unwrap();
        assert!(seen.insert(bytes));
        sleep(seconds(16)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_somebody_takes_while_it_is_given_back_stays_theirs() {
    let (ours, theirs, shared) = pair();
    let lease = ours.take_lease(&info("ada@one")).await.unwrap();
    let taken = LeaseFile {
        id: "theirs".to_owned(),
        holder: info("bob@two"),
        expires: theirs.lease_end(),
        beat: 0,
    };
    *shared.before.lock().unwrap() = Some((theirs.object(LEASE_OBJECT), taken.to_bytes()));
    Box::new(lease).release().await;
    let (bytes, _) = theirs.read(LEASE_OBJECT).await.unwrap().expect("it is there");
    assert_eq!(LeaseFile::parse(&bytes), Some(taken));
}
