//! The document: written on condition, with the last good copy beside it.

use super::fake::{Put, entry, info, pair};
use super::*;

fn document() -> Document {
    Document::new("production", "l".to_owned())
}

fn after(document: &Document, count: u64) -> Document {
    let mut after = document.clone();
    for serial in 1..=count {
        after.apply(&entry(serial).op);
    }
    after
}

/// What somebody else writes past every condition.
async fn overwrite(store: &RemoteStore, name: &str, bytes: &[u8]) {
    let payload = PutPayload::from(bytes.to_vec());
    store.store.put(&store.object(name), payload).await.unwrap();
}

#[tokio::test]
async fn what_somebody_else_wrote_is_never_overwritten() {
    let (ours, theirs, _) = pair();
    assert_eq!(ours.load().await.unwrap(), None);
    ours.checkpoint(&document()).await.unwrap();
    let read = theirs.load().await.unwrap().unwrap();
    theirs.append(&[entry(1)], &read).await.unwrap();
    let error = ours.append(&[entry(1), entry(2)], &document()).await.unwrap_err();
    assert!(matches!(error, StateError::Moved { .. }), "{error}");
    assert_eq!(ours.load().await.unwrap().unwrap().serial, 1);
}

#[tokio::test]
async fn two_starts_from_nothing_exclude_each_other() {
    let (ours, theirs, _) = pair();
    assert_eq!(ours.load().await.unwrap(), None);
    assert_eq!(theirs.load().await.unwrap(), None);
    ours.checkpoint(&Document::new("production", "one".to_owned()))
        .await
        .unwrap();
    let error = theirs
        .checkpoint(&Document::new("production", "two".to_owned()))
        .await
        .unwrap_err();
    assert!(error.is_contention(), "{error}");
}

#[tokio::test]
async fn operations_are_stored_behind_the_document_and_read_back() {
    let (ours, theirs, _) = pair();
    ours.checkpoint(&document()).await.unwrap();
    ours.append(&[entry(1), entry(2)], &document()).await.unwrap();
    let read = theirs.load().await.unwrap().unwrap();
    assert_eq!(read, after(&document(), 2));
    theirs.append(&[entry(3)], &read).await.unwrap();
    assert_eq!(ours.load().await.unwrap().unwrap().serial, 3);
}

#[tokio::test]
async fn a_missing_document_with_a_copy_is_never_a_fresh_start() {
    let (ours, theirs, _) = pair();
    ours.checkpoint(&document()).await.unwrap();
    ours.append(&[entry(1)], &document()).await.unwrap();
    ours.store.delete(&ours.object(DOCUMENT)).await.unwrap();
    let error = theirs.load().await.unwrap_err();
    let copy = "memory://acme/production/state.previous.json";
    assert_eq!(
        error,
        StateError::Damaged {
            place: "memory://acme/production/state.json".to_owned(),
            problem: format!("it is missing although there was one: {copy} is there"),
            good_copy: Some(copy.to_owned()),
        }
    );
}

#[tokio::test]
async fn a_missing_document_beside_a_ledger_is_never_a_fresh_start() {
    let (ours, theirs, _) = pair();
    crate::state::Ledgers::append(&ours, "l/purespectrum-1", b"one\n")
        .await
        .unwrap();
    let error = theirs.load().await.unwrap_err().to_string();
    assert!(
        error.contains("memory://acme/production/reconciled is there"),
        "{error}"
    );
}

#[tokio::test]
async fn a_missing_document_beside_a_stop_mark_is_never_a_fresh_start() {
    let (ours, theirs, _) = pair();
    overwrite(&ours, stops::MARK, b"{}").await;
    let error = theirs.load().await.unwrap_err().to_string();
    assert!(
        error.contains("memory://acme/production/stop.json is there"),
        "{error}"
    );
}

#[tokio::test]
async fn a_document_that_cannot_be_trusted_is_named_with_its_copy_only_where_that_is_good() {
    let (ours, theirs, _) = pair();
    overwrite(&ours, DOCUMENT, b"{").await;
    let good_copy = |error: StateError| match error {
        StateError::Damaged { good_copy, .. } => good_copy.is_some(),
        other => panic!("{other}"),
    };
    assert!(!good_copy(theirs.load().await.unwrap_err()), "there is none");
    overwrite(&ours, PREVIOUS, b"{").await;
    assert!(
        !good_copy(theirs.load().await.unwrap_err()),
        "it is damaged as well"
    );
    overwrite(&ours, PREVIOUS, &document().to_bytes()).await;
    assert!(good_copy(theirs.load().await.unwrap_err()));
    for format in ["infield.state/3", "else"] {
        let bytes = format!("{{\"format\": {format:?}}}");
        overwrite(&ours, DOCUMENT, bytes.as_bytes()).await;
        let error = theirs.load().await.unwrap_err();
        assert!(matches!(error, StateError::Unusable { .. }), "{error}");
        assert!(error.to_string().contains(format), "{error}");
    }
}

#[tokio::test]
async fn a_start_from_nothing_is_only_believed_where_the_store_says_so() {
    let (ours, theirs, store) = pair();
    // The document, then the copy, then the stop mark could not be read.
    for reads in [vec![false], vec![true, false], vec![true, true, false]] {
        *store.reads.lock().unwrap() = reads.into();
        let error = ours.load().await.unwrap_err();
        assert!(
            matches!(&error, StateError::Io { doing: "read", place, problem }
                if place == "memory://acme/production" && problem.contains("connection reset")),
            "{error}"
        );
    }
    // What was read before it was removed is not held against the next write.
    ours.checkpoint(&document()).await.unwrap();
    theirs.load().await.unwrap();
    ours.store.delete(&ours.object(DOCUMENT)).await.unwrap();
    assert_eq!(theirs.load().await.unwrap(), None);
    theirs.checkpoint(&document()).await.unwrap();
    assert_eq!(ours.load().await.unwrap(), Some(document()));
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_known_as_our_own() {
    let (ours, _, store) = pair();
    store.puts.lock().unwrap().push_back(Put::LosesAnswer);
    ours.checkpoint(&document()).await.unwrap();
    let lost = [Put::Works, Put::LosesAnswer];
    store.puts.lock().unwrap().extend(lost);
    ours.append(&[entry(1)], &document()).await.unwrap();
    // And it can be followed by another one, which replaces exactly it.
    let first = after(&document(), 1);
    ours.append(&[entry(2)], &first).await.unwrap();
    assert_eq!(ours.load().await.unwrap(), Some(after(&document(), 2)));
}

#[tokio::test]
async fn a_write_that_failed_is_no_write() {
    let (ours, _, store) = pair();
    let is_io = |error: StateError| match error {
        StateError::Io { doing: "written", .. } => {}
        other => panic!("{other}"),
    };
    store.puts.lock().unwrap().push_back(Put::Fails);
    is_io(ours.checkpoint(&document()).await.unwrap_err());
    assert_eq!(ours.load().await.unwrap(), None);
    ours.checkpoint(&document()).await.unwrap();
    // The copy, then the document behind it; then a lost answer that cannot be looked after.
    for puts in [vec![Put::Fails], vec![Put::Works, Put::Fails]] {
        *store.puts.lock().unwrap() = puts.into();
        is_io(ours.append(&[entry(1)], &document()).await.unwrap_err());
    }
    store.puts.lock().unwrap().push_back(Put::LosesAnswer);
    store.reads.lock().unwrap().push_back(false);
    is_io(ours.append(&[entry(1)], &document()).await.unwrap_err());
}

#[tokio::test]
async fn the_last_good_copy_is_the_document_as_it_was_when_the_command_began() {
    let (ours, theirs, store) = pair();
    ours.checkpoint(&document()).await.unwrap();
    assert_eq!(
        *store.written.lock().unwrap(),
        [DOCUMENT],
        "there was none before"
    );
    store.written.lock().unwrap().clear();
    let read = theirs.load().await.unwrap().unwrap();
    theirs.append(&[entry(1)], &read).await.unwrap();
    theirs.append(&[entry(2)], &after(&document(), 1)).await.unwrap();
    assert_eq!(
        *store.written.lock().unwrap(),
        [PREVIOUS, "00000001.json", "00000002.json"]
    );
    let (copy, _) = ours.read(PREVIOUS).await.unwrap().unwrap();
    assert_eq!(Document::parse(&copy).unwrap(), document());
    // The next command copies anew.
    let read = ours.load().await.unwrap().unwrap();
    ours.append(&[entry(3)], &read).await.unwrap();
    let (copy, _) = ours.read(PREVIOUS).await.unwrap().unwrap();
    assert_eq!(Document::parse(&copy).unwrap(), after(&document(), 2));
}

#[tokio::test]
async fn a_state_is_named_by_its_address() {
    let (ours, _, _) = pair();
    assert_eq!(ours.place(), "memory://acme/production/state.json");
    let lock = ours.lock(&info("ada@one")).await.unwrap();
    lock.check(Duration::ZERO).unwrap();
    let error = ours.lock(&info("bob@two")).await.err().unwrap();
    assert!(
        error
            .to_string()
            .contains("memory://acme/production is locked by"),
        "{error}"
    );
}

#[test]
fn an_address_opens_the_store_of_its_cloud() {
    let azure = [
        ("AZURE_STORAGE_ACCOUNT_NAME".to_owned(), "acme".to_owned()),
        ("AZURE_STORAGE_ACCOUNT_KEY".to_owned(), "c2VjcmV0".to_owned()),
    ];
    for (url, shown) in [
        ("s3://acme/production", "AmazonS3(acme)"),
        ("gs://acme/production", "GoogleCloudStorage(acme)"),
        (
            "az://acme/production",
            "MicrosoftAzure { account: acme, container: acme }",
        ),
    ] {
        let store = RemoteStore::open(url, azure.clone()).unwrap();
        assert_eq!(store.store.to_string(), shown);
        assert_eq!(store.place(), format!("{url}/state.json"));
        assert_eq!(
            store.object(DOCUMENT),
            Path::from("production/state.json"),
            "below the folder of the address"
        );
    }
}

#[test]
fn options_reach_the_cloud_they_are_for_and_no_other() {
    // A value that the cloud's client cannot read shows that it was handed one.
    for (url, option) in [
        ("s3://acme/production", "AWS_ALLOW_HTTP"),
        ("gs://acme/production", "GOOGLE_SERVICE_ACCOUNT_KEY"),
        ("az://acme/production", "AZURE_ALLOW_HTTP"),
    ] {
        let open = |name: &str| {
            let key = ("AZURE_STORAGE_ACCOUNT_KEY".to_owned(), "c2VjcmV0".to_owned());
            let account = ("AZURE_STORAGE_ACCOUNT_NAME".to_owned(), "acme".to_owned());
            let odd = (name.to_owned(), "{".to_owned());
            RemoteStore::open(url, [key, account, odd])
        };
        let error = open(option).err().expect(option).to_string();
        assert!(
            error.starts_with(&format!("{url} cannot be used for the state: ")),
            "{error}"
        );
        assert!(open("ELSE_ALLOW_HTTP").is_ok(), "{url}");
    }
    let error = RemoteStore::open("https://example.com/state", [])
        .err()
        .unwrap()
        .to_string();
    assert!(error.ends_with("use s3://, gs://, az:// or file://"), "{error}");
    assert!(RemoteStore::open("memory:///state", []).is_err());
    assert!(RemoteStore::open("nonsense", []).is_err());
}
