//! The log: torn, lost and doubled segments, interrupted folds, and several writers that die anywhere.

use super::super::fake::{Put, Shaky, entry, info, pair};
use super::*;
use crate::model::{Address, Resource, ResourceKind};
use crate::state::{Keeper, Op, Store};
use futures_util::FutureExt as _;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::{NoContext, Timestamp};

fn document() -> Document {
    Document::new("production", "l".to_owned())
}

fn after(count: u64) -> Document {
    let mut document = document();
    for serial in 1..=count {
        document.apply(&entry(serial).op);
    }
    document
}

/// A state whose log has this many segments of one operation each.
async fn logged(count: u64) -> (RemoteStore, RemoteStore, Arc<Shaky>) {
    let (ours, theirs, shared) = pair();
    ours.checkpoint(&document()).await.unwrap();
    for serial in 1..=count {
        ours.append(&[entry(serial)], &after(serial - 1)).await.unwrap();
    }
    (ours, theirs, shared)
}

impl RemoteStore {
    fn segment(&self, number: u64) -> Path {
        let id = self.last().log.as_ref().unwrap().id.clone();
        self.log(&id).join(segment_name(number))
    }

    async fn bytes(&self, place: &Path) -> Vec<u8> {
        self.store
            .get(place)
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
            .to_vec()
    }

    async fn overwrite(&self, place: &Path, bytes: &[u8]) {
        let payload = PutPayload::from(bytes.to_vec());
        self.store.put(place, payload).await.unwrap();
    }
}

/// What is wrong with a state that is refused.
async fn problem(store: &RemoteStore) -> String {
    match store.load().await {
        Err(StateError::Damaged {
            problem,
            good_copy: Some(_),
            ..
        }) => problem,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_torn_or_spoilt_segment_is_an_error_that_names_it() {
    let (ours, theirs, _) = logged(3).await;
    for number in 1..=3 {
        let place = ours.segment(number);
        let good = ours.bytes(&place).await;
        for cut in 0..good.len() {
            ours.overwrite(&place, &good[..cut]).await;
            let said = problem(&theirs).await;
            assert!(said.starts_with(&format!("{place}: ")), "{said}");
        }
        for at in 0..good.len() {
            let mut spoilt = good.clone();
            spoilt[at] ^= 1;
            ours.overwrite(&place, &spoilt).await;
            let said = problem(&theirs).await;
            assert!(said.starts_with(&format!("{place}: ")), "{said}");
        }
        ours.overwrite(&place, &[&good[..], b"{}\n"].concat()).await;
        assert!(problem(&theirs).await.ends_with("it is cut off"));
        ours.overwrite(&place, &good).await;
    }
    assert_eq!(theirs.load().await.unwrap(), Some(after(3)));
}

#[tokio::test]
async fn a_segment_is_packed_and_one_that_is_not_is_read_as_well() {
    let (ours, theirs, _) = logged(1).await;
    let log = ours.last().log.clone().unwrap();
    let entries: Vec<Entry> = (2..=40).map(entry).collect();
    let segment = Segment {
        log: Cow::Borrowed(&log.id),
        number: 2,
        after: Cow::Borrowed(&log.after),
        by: Cow::Borrowed("an earlier version"),
        entries: Cow::Borrowed(&entries),
    };
    let plain = serde_json::to_vec(&segment).unwrap();
    let sum = hex::sha256(&plain, 16);
    assert!(
        segment.to_bytes().0.len() < plain.len() / 3,
        "{}",
        segment.to_bytes().0.len()
    );
    let written = [&plain[..], b"\n", sum.as_bytes(), b"\n"].concat();
    ours.overwrite(&ours.segment(2), &written).await;
    assert_eq!(theirs.load().await.unwrap(), Some(after(40)));
    // One after the other goes on from it.
    theirs.append(&[entry(41)], &after(40)).await.unwrap();
    assert_eq!(ours.load().await.unwrap(), Some(after(41)));
}

#[tokio::test]
async fn a_lost_segment_is_a_gap_that_is_named() {
    for lost in 1..=2 {
        let (ours, theirs, _) = logged(3).await;
        let place = ours.segment(lost);
        ours.store.delete(&place).await.unwrap();
        let there = ours.segment(lost + 1);
        assert_eq!(
            problem(&theirs).await,
            format!("{place} is missing, and {there} is there")
        );
    }
}

#[tokio::test]
async fn a_segment_under_two_numbers_is_not_applied_twice() {
    let (ours, theirs, _) = logged(2).await;
    let (second, third) = (ours.segment(2), ours.segment(3));
    let bytes = ours.bytes(&second).await;
    ours.overwrite(&third, &bytes).await;
    let said = problem(&theirs).await;
    assert_eq!(said, format!("{third}: it does not follow the segment before it"));
    // The same for one that follows something else, and for one that leaves an operation out.
    let log = ours.last().log.clone().unwrap();
    for (after, serial, said) in [
        ("else", 3, "it does not follow the segment before it"),
        (&*log.after, 4, "operation 4 follows operation 2"),
    ] {
        let entries = [entry(serial)];
        let segment = Segment {
            log: Cow::Borrowed(&log.id),
            number: 3,
            after: Cow::Borrowed(after),
            by: Cow::Borrowed("somebody"),
            entries: Cow::Borrowed(&entries),
        };
        ours.overwrite(&third, &segment.to_bytes().0).await;
        assert_eq!(problem(&theirs).await, format!("{third}: {said}"));
    }
}

#[tokio::test]
async fn a_segment_whose_answer_was_lost_is_known_as_our_own_and_somebody_elses_is_not() {
    let (ours, theirs, shared) = logged(1).await;
    shared.puts.lock().unwrap().push_back(Put::LosesAnswer);
    ours.append(&[entry(2)], &after(1)).await.unwrap();
    let read = theirs.load().await.unwrap().unwrap();
    assert_eq!(read, after(2));
    // The same operations by somebody else are somebody else's.
    theirs.append(&[entry(3)], &read).await.unwrap();
    let error = ours.append(&[entry(3)], &after(2)).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
}

#[tokio::test]
async fn a_commit_of_nothing_is_no_seal() {
    let (ours, theirs, shared) = logged(1).await;
    let before = shared.written.lock().unwrap().len();
    ours.append(&[], &after(1)).await.unwrap();
    assert_eq!(shared.written.lock().unwrap().len(), before);
    ours.append(&[entry(2)], &after(1)).await.unwrap();
    assert_eq!(theirs.load().await.unwrap(), Some(after(2)));
}

#[tokio::test]
async fn a_fold_that_is_cut_off_anywhere_leaves_the_same_state() {
    // The seal, then the document; each before it is stored and after it.
    for works in 0..2 {
        for dies in [Put::DiesBefore, Put::DiesAfter, Put::Fails, Put::LosesAnswer] {
            let (ours, theirs, shared) = logged(2).await;
            let puts = std::iter::repeat_n(Put::Works, works).chain([dies]);
            shared.puts.lock().unwrap().extend(puts);
            let _ = ours.checkpoint(&after(2)).now_or_never();
            shared.puts.lock().unwrap().clear();
            let read = theirs.load().await.unwrap().unwrap();
            assert_eq!(read, after(2), "{works} {dies:?}");
            theirs.append(&[entry(3)], &read).await.unwrap();
            theirs.checkpoint(&after(3)).await.unwrap();
            assert_eq!(theirs.load().await.unwrap(), Some(after(3)), "{works} {dies:?}");
        }
    }
}

#[tokio::test]
async fn a_fold_never_leaves_out_what_somebody_else_added() {
    let (ours, theirs, _) = logged(1).await;
    let read = theirs.load().await.unwrap().unwrap();
    theirs.append(&[entry(2)], &read).await.unwrap();
    let error = ours.checkpoint(&after(1)).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
    assert_eq!(theirs.load().await.unwrap(), Some(after(2)));
    // And nothing is added to what was folded.
    let slow = ours.again();
    let read = slow.load().await.unwrap().unwrap();
    theirs.checkpoint(&after(2)).await.unwrap();
    let error = slow.append(&[entry(3)], &read).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
    assert_eq!(theirs.load().await.unwrap(), Some(after(2)));
}

#[tokio::test]
async fn a_document_of_an_older_version_is_kept_as_a_copy_and_then_refused_by_that_version() {
    let (ours, theirs, shared) = pair();
    let place = ours.object(DOCUMENT);
    ours.overwrite(&place, &document().to_bytes()).await;
    // Looking changes nothing.
    let read = ours.load().await.unwrap().unwrap();
    assert_eq!(ours.bytes(&place).await, document().to_bytes());
    shared.written.lock().unwrap().clear();
    ours.append(&[entry(1)], &read).await.unwrap();
    assert_eq!(
        *shared.written.lock().unwrap(),
        [PREVIOUS, DOCUMENT, "00000001.json"]
    );
    assert_eq!(ours.bytes(&ours.object(PREVIOUS)).await, document().to_bytes());
    let now = ours.bytes(&place).await;
    assert!(now.starts_with(b"{\n\"format\": \"infield.state/2\""));
    assert_eq!(Document::parse(&now), Err(DocumentError::BesideLog));
    assert_eq!(theirs.load().await.unwrap(), Some(after(1)));
    // An older version that read it before writes on condition, and finds it changed.
    let (old, newer, _) = pair();
    old.overwrite(&place, &document().to_bytes()).await;
    let (_, version) = old.read(DOCUMENT).await.unwrap().unwrap();
    let read = newer.load().await.unwrap().unwrap();
    newer.append(&[entry(1)], &read).await.unwrap();
    let error = old
        .write(DOCUMENT, &after(1).to_bytes(), Some(version))
        .await
        .unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
}

#[tokio::test]
async fn a_document_that_does_not_name_its_log_is_damaged() {
    let (ours, theirs, _) = logged(1).await;
    let place = ours.object(DOCUMENT);
    let text = String::from_utf8(ours.bytes(&place).await).unwrap();
    let nameless = text.replace("\"log\"", "\"lot\"");
    ours.overwrite(&place, nameless.as_bytes()).await;
    assert_eq!(problem(&theirs).await, "it does not say which log is its own");
    ours.store.delete(&place).await.unwrap();
    ours.store.delete(&ours.object(PREVIOUS)).await.unwrap();
    let error = theirs.load().await.unwrap_err().to_string();
    assert!(error.contains("memory://acme/production/log is there"), "{error}");
}

#[tokio::test]
async fn the_whole_state_before_a_document_put_in_its_place_is_the_copy() {
    let (ours, theirs, _) = logged(2).await;
    theirs.load().await.unwrap();
    theirs.checkpoint(&after(7)).await.unwrap();
    assert_eq!(ours.bytes(&ours.object(PREVIOUS)).await, after(2).to_bytes());
    assert_eq!(ours.load().await.unwrap(), Some(after(7)));
}

#[tokio::test]
async fn logs_that_were_folded_are_removed_later_and_never_the_newest() {
    let (ours, _, _) = logged(1).await;
    let began = |seconds: u64| Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0)).to_string();
    let old: Vec<String> = (1..=6).map(began).collect();
    for id in &old {
        for number in 1..=2 {
            ours.overwrite(&ours.log(id).join(segment_name(number)), b"x")
                .await;
        }
    }
    ours.checkpoint(&after(1)).await.unwrap();
    let left = ours
        .store
        .list_with_delimiter(Some(&ours.object(LOG)))
        .await
        .unwrap();
    let left: Vec<&str> = left.common_prefixes.iter().filter_map(Path::filename).collect();
    assert_eq!(left.len(), KEPT);
    assert_eq!(
        left[..3],
        old[3..],
        "the newest of them, and the one that was just folded"
    );
}

fn put(name: &str, bytes: usize) -> Op {
    Op::Put {
        address: Address::survey(name),
        resource: Box::new(Resource {
            vendor: crate::marketplace::PURESPECTRUM,
            kind: ResourceKind::Survey(Box::default()),
            id: "7".repeat(bytes),
        }),
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_uploaded_grows_with_what_changed() {
    const SURVEY: usize = 2_700;
    let (ours, theirs, shared) = pair();
    let open = async |store: RemoteStore| {
        let store = Arc::new(store);
        Keeper::open_locked(store, "production", "l".to_owned(), &info("ada@one"))
            .await
            .unwrap()
    };
    let uploaded = || shared.uploaded.swap(0, Ordering::SeqCst);
    // A first apply of a thousand surveys: four commits for each, one after the other.
    let keeper = open(ours).await;
    for number in 0..1_000 {
        for _ in 0..4 {
            keeper
                .commit(vec![put(&format!("s-{number}"), SURVEY)])
                .await
                .unwrap();
        }
    }
    keeper.close().await.unwrap();
    let first = uploaded();
    assert!(first < 30_000_000, "{first}");
    // One survey of them later: its segment, the copy and the document.
    let keeper = open(theirs).await;
    let document = keeper.document().await.to_bytes().len() as u64;
    assert!(document > 2_700_000);
    uploaded();
    keeper.commit(vec![put("s-7", SURVEY)]).await.unwrap();
    let commit = uploaded();
    assert!(commit < document + 10_000, "the copy and a segment: {commit}");
    keeper.commit(vec![put("s-7", SURVEY)]).await.unwrap();
    let commit = uploaded();
    assert!(commit < 10_000, "a segment: {commit}");
    keeper.close().await.unwrap();
    let fold = uploaded();
    assert!(fold < document + 10_000, "a seal and the document: {fold}");
}

/// Chance that is the same everywhere (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % end
    }
}

/// A process with the state as it knows it.
struct Process {
    store: RemoteStore,
    document: Document,
}

/// Some processes that mind no lock, whose writes fail, lose their answers or are their last ones. Whatever was confirmed
/// stays, nothing is applied twice, and what is written at once is kept as a whole or not at all.
async fn world(seed: u64) {
    let mut chance = Chance(seed);
    let (first, _, shared) = pair();
    match seed % 2 {
        0 => first.checkpoint(&document()).await.unwrap(),
        _ => {
            first
                .overwrite(&first.object(DOCUMENT), &document().to_bytes())
                .await;
        }
    }
    let mut processes: [Option<Process>; 3] = [None, None, None];
    let mut confirmed: BTreeSet<String> = BTreeSet::new();
    let mut together: Vec<Vec<String>> = Vec::new();
    for step in 0..60 {
        let process = &mut processes[usize::try_from(chance.below(3)).unwrap()];
        let Some(running) = process else {
            let store = RemoteStore {
                writer: format!("writer {step}"),
                ..first.again()
            };
            let document = store.load().await.unwrap().unwrap();
            *process = Some(Process { store, document });
            continue;
        };
        for _ in 0..chance.below(4) {
            let trouble = match chance.below(16) {
                0 => Put::Fails,
                1 => Put::LosesAnswer,
                2 => Put::DiesBefore,
                3 => Put::DiesAfter,
                _ => Put::Works,
            };
            shared.puts.lock().unwrap().push_back(trouble);
        }
        let mut names = Vec::new();
        let done = match chance.below(4) {
            0 => running.store.checkpoint(&running.document).now_or_never(),
            _ => {
                names.extend((0..=chance.below(3)).map(|n| format!("s-{step}-{n}")));
                let serials = running.document.serial + 1..;
                let entries: Vec<Entry> = names
                    .iter()
                    .zip(serials)
                    .map(|(name, serial)| Entry {
                        serial,
                        op: put(name, 1),
                    })
                    .collect();
                let appended = running.store.append(&entries, &running.document).now_or_never();
                for entry in &entries {
                    running.document.apply(&entry.op);
                }
                appended
            }
        };
        shared.puts.lock().unwrap().clear();
        if done == Some(Ok(())) {
            confirmed.extend(names.iter().cloned());
        } else {
            *process = None;
        }
        together.push(names);
        let read = first.again().load().await.unwrap().unwrap();
        let there: BTreeSet<String> = read.resources.keys().map(ToString::to_string).collect();
        assert_eq!(
            read.serial,
            there.len() as u64,
            "seed {seed}, step {step}: each operation counts once"
        );
        let lost: Vec<_> = confirmed.difference(&there).collect();
        assert!(
            lost.is_empty(),
            "seed {seed}, step {step}: {lost:?} was confirmed"
        );
        for names in &together {
            let kept = names.iter().filter(|name| there.contains(*name)).count();
            assert!(
                kept == 0 || kept == names.len(),
                "seed {seed}, step {step}: {names:?}"
            );
        }
    }
    assert!(!confirmed.is_empty(), "seed {seed}");
}

#[tokio::test]
async fn whatever_writers_die_when_what_was_confirmed_stays_and_nothing_counts_twice() {
    for seed in 0..60 {
        world(seed).await;
    }
}

#[tokio::test]
async fn a_log_is_named_later_than_the_one_before_whatever_a_clock_shows() {
    let (ours, theirs, _) = logged(1).await;
    let name = |store: &RemoteStore| store.last().log.as_ref().unwrap().id.clone();
    let theirs = theirs.at_the_time(Arc::new(|| "2020-01-01T00:00:00Z".parse().unwrap()));
    theirs.load().await.unwrap();
    theirs.checkpoint(&after(1)).await.unwrap();
    let (first, second) = (name(&ours), name(&theirs));
    assert!(first < second, "{first} {second}");
    assert_eq!(
        began(&second),
        began(&first).map(|at| at + Duration::from_millis(1))
    );
    // A clock that is right is followed.
    let theirs = theirs.at_the_time(Arc::new(|| "2030-01-01T00:00:00Z".parse().unwrap()));
    theirs.checkpoint(&after(1)).await.unwrap();
    assert_eq!(began(&name(&theirs)), Some(Duration::from_secs(1_893_456_000)));
}
