use super::*;
use crate::model::{Address, Intent, SurveySpec};
use crate::state::Op;

mod place;

fn folder() -> (tempfile::TempDir, LocalStore) {
    let dir = tempfile::tempdir().unwrap();
    let path = Utf8PathBuf::from_path_buf(dir.path().join("state")).unwrap();
    (dir, LocalStore::new(path))
}

fn entry(serial: u64) -> Entry {
    Entry {
        serial,
        op: Op::Remove {
            address: Address::survey(format!("s{serial}")),
        },
    }
}

fn opened(id: &str) -> Entry {
    let intent = Intent {
        continues: false,
        address: Address::survey("s"),
        vendor: crate::marketplace::PURESPECTRUM,
        step: "s:create".to_owned(),
        at: "2026-11-21T00:00:00Z".to_owned(),
        vendor_at: None,
        call: "POST /surveys".to_owned(),
        body: None,
        wanted: SurveySpec::default(),
        hidden: Vec::new(),
        group: None,
        former: Vec::new(),
    };
    Entry {
        serial: 2,
        op: Op::OpenIntent {
            id: id.to_owned(),
            intent: Box::new(intent),
        },
    }
}

fn closed(id: &str) -> Entry {
    Entry {
        serial: 3,
        op: Op::CloseIntent { id: id.to_owned() },
    }
}

fn fresh(store: &LocalStore) -> Document {
    let document = Document::new("sandbox", "lineage".to_owned());
    store.checkpoint_now(&document).unwrap();
    document
}

#[test]
fn appended_operations_are_read_back_and_a_torn_line_is_not() {
    let (_dir, store) = folder();
    assert_eq!(store.load_now().unwrap(), None);
    fresh(&store);
    store.append_now(&[entry(1), entry(2)]).unwrap();
    assert_eq!(store.load_now().unwrap().unwrap().serial, 2);
    // A crash in the middle of the next write; the next run opens the store anew.
    let store = LocalStore::new(store.folder);
    let mut file = OpenOptions::new().append(true).open(store.journal()).unwrap();
    file.write_all(b"{\"entry\":{\"serial\":3").unwrap();
    assert_eq!(store.load_now().unwrap().unwrap().serial, 2);
    store.append_now(&[entry(3)]).unwrap();
    assert_eq!(store.load_now().unwrap().unwrap().serial, 3);
}

#[test]
fn every_cut_of_the_files_is_read_as_an_earlier_state_or_refused() {
    let (_dir, store) = folder();
    let mut document = fresh(&store);
    store.append_now(&[entry(1), entry(2), entry(3)]).unwrap();
    let journal = fs::read(store.journal()).unwrap();
    for cut in 0..=journal.len() {
        fs::write(store.journal(), &journal[..cut]).unwrap();
        let whole_lines = journal[..cut].iter().filter(|byte| **byte == b'\n').count() as u64;
        assert_eq!(
            store.load_now().unwrap().unwrap().serial,
            whole_lines,
            "cut at {cut}"
        );
    }
    document.serial = 3;
    store.checkpoint_now(&document).unwrap();
    let bytes = fs::read(store.document()).unwrap();
    for cut in 0..bytes.len() - 2 {
        fs::write(store.document(), &bytes[..cut]).unwrap();
        let error = store.load_now().unwrap_err();
        assert!(
            matches!(
                error,
                StateError::Damaged {
                    good_copy: Some(_),
                    ..
                }
            ),
            "cut at {cut}: {error}"
        );
    }
}

#[test]
fn a_damaged_line_in_the_middle_is_not_skipped() {
    let (_dir, store) = folder();
    fresh(&store);
    store.append_now(&[entry(1), entry(2)]).unwrap();
    let text = fs::read_to_string(store.journal())
        .unwrap()
        .replacen("s1", "s9", 1);
    fs::write(store.journal(), text).unwrap();
    assert!(matches!(store.load_now(), Err(StateError::Damaged { .. })));
}

#[test]
fn a_missing_document_with_traces_is_never_a_fresh_start() {
    let (_dir, store) = folder();
    let document = fresh(&store);
    store.append_now(&[entry(1)]).unwrap();
    fs::remove_file(store.document()).unwrap();
    assert!(matches!(store.load_now(), Err(StateError::Damaged { .. })));
    store.checkpoint_now(&document).unwrap();
    store.checkpoint_now(&document).unwrap();
    fs::remove_file(store.document()).unwrap();
    fs::remove_file(store.journal()).unwrap();
    assert!(matches!(
        store.load_now(),
        Err(StateError::Damaged {
            good_copy: Some(_),
            ..
        })
    ));
}

/// The journal's lines of these entries.
fn lines(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let line = Line {
            entry: entry.clone(),
            sum: checksum(entry),
        };
        serde_json::to_string(&line).unwrap() + "\n"
    };
    entries.iter().map(line).collect()
}

#[test]
fn operations_that_do_not_follow_each_other_are_damage() {
    let (_dir, store) = folder();
    fresh(&store);
    for (entries, problem) in [
        (vec![entry(1), entry(3)], "operation 3 follows operation 1"),
        (vec![entry(2)], "operation 2 follows operation 0"),
    ] {
        fs::write(store.journal(), lines(&entries)).unwrap();
        let error = store.load_now().unwrap_err();
        let StateError::Damaged {
            place, problem: told, ..
        } = &error
        else {
            panic!("{error}");
        };
        assert_eq!(
            (place.as_str(), told.as_str()),
            (store.journal().as_str(), problem)
        );
    }
}

#[test]
fn what_is_folded_into_the_document_is_not_applied_again() {
    let (_dir, store) = folder();
    let mut document = fresh(&store);
    // The document was written, and the journal could not be emptied.
    let entries = [entry(1), opened("i"), closed("i"), entry(4)];
    for entry in &entries[..3] {
        document.apply(&entry.op);
    }
    store.checkpoint_now(&document).unwrap();
    fs::write(store.journal(), lines(&entries)).unwrap();
    document.apply(&entries[3].op);
    assert_eq!(store.load_now().unwrap(), Some(document));
    // Also where all of it is folded.
    fs::write(store.journal(), lines(&entries[..2])).unwrap();
    let found = store.load_now().unwrap().unwrap();
    assert_eq!((found.serial, found.intents.len()), (3, 0));
}

#[test]
fn a_line_that_lost_only_its_end_was_never_confirmed() {
    let (_dir, store) = folder();
    fresh(&store);
    let text = lines(&[entry(1), entry(2)]);
    fs::write(store.journal(), text.trim_end()).unwrap();
    assert_eq!(store.load_now().unwrap().unwrap().serial, 1);
}

#[test]
fn a_damaged_line_is_told_by_its_number() {
    let (_dir, store) = folder();
    fresh(&store);
    let good = lines(&[entry(1)]);
    for (bad, problem) in [
        (
            lines(&[entry(2)]).replacen("s2", "s9", 1),
            "line 2: its checksum does not match",
        ),
        ("{}\n".to_owned(), "line 2: missing field"),
    ] {
        fs::write(store.journal(), format!("{good}{bad}")).unwrap();
        let error = store.load_now().unwrap_err().to_string();
        assert!(error.contains(problem), "{error}");
        assert!(error.contains("journal.jsonl"), "{error}");
    }
}

#[test]
fn a_checkpoint_empties_the_journal_and_keeps_the_document_before_it() {
    let (_dir, store) = folder();
    let before = fresh(&store);
    assert!(!store.previous().exists(), "there was none before");
    store.append_now(&[entry(1)]).unwrap();
    let after = store.load_now().unwrap().unwrap();
    store.checkpoint_now(&after).unwrap();
    assert_eq!(
        fs::read(store.journal()).unwrap(),
        b"",
        "it would grow with every command, and each would read all of it"
    );
    let copy = fs::read(store.previous()).unwrap();
    assert_eq!(Document::parse(&copy).unwrap(), before);
    assert_eq!(store.load_now().unwrap(), Some(after));
    store.append_now(&[entry(2)]).unwrap();
    assert_eq!(store.load_now().unwrap().unwrap().serial, 2);
}

/// A file on a disk that becomes full.
struct FullDisk {
    bytes: Vec<u8>,
    room: usize,
    /// Whether each of the next syncs works; those after them do.
    syncs: std::cell::RefCell<Vec<bool>>,
    cuts: bool,
    cut_to: std::cell::Cell<Option<u64>>,
}

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = bytes.len().min(self.room - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Tail for FullDisk {
    fn sync(&self) -> io::Result<()> {
        match self.syncs.borrow_mut().pop() {
            Some(false) => Err(io::Error::other("the disk is gone")),
            Some(true) | None => Ok(()),
        }
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.cut_to.set(Some(length));
        match self.cuts {
            true => Ok(()),
            false => Err(io::Error::other("the disk is gone")),
        }
    }
}

#[test]
fn an_append_that_fails_is_undone_or_ends_all_appending() {
    let disk = |room: usize, cuts: bool, syncs: &[bool]| FullDisk {
        bytes: b"one\n".to_vec(),
        room,
        syncs: syncs.to_vec().into(),
        cuts,
        cut_to: None.into(),
    };
    for (mut file, works, cut_to, poisoned) in [
        (disk(99, true, &[]), true, None, false),
        (disk(6, true, &[]), false, Some(4), false),
        (disk(6, false, &[]), false, Some(4), true),
        // The last of these is the first.
        (disk(99, true, &[false]), false, Some(4), false),
        (disk(99, true, &[false, false]), false, Some(4), true),
        (disk(6, true, &[false]), false, Some(4), true),
    ] {
        let mut appending = Appending::default();
        let added = appending.add(&mut file, 4, b"two\n");
        assert_eq!(added.is_ok(), works);
        assert_eq!(file.cut_to.get(), cut_to);
        assert_eq!(appending.poisoned, poisoned);
        assert!(!works || file.bytes == b"one\ntwo\n");
    }
}

#[test]
fn nothing_is_appended_behind_a_line_that_could_not_be_cut_off() {
    let (_dir, store) = folder();
    fresh(&store);
    store.append_now(&[entry(1)]).unwrap();
    store.appending.lock().unwrap().poisoned = true;
    let before = fs::read(store.journal()).unwrap();
    let error = store.append_now(&[entry(2)]).unwrap_err();
    assert!(
        error.to_string().contains("an earlier write failed half-way"),
        "{error}"
    );
    assert_eq!(fs::read(store.journal()).unwrap(), before);
}

#[test]
fn a_real_file_is_cut_and_a_folder_that_is_gone_is_not_synced() {
    let (_dir, store) = folder();
    fresh(&store);
    fs::write(store.journal(), "one\ntwo\n").unwrap();
    let file = OpenOptions::new().append(true).open(store.journal()).unwrap();
    file.cut(4).unwrap();
    file.sync().unwrap();
    assert_eq!(fs::read(store.journal()).unwrap(), b"one\n");
    sync_folder(&store.folder).unwrap();
    sync_folder(&store.folder.join("gone")).unwrap_err();
}

/// On a system with a device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_failed_append_to_a_real_file_is_remembered() {
    let (_dir, store) = folder();
    fresh(&store);
    store.append_now(&[entry(1)]).unwrap();
    let kept = store.folder.join("kept");
    fs::rename(store.journal(), &kept).unwrap();
    std::os::unix::fs::symlink("/dev/full", store.journal()).unwrap();
    let error = store.append_now(&[entry(2)]).unwrap_err();
    assert!(
        matches!(error, StateError::Io { doing: "written", .. }),
        "{error}"
    );
    // The disk has room again, but a device cannot be cut: what stands at its end is not known.
    fs::remove_file(store.journal()).unwrap();
    fs::rename(&kept, store.journal()).unwrap();
    store.append_now(&[entry(2)]).unwrap_err();
    assert_eq!(store.load_now().unwrap().unwrap().serial, 1);
    let device = File::open("/dev/full").unwrap();
    device.sync().unwrap_err();
    device.cut(0).unwrap_err();
}

#[test]
fn what_cannot_be_read_or_written_is_told_with_its_place() {
    let (_dir, store) = folder();
    let io = |error: StateError, place: Utf8PathBuf, doing: &str| match &error {
        StateError::Io {
            place: told,
            doing: found,
            ..
        } => assert_eq!((told.as_str(), *found), (place.as_str(), doing)),
        other => panic!("{other}"),
    };
    // Folders stand where files should be.
    fs::create_dir_all(store.document()).unwrap();
    io(store.load_now().unwrap_err(), store.document(), "read");
    fs::remove_dir(store.document()).unwrap();
    fs::create_dir(store.journal()).unwrap();
    io(store.load_now().unwrap_err(), store.journal(), "read");
    io(
        store.append_now(&[entry(1)]).unwrap_err(),
        store.journal(),
        "written",
    );
    fs::create_dir(store.lock_file()).unwrap();
    io(
        store.lock_now(&info("ada@host")).err().unwrap(),
        store.lock_file(),
        "locked",
    );
    io(store.unlock_now().unwrap_err(), store.lock_file(), "locked");
}

#[test]
fn a_document_that_is_not_ours_or_newer_is_no_damage() {
    let (_dir, store) = folder();
    fresh(&store);
    for format in ["infield.state/2", "infield.state/3", "else"] {
        fs::write(store.document(), format!("{{\"format\": {format:?}}}")).unwrap();
        let error = store.load_now().unwrap_err();
        assert!(matches!(error, StateError::Unusable { .. }), "{error}");
    }
    fs::write(store.document(), "{").unwrap();
    for copy in [None, Some("{")] {
        if let Some(copy) = copy {
            fs::write(store.previous(), copy).unwrap();
        }
        let error = store.load_now().unwrap_err();
        assert!(
            matches!(error, StateError::Damaged { good_copy: None, .. }),
            "{error}"
        );
    }
}

fn info(owner: &str) -> LockInfo {
    LockInfo {
        owner: owner.to_owned(),
        pid: 7,
        purpose: "apply".to_owned(),
        since: "2026-11-21T00:00:00Z".to_owned(),
    }
}

#[test]
fn two_locks_exclude_each_other_and_name_the_holder() {
    let (_dir, store) = folder();
    assert_eq!(store.unlock_now().unwrap(), None, "there is not even a folder");
    drop(store.lock_now(&info("somebody.with.a.long.name@host")).unwrap());
    let lock = store.lock_now(&info("ada@host")).unwrap();
    lock.check(Duration::ZERO).unwrap();
    let Err(error) = store.lock_now(&info("bob@host")) else {
        panic!("locked twice")
    };
    assert!(error.is_contention());
    let text = error.to_string();
    let folder = &store.folder;
    assert!(
        text.contains(&format!("{folder} is locked by {}", info("ada@host"))),
        "{text}"
    );
    assert!(store.unlock_now().is_err(), "a live holder keeps its lock");
    drop(lock);
    assert_eq!(store.unlock_now().unwrap(), None, "nobody has it");
    assert!(store.lock_now(&info("bob@host")).is_ok());
    fs::write(store.lock_file(), "{").unwrap();
    let lock = OpenOptions::new().write(true).open(store.lock_file()).unwrap();
    lock.try_lock().unwrap();
    let error = store.lock_now(&info("bob@host")).err().unwrap();
    assert!(
        error.to_string().ends_with("locked by another process"),
        "{error}"
    );
}

#[tokio::test]
async fn a_store_in_a_folder_does_what_a_store_does() {
    let (_dir, store) = folder();
    assert_eq!(Store::place(&store), store.document().as_str());
    assert_eq!(store.load().await.unwrap(), None);
    let lock = store.lock(&info("ada@host")).await.unwrap();
    assert!(store.lock(&info("bob@host")).await.is_err());
    let document = Document::new("sandbox", "lineage".to_owned());
    store.checkpoint(&document).await.unwrap();
    store.append(&[entry(1)], &document).await.unwrap();
    assert_eq!(store.load().await.unwrap().unwrap().serial, 1);
    assert!(store.unlock().await.is_err());
    lock.release().await;
    assert_eq!(store.unlock().await.unwrap(), None);
    assert!(store.lock(&info("bob@host")).await.is_ok());
}
